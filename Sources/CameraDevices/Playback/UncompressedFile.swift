// SPDX-License-Identifier: MIT

internal import CameraCore

/// A file of uncompressed frames of one size: YUV4MPEG2, or raw without any header.
final class UncompressedFile: FrameFile {
    let stream: VideoStream
    private let bytes: FileBytes
    /// Where the first frame, or its header, begins.
    private let start: Int64
    private let hasFrameHeaders: Bool
    private let frameByteCount: Int
    private let pool = BytePool()
    private var position: Int64
    /// Frames read since the beginning of the file.
    private var frameCount = 0
    /// Frames read before that, in earlier rounds.
    private var earlierFrames = 0

    /// Reads a YUV4MPEG2 file.
    convenience init(_ bytes: FileBytes, _ header: Y4MHeader) throws(CameraError) {
        try self.init(bytes, header.stream, start: Int64(header.byteCount), hasFrameHeaders: true)
    }

    /// Reads a file without a header.
    convenience init(_ bytes: FileBytes, _ format: RawVideoFormat) throws(CameraError) {
        let operation = "playing the raw video '\(bytes.path)'"
        var color = ColorSpace.unspecified
        color.range = format.range
        if format.format.isRGB { color = .sRGB }
        let stream = VideoStream(
            format: format.format, size: try format.size.validated(operation),
            frameRate: try format.frameRate.validated(operation), color: color)
        try self.init(bytes, stream, start: 0, hasFrameHeaders: false)
    }

    private init(
        _ bytes: FileBytes, _ stream: VideoStream, start: Int64, hasFrameHeaders: Bool
    ) throws(CameraError) {
        guard let frameByteCount = stream.format.byteCount(of: stream.size) else {
            throw CameraError(
                .unsupported, "playing the raw video", subject: bytes.path,
                reason: "frames in \(stream.format.name) differ in length; uncompressed formats do not")
        }
        self.bytes = bytes
        self.stream = stream
        self.start = start
        self.hasFrameHeaders = hasFrameHeaders
        self.frameByteCount = frameByteCount
        position = start
    }

    var duration: Duration? {
        // A frame's header is the word and the end of its line, nearly always.
        let count = (bytes.count - start) / Int64(frameByteCount + (hasFrameHeaders ? 6 : 0))
        return .nanoseconds(stream.frameRate.saturatedNanoseconds(atFrame: UInt64(max(count, 0))))
    }

    func read(_ info: (_ time: Int64) -> FrameInfo) throws(CameraError) -> SourceEvent {
        guard position < bytes.count else {
            guard frameCount > 0 else { throw failure("it holds no frame") }
            return .ended
        }
        let dataStart = hasFrameHeaders ? try skipFrameHeader() : position
        // Looked at before memory is taken, of which a damaged header may ask for much.
        guard dataStart + Int64(frameByteCount) <= bytes.count, let memory = pool.take(frameByteCount),
            try bytes.read(
                at: dataStart, into: UnsafeMutableRawBufferPointer(start: memory.baseAddress, count: frameByteCount))
                == frameByteCount
        else {
            throw truncation
        }
        position = dataStart + Int64(frameByteCount)
        let time = stream.frameRate.saturatedNanoseconds(atFrame: UInt64(earlierFrames + frameCount))
        frameCount += 1
        return .frame(
            pool.frame(packed: stream.format, size: stream.size, color: stream.color, info: info(time), bytes: memory))
    }

    func rewind() {
        earlierFrames += frameCount
        frameCount = 0
        position = start
    }

    /// Where the data of the frame at ``position`` begins.
    private func skipFrameHeader() throws(CameraError) -> Int64 {
        let word = "FRAME"
        // Nearly always the line has no parameters; it is then read without asking for memory.
        var first = InlineArray<6, UInt8>(repeating: 0)
        let count = try withUnsafeMutableBytes(of: &first) { (buffer) throws(CameraError) in
            try bytes.read(at: position, into: buffer)
        }
        guard count == first.count else { throw truncation }
        let matches = word.utf8.enumerated().allSatisfy { first[$0.offset] == $0.element }
        if matches, first[5] == UInt8(ascii: "\n") { return position + Int64(count) }
        guard matches, first[5] == UInt8(ascii: " "), let line = try bytes.line(at: position, limit: 1024) else {
            throw failure(
                "there is no \(word) header at byte \(position), after \(frameCount) whole frames")
        }
        return position + Int64(line.utf8.count + 1)
    }

    private var truncation: CameraError {
        failure(
            "it is cut off within frame \(frameCount): a frame takes \(frameByteCount) bytes; "
                + "the \(frameCount) whole frames before it were delivered")
    }

    private func failure(_ reason: String) -> CameraError {
        CameraError(.corruptData, "playing the video", subject: bytes.path, reason: reason)
    }
}
