// SPDX-License-Identifier: MIT

#if Containers

internal import CAVFormat
internal import CameraCore

/// A movie file, taken apart into packets by libavformat.
final class Demuxer {
    /// libavformat's own state; valid as long as this object.
    let context: UnsafeMutablePointer<AVFormatContext>
    private let path: String
    private let libraries: AVLibraries

    /// Opens a movie.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - frameRate: The rate of pictures without times, as those of a stream in no container; nil for libavformat's guess.
    ///   - libraries: What opens it.
    /// - Throws: `.corruptData` when it is no movie.
    init(path: String, frameRate: FrameRate?, libraries: AVLibraries) throws(CameraError) {
        self.path = path
        self.libraries = libraries
        let functions = libraries.functions
        // A movie must not make the program open addresses that it names.
        var options: OpaquePointer?
        _ = functions.av_dict_set(&options, "protocol_whitelist", "file", 0)
        // A container has times of its own, and no such option.
        if let frameRate {
            _ = functions.av_dict_set(&options, "framerate", "\(frameRate.numerator)/\(frameRate.denominator)", 0)
        }
        defer { functions.av_dict_free(&options) }
        var context: UnsafeMutablePointer<AVFormatContext>?
        // Without "file:" a name with a colon would be taken for an address.
        let code = "file:\(path)".withFileName { functions.avformat_open_input(&context, $0, nil, &options) }
        guard code == 0, let context else {
            throw CameraError(
                .corruptData, "opening the movie", subject: path,
                reason: "it is no video file that libavformat knows (\(libraries.message(code)))")
        }
        self.context = context
        if let reason = Self.refusal(of: String(cString: context.pointee.iformat.pointee.name)) {
            throw CameraError(.corruptData, "opening the movie", subject: path, reason: reason)
        }
        let found = functions.avformat_find_stream_info(context, nil)
        guard found >= 0 else {
            throw CameraError(.corruptData, "opening the movie", subject: path, reason: libraries.message(found))
        }
    }

    deinit {
        var context: UnsafeMutablePointer<AVFormatContext>? = context
        libraries.functions.avformat_close_input(&context)
    }

    /// Why a file of a format that libavformat reads is not played; nil for one that is.
    private static func refusal(of format: String) -> String? {
        switch format {
        // libavformat draws text files as pictures of a terminal.
        case "tty": "it is text, not video"
        // The files that it names are claimed by nobody: a recording could overwrite what it plays.
        case "concat", "concatf", "dash", "hls", "imf":
            "it is a list of other files (\(format)); play these one by one, or join them with ffmpeg first"
        default: nil
        }
    }

    /// How long the movie says that it is, or libavformat reckons; nil where neither knows.
    var duration: Duration? {
        let microseconds = context.pointee.duration
        return microseconds > 0 ? .microseconds(microseconds) : nil
    }

    /// Finds the main video stream and passes over the packets of all others.
    func selectVideo() throws(CameraError) -> UnsafeMutablePointer<AVStream> {
        let index = libraries.functions.av_find_best_stream(context, AVMEDIA_TYPE_VIDEO, -1, -1, nil, 0)
        var chosen: UnsafeMutablePointer<AVStream>?
        for other in 0..<Int(context.pointee.nb_streams) {
            guard let stream = context.pointee.streams[other] else { continue }
            if other == Int(index) {
                chosen = stream
            } else {
                stream.pointee.discard = AVDISCARD_ALL
            }
        }
        guard let chosen else {
            throw CameraError(.corruptData, "opening the movie", subject: path, reason: "it has no video stream")
        }
        return chosen
    }

    /// The stream's nominal rate; 25, as libavformat has it, for one that does not say.
    func frameRate(of stream: UnsafeMutablePointer<AVStream>) -> FrameRate {
        let guess = libraries.functions.av_guess_frame_rate(context, stream, nil)
        // A variable rate is guessed as the finest grid of its times, which may be thousands a second.
        for rate in [guess, stream.pointee.avg_frame_rate] where rate.num > 0 && rate.den > 0 {
            let rate = FrameRate(Int(rate.num), Int(rate.den))
            if (try? rate.validated("playing the movie")) != nil { return rate }
        }
        return 25
    }
}

#endif
