// SPDX-License-Identifier: MIT

#if Containers

internal import CAVFormat
internal import CameraAV
internal import CameraCore
internal import CameraOutputs

/// Puts the pictures of a stream into a container, by libavformat.
final class Muxer {
    /// Where the container's bytes go.
    enum Destination {
        case sink(MuxerSink)
        case connection(StreamConnection)
    }

    private static let bufferBytes: Int32 = 1 << 16

    private let kind: ContainerKind
    private let libraries: AVLibraries
    private let context: UnsafeMutablePointer<AVFormatContext>
    private let track: UnsafeMutablePointer<AVStream>
    private let packet: UnsafeMutablePointer<AVPacket>
    private let destination: Destination
    /// What writes into the sink; nil for a connection, which has its own.
    private var writer: UnsafeMutablePointer<AVIOContext>?
    /// A picture with the bytes behind it that libavformat may read beyond the end.
    private var picture: [UInt8] = []
    private let first: PacketInfo
    private var lastDecoding: Int64?
    /// Whether the header is written and the end is not.
    private var isOpen = false
    private let interval: Duration
    private let name: String

    /// Begins a container; its header is written with the first picture.
    ///
    /// - Parameters:
    ///   - kind: The container.
    ///   - stream: The pictures.
    ///   - parameterSets: Those of the first picture, as a byte stream.
    ///   - first: What is known about the first picture; the container's times begin there.
    ///   - destination: Where to write to.
    ///   - name: The output's name in messages.
    /// - Throws: `.missingLibrary`; `.output` for what libavformat refuses.
    init(
        _ kind: ContainerKind, stream: StreamDescription, parameterSets: [UInt8], first: PacketInfo,
        to destination: Destination, name: String
    ) throws(CameraError) {
        let libraries = try AVLibraries.loaded()
        let functions = libraries.functions
        var made: UnsafeMutablePointer<AVFormatContext>?
        let code = functions.avformat_alloc_output_context2(&made, nil, kind.muxer, name)
        guard code >= 0, let context = made, let packet = functions.av_packet_alloc() else {
            throw Self.failure(libraries, code, name)
        }
        guard let track = functions.avformat_new_stream(context, nil) else {
            throw Self.failure(libraries, cav_error_io, name)
        }
        (self.kind, self.libraries, self.context, self.packet, self.track) = (kind, libraries, context, packet, track)
        (self.destination, self.first, self.name) = (destination, first, name)
        interval = stream.frameRate.interval
        describe(stream, parameterSets)
        try connect()
        try writeHeader()
    }

    deinit {
        // It is its own protocol, and closes its connection with the end alone.
        if isOpen, case .realTimeStream = kind { _ = libraries.functions.av_write_trailer(context) }
        var packet: UnsafeMutablePointer<AVPacket>? = packet
        libraries.functions.av_packet_free(&packet)
        context.pointee.pb = nil
        libraries.functions.avformat_free_context(context)
        withUnsafePointer(to: libraries.functions) { cav_free_writer($0, writer) }
    }

    private static func failure(_ libraries: AVLibraries, _ code: Int32, _ name: String) -> CameraError {
        CameraError(
            .output, "writing the container", subject: name,
            reason: "libavformat could not do it: \(libraries.message(code))")
    }

    // MARK: The beginning

