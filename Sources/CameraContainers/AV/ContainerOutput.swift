// SPDX-License-Identifier: MIT

#if Containers

public import CameraCore
public import CameraOutputs

/// Pictures in a Matroska (`.mkv`), MPEG transport stream (`.ts`) or FLV file, by libavformat.
///
/// libavformat is loaded when the first picture comes. What it writes for a picture is one call of the file. A program that is
/// killed leaves a file that plays: a transport stream up to the picture before, Matroska up to its last cluster, which is a
/// second long at most. Times are those of the pictures to a millisecond (Matroska, FLV) or 1/90000 s, and begin with 0.
public final class ContainerOutput: DiscardableOutput, CompositeOutput, FileBacked {
    private let target: OpenedOutput
    private let kind: ContainerKind
    private let pictures: MuxedPictures

    /// Takes an output that is open already.
    package init(_ target: OpenedOutput, kind: ContainerKind) {
        self.target = target
        self.kind = kind
        pictures = MuxedPictures(Self.operation, target.name) { stream, sets, first throws(CameraError) -> Muxer in
            try Muxer(
                kind, stream: stream, parameterSets: sets, first: first, to: .sink(MuxerSink(target, kind, first)),
                name: target.name)
        }
    }

    /// Opens a file.
    ///
    /// - Parameter path: The file; its extension, mkv, ts or flv, names the container.
    /// - Throws: `.invalidFormat` for another extension; what
    ///   ``FileOutput/init(path:sync:atomically:readerTimeout:openTimeout:)`` throws.
    public convenience init(path: String) throws(CameraError) {
        guard let kind = ContainerKind(fileExtension: MediaFormat.fileExtension(of: path)) else {
            throw CameraError(
                .invalidFormat, Self.operation, subject: path, reason: "the name has to end in .mkv, .ts or .flv")
        }
        self.init(try OpenedOutput(.path(path)), kind: kind)
    }

    /// The file's name; it does not tell the format of the pictures.
    public var name: String? { target.output.name }

    package var awaited: String? { target.awaited }

    package var file: FileOutput? { target.file }

    // What is held back: of Matroska the pictures of a second.
    package var endByteCount: Int { max(pictures.byteCount - (file?.bytesWritten ?? 0), 0) }

    /// Empties the file.
    ///
    /// - Throws: `.unsupported` for pictures that the container does not hold.
    public func begin(_ stream: StreamDescription) throws {
        try kind.check(stream.format, Self.operation, target.name)
        pictures.begin(stream)
        try target.output.begin(stream)
    }

    /// Writes a picture; with the first one, the beginning of the file.
    ///
    /// - Throws: `.missingLibrary` where libavformat is not installed; `.output`.
    public func write(_ bytes: RawSpan, _ info: PacketInfo) throws { try pictures.write(bytes, info) }

    /// Writes the container's end: the places of key frames, for seeking, and how long it is.
    public func end() throws {
        do {
            try pictures.end()
        } catch {
            // The first error counts.
            try? target.output.end()
            throw error
        }
        try target.output.end()
    }

    /// Hands what was written to the system.
    public func flush() throws { try target.output.flush() }

    /// Closes the file; leaves an output that was handed in open.
    public func close() throws { try target.release() }

    /// Closes the file and deletes it if it was created and has no picture; leaves an output that was handed in.
    public func discard() { target.discard() }

    private static let operation = "writing the container"
}

extension ContainerKind {
    /// Throws for pictures that the container does not hold.
    func check(_ format: MediaFormat, _ operation: String, _ name: String) throws(CameraError) {
        guard !formats.contains(format) else { return }
        let list = formats.map(\.rawValue).joined(separator: ", ")
        throw CameraError(
            .unsupported, operation, subject: name,
            reason: "it holds \(list), not \(format); choose one of these, or the name of a .\(format)")
    }
}

#endif
