// SPDX-License-Identifier: MIT

#if Containers

internal import CAVFormat
internal import CameraCore

/// The video stream of a movie, from its packets to its pictures.
final class MovieDecoder {
    /// What decoding gives next.
    enum Event {
        case picture(MoviePicture)
        /// A picture that could not be decoded, or not whole.
        case damaged
        case ended
    }

    /// The unit of the pictures' time stamps, in seconds.
    let timeBase: AVRational
    /// The nominal rate; 25, as libavformat has it, for a movie that does not say.
    let frameRate: FrameRate
    /// Whether the format lets time stamps begin anew, as transport streams do.
    let hasDiscontinuities: Bool
    /// How the movie wants its pictures turned; nil when it does not say.
    let orientation: PictureOrientation?
    /// The codec's name in libavcodec.
    let codecName: String
    /// How long the movie says that it is; nil where it does not.
    var duration: Duration? { demuxer.duration }

    private let path: String
    private let libraries: AVLibraries
    private let demuxer: Demuxer
    private let context: UnsafeMutablePointer<AVCodecContext>
    private let packet: UnsafeMutablePointer<AVPacket>
    private let streamIndex: Int32
    /// What ended reading; the pictures in the decoder still come out before it is thrown.
    private var readError: CameraError?

    init(path: String, frameRate wanted: FrameRate?, libraries: AVLibraries) throws(CameraError) {
        self.path = path
        self.libraries = libraries
        demuxer = try Demuxer(path: path, frameRate: wanted, libraries: libraries)
        let stream = try demuxer.selectVideo()
        streamIndex = stream.pointee.index
        timeBase = stream.pointee.time_base
        frameRate = demuxer.frameRate(of: stream)
        hasDiscontinuities = demuxer.context.pointee.iformat.pointee.flags & AVFMT_TS_DISCONT != 0
        orientation = cav_stream_matrix(stream).map { PictureOrientation($0) }
        let functions = libraries.functions
        let codec = stream.pointee.codecpar.pointee.codec_id
        codecName = functions.avcodec_get_name(codec).map { String(cString: $0) } ?? "unknown"
        guard let decoder = functions.avcodec_find_decoder(codec) else {
            throw CameraError(
                .unsupported, "playing the movie", subject: path,
                reason: "the installed libavcodec has no decoder for \(codecName)")
        }
        guard let context = functions.avcodec_alloc_context3(decoder), let packet = functions.av_packet_alloc() else {
            throw CameraError(.system, "playing the movie", subject: path, reason: "no memory is left")
        }
        self.context = context
        self.packet = packet
        // From here on a throw runs deinit.
        try check(functions.avcodec_parameters_to_context(context, stream.pointee.codecpar), "opening the movie")
        context.pointee.pkt_timebase = timeBase
        context.pointee.thread_count = 0
        try check(functions.avcodec_open2(context, decoder, nil), "opening the decoder of the movie")
    }

    deinit {
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        libraries.functions.avcodec_free_context(&context)
        var packet: UnsafeMutablePointer<AVPacket>? = packet
        libraries.functions.av_packet_free(&packet)
    }

    /// Decodes up to the first picture.
    ///
    /// - Returns: The picture and the number of damaged ones before it.
    func firstPicture() throws(CameraError) -> (MoviePicture, damaged: Int) {
        var damaged = 0
        while true {
            switch try next() {
            case .picture(let picture): return (picture, damaged)
            case .damaged: damaged += 1
            case .ended:
                throw CameraError(
                    .corruptData, "playing the movie", subject: path,
                    reason: "no picture of it can be decoded (\(codecName), \(damaged) damaged packets)")
            }
        }
    }

    /// Decodes the next picture.
    ///
    /// - Throws: `.corruptData` when the rest of the file cannot be read, after the last picture before that.
    func next() throws(CameraError) -> Event {
        let functions = libraries.functions
        guard let frame = functions.av_frame_alloc() else {
            throw CameraError(.system, "playing the movie", subject: path, reason: "no memory is left")
        }
        let picture = MoviePicture(frame, libraries)
        while true {
            let code = functions.avcodec_receive_frame(context, frame)
            switch code {
            case 0: return picture.isDamaged ? .damaged : .picture(picture)
            case cav_error_end:
                if let readError { throw readError }
                return .ended
            case cav_error_again:
                if try !feed() { return .damaged }
            default: return .damaged
            }
        }
    }

    /// Gives the decoder a packet, or tells it that there are no more; false when it refused the packet.
    private func feed() throws(CameraError) -> Bool {
        let functions = libraries.functions
        while true {
            let code = functions.av_read_frame(demuxer.context, packet)
            guard code == 0 else {
                if code != cav_error_end {
                    readError = CameraError(
                        .corruptData, "reading the movie", subject: path, reason: libraries.message(code))
                }
                return functions.avcodec_send_packet(context, nil) == 0
            }
            defer { functions.av_packet_unref(packet) }
            guard packet.pointee.stream_index == streamIndex else { continue }
            return functions.avcodec_send_packet(context, packet) == 0
        }
    }

    private func check(_ code: Int32, _ operation: String) throws(CameraError) {
        guard code < 0 else { return }
        throw CameraError(.corruptData, operation, subject: path, reason: libraries.message(code))
    }
}

#endif