    private func describe(_ stream: StreamDescription, _ parameterSets: [UInt8]) {
        track.pointee.time_base = AVRational(num: 1, den: 90000)
        let rate = stream.frameRate
        if let numerator = Int32(exactly: rate.numerator), let denominator = Int32(exactly: rate.denominator) {
            track.pointee.avg_frame_rate = AVRational(num: numerator, den: denominator)
        }
        let aspect = AVRational(num: Int32(stream.pixelAspect.width), den: Int32(stream.pixelAspect.height))
        track.pointee.sample_aspect_ratio = aspect
        guard let parameters = track.pointee.codecpar else { return }
        parameters.pointee.codec_type = AVMEDIA_TYPE_VIDEO
        parameters.pointee.codec_id =
            switch stream.format {
            case .h265: AV_CODEC_ID_HEVC
            case .mjpeg: AV_CODEC_ID_MJPEG
            default: AV_CODEC_ID_H264
            }
        parameters.pointee.width = Int32(stream.size.width)
        parameters.pointee.height = Int32(stream.size.height)
        parameters.pointee.sample_aspect_ratio = aspect
        let color = stream.color
        parameters.pointee.color_range = color.range == .full ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG
        parameters.pointee.color_primaries = AVColorPrimaries(UInt32(color.primaries.rawValue))
        parameters.pointee.color_trc = AVColorTransferCharacteristic(UInt32(color.transfer.rawValue))
        parameters.pointee.color_space = AVColorSpace(UInt32(color.matrix.rawValue))
        let padding = Int(cav_input_padding)
        guard !parameterSets.isEmpty, let memory = libraries.functions.av_mallocz(parameterSets.count + padding) else {
            return
        }
        parameterSets.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress { memory.copyMemory(from: start, byteCount: bytes.count) }
        }
        parameters.pointee.extradata = memory.assumingMemoryBound(to: UInt8.self)
        parameters.pointee.extradata_size = Int32(parameterSets.count)
    }

    private func connect() throws(CameraError) {
        switch destination {
        case .connection(let connection):
            context.pointee.pb = connection.writer
            context.pointee.interrupt_callback = connection.interruption
        case .sink(let sink):
            let made = withUnsafePointer(to: libraries.functions) { functions in
                cav_new_writer(
                    functions, Self.bufferBytes, Unmanaged.passUnretained(sink).toOpaque(),
                    { owner, bytes, count in MuxerSink.from(owner).take(bytes, Int(count)) },
                    sink.canSeek ? { owner, offset, whence in MuxerSink.from(owner).seek(offset, whence) } : nil)
            }
            guard let made else { throw Self.failure(libraries, cav_error_io, name) }
            writer = made
            context.pointee.pb = made
        }
    }

    private func writeHeader() throws(CameraError) {
        let functions = libraries.functions
        var options: OpaquePointer?
        for (key, value) in kind.options { _ = functions.av_dict_set(&options, key, value, 0) }
        defer { functions.av_dict_free(&options) }
        // Times that are negative before the first picture is shown are ours to move, not libavformat's.
        context.pointee.avoid_negative_ts = 0
        try check(functions.avformat_write_header(context, &options))
        isOpen = true
    }

    // MARK: Pictures

    /// Writes a picture.
    func write(_ bytes: UnsafeRawBufferPointer, _ info: PacketInfo) throws(CameraError) {
        picture.removeAll(keepingCapacity: true)
        picture.append(contentsOf: bytes)
        picture.append(contentsOf: repeatElement(0, count: Int(cav_input_padding)))
        // Decoding may begin before the first picture is shown; where a container has times of decoding, none is below 0.
        let delay = kind.tellsDecoding ? first.timestamp - first.decodeTimestamp : .zero
        packet.pointee.pts = ticks(info.timestamp - first.timestamp + delay)
        packet.pointee.dts = ticks(info.decodeTimestamp - first.timestamp + delay)
        // Pictures closer than a tick: containers want times of decoding that ascend.
        if let last = lastDecoding, packet.pointee.dts <= last, last < packet.pointee.pts {
            packet.pointee.dts = last + 1
        }
        lastDecoding = packet.pointee.dts
        packet.pointee.duration = ticks(interval)
        packet.pointee.flags = info.isKeyFrame ? cav_key_packet : 0
        packet.pointee.stream_index = 0
        let code = picture.withUnsafeMutableBufferPointer { memory in
            packet.pointee.data = memory.baseAddress
            packet.pointee.size = Int32(bytes.count)
            defer { packet.pointee.data = nil }
            return libraries.functions.av_write_frame(context, packet)
        }
        try check(code)
        try flush(info)
    }

    private func ticks(_ time: Duration) -> Int64 {
        libraries.functions.av_rescale_q(
            time.nanoseconds, AVRational(num: 1, den: 1_000_000_000), track.pointee.time_base)
    }

    /// Writes what belongs behind the last picture.
    func finish(_ last: PacketInfo) throws(CameraError) {
        isOpen = false
        try check(libraries.functions.av_write_trailer(context))
        try flush(last)
    }

    /// Hands what libavformat holds to the destination.
    private func flush(_ info: PacketInfo) throws(CameraError) {
        if let writer = context.pointee.pb {
            libraries.functions.avio_flush(writer)
            try check(writer.pointee.error)
        }
        if case .sink(let sink) = destination { try sink.flush(info) }
    }

    private func check(_ code: Int32) throws(CameraError) {
        if case .sink(let sink) = destination, let error = sink.error { throw error }
        // Whatever the code is: RTSP's muxer leaves out what the network did not take, and tells nobody.
        if case .connection(let connection) = destination, let error = connection.interruptionError { throw error }
        guard code < 0 else { return }
        throw Self.failure(libraries, code, name)
    }
}

#endif
