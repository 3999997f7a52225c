// SPDX-License-Identifier: MIT

public import CameraCore
public import CameraOutputs
internal import Synchronization

/// H.264 or H.265 in an MP4 file that plays at every moment.
///
/// Each picture is written with one system call, as a fragment of its own: a program that is killed, or a machine that is,
/// leaves a file that plays up to the picture before. In the end the file becomes an ordinary one, in place, with no picture
/// moved. Times are those of the pictures to 1/90000 s, whatever the rate is, and begin with 0.
///
/// Something else than a regular file, such as a pipe, stays a fragmented one, which players take as well.
public final class MP4Output: DiscardableOutput, CompositeOutput, FileBacked {
    private let target: OpenedOutput
    private let options: MP4Options
    private let state = Mutex(State())

    private struct State {
        var stream: StreamDescription?
        var writer: MP4Writer?
        /// What the recording knows of the first picture: the file's times begin there.
        var first: PacketInfo?
        var last: PacketInfo?
        /// Whether a write failed: the file then ends with a part of a fragment, and stays as it is.
        var isBroken = false
    }

    /// Takes an output that is open already.
    package init(_ target: OpenedOutput, options: MP4Options = MP4Options()) {
        self.target = target
        self.options = options
    }

    /// Opens where the file goes to.
    ///
    /// - Parameters:
    ///   - target: A file, or an output that takes bytes, which is flushed in the end but not closed.
    ///   - options: How it is written.
    /// - Throws: What ``FileOutput/init(path:sync:atomically:readerTimeout:openTimeout:)`` throws.
    public convenience init(to target: OutputTarget, options: MP4Options = MP4Options()) throws(CameraError) {
        self.init(try OpenedOutput(target), options: options)
    }

    /// Opens a file.
    ///
    /// - Parameters:
    ///   - path: The file; what is in it stays until ``begin(_:)``.
    ///   - options: How it is written.
    /// - Throws: What ``FileOutput/init(path:sync:atomically:readerTimeout:openTimeout:)`` throws.
    public convenience init(path: String, options: MP4Options = MP4Options()) throws(CameraError) {
        try self.init(to: .path(path), options: options)
    }

    /// The file's name; it does not tell the format of the pictures.
    public var name: String? { target.output.name }

    package var awaited: String? { target.awaited }

    package var file: FileOutput? { target.file }

    package var endByteCount: Int { state.withLock { $0.writer?.movieByteCount ?? 0 } }

    /// Empties the file.
    ///
    /// - Throws: `.invalidValue` for options that cannot be; `.unsupported` for other formats than H.264 and H.265.
    public func begin(_ stream: StreamDescription) throws {
        guard stream.format.hasKeyFrames else {
            throw CameraError(
                .unsupported, Self.operation, subject: target.name,
                reason:
                    "MP4 holds H.264 and H.265, not \(stream.format); choose one of these, or the name of a .\(stream.format)"
            )
        }
        try options.validate(Self.operation)
        guard file?.bytesWritten ?? 0 == 0 else {
            throw CameraError(
                .output, Self.operation, subject: target.name, reason: "it was written before; use another output")
        }
        state.withLock { $0 = State(stream: stream) }
        try target.output.begin(stream)
    }

    /// Writes a picture; with the first one, the beginning of the file.
    ///
    /// - Throws: `.codec` when neither the stream nor its first picture tells the parameter sets; `.output`.
    public func write(_ bytes: RawSpan, _ info: PacketInfo) throws {
        let piece = try bytes.withUnsafeBytes { (bytes) throws(CameraError) -> [UInt8]? in
            try state.withLock { (state) throws(CameraError) -> [UInt8]? in try self.piece(with: bytes, info, &state) }
        }
        guard let piece else { return }
        do {
            try target.output.write(piece.span.bytes, info)
        } catch {
            state.withLock { $0.isBroken = true }
            throw error
        }
    }

    /// The bytes to be written now; nil while the fragment goes on.
    private func piece(
        with bytes: UnsafeRawBufferPointer, _ info: PacketInfo, _ state: inout State
    ) throws(CameraError) -> [UInt8]? {
        guard let stream = state.stream, !state.isBroken else {
            throw CameraError(
                .output, Self.operation, subject: target.name,
                reason: state.isBroken ? "a write before failed" : "it was not begun, or has ended")
        }
        var beginning: [UInt8] = []
        var writer: MP4Writer
        if let present = state.writer.take() {
            writer = present
        } else {
            let sets = try parameterSets(of: stream, first: bytes, info)
            writer = MP4Writer([(stream, sets)], options, created: info.wallTime)
            beginning = writer.header()
        }
        defer { state.writer = writer }
        let first = state.first ?? info
        state.first = first
        state.last = info
        // Before this picture: with it the fragment would be longer than was asked for.
        if case .every(let span) = options.fragments, writer.hasPending,
            info.decodeTimestamp - first.decodeTimestamp >= span + (writer.pendingStart ?? .zero)
        {
            beginning += writer.fragment()
        }
        writer.add(
            MP4Writer.Picture(
                bytes: bytes, time: info.timestamp - first.timestamp,
                decodeTime: info.decodeTimestamp - first.decodeTimestamp, isKey: info.isKeyFrame,
                headerByteCount: info.headerByteCount))
        if case .everyPicture = options.fragments {
            if beginning.isEmpty { return writer.fragment() }
            beginning += writer.fragment()
        }
        return beginning.isEmpty ? nil : beginning
    }

    private func parameterSets(
        of stream: StreamDescription, first bytes: UnsafeRawBufferPointer, _ info: PacketInfo
    ) throws(CameraError) -> ParameterSets {
        let isH265 = stream.format == .h265
        // Those in front of the picture are newer than what was known when the encoder began.
        let own = ParameterSets(
            in: UnsafeRawBufferPointer(rebasing: bytes.prefix(info.headerByteCount)), isH265: isH265)
        if own.configuration != nil { return own }
        let known = stream.parameterSets.withUnsafeBytes { ParameterSets(in: $0, isH265: isH265) }
        guard known.configuration != nil else {
            throw CameraError(
                .codec, Self.operation, subject: target.name,
                reason: "the stream has no parameter sets that could be read, which an MP4 file begins with")
        }
        return known
    }

    /// Writes what waits, and makes an ordinary file of it.
    public func end() throws {
        let (writer, last) = state.withLock { state in
            defer { state.stream = nil }
            return (state.isBroken ? nil : state.writer.take(), state.last)
        }
        do {
            if var writer, let last { try finish(&writer, last) }
        } catch {
            // The first error counts.
            try? target.output.end()
            throw error
        }
        try target.output.end()
    }

    private func finish(_ writer: inout MP4Writer, _ last: PacketInfo) throws {
        if writer.hasPending { try target.output.write(writer.fragment().span.bytes, last) }
        guard let file, file.canBeWrittenOver else { return }
        let (head, place) = try writer.finish { [target] in try target.output.write($0.span.bytes, last) }
        try file.writeOver(head, at: place)
    }

    /// Hands what was written to the system.
    public func flush() throws {
        try target.output.flush()
    }

    /// Closes the file; leaves an output that was handed in open.
    public func close() throws {
        try target.release()
    }

    /// Closes the file and deletes it if it was created and has no picture; leaves an output that was handed in.
    public func discard() {
        target.discard()
    }

    private static let operation = "writing the MP4 file"
}
