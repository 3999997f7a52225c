// SPDX-License-Identifier: MIT

public import CameraCore

/// An output that is ready to be written to, and whether it is closed in the end.
public struct OpenedOutput: Sendable {
    /// Where the bytes go.
    public let output: any Output
    /// The output's name in messages.
    public let name: String
    /// Whether the output was opened from a path, and so is closed in the end; an output of the user's is only flushed.
    public let isOwned: Bool

    /// Describes an output.
    ///
    /// - Parameters:
    ///   - output: Where the bytes go.
    ///   - isOwned: Whether to close the output in the end.
    ///   - name: The output's name in messages.
    public init(_ output: any Output, isOwned: Bool, name: String) {
        self.output = output
        self.isOwned = isOwned
        self.name = name
    }

    /// Opens a path without truncating it, or takes an output as it is.
    ///
    /// - Parameters:
    ///   - target: What to open.
    ///   - sync: When a file that is opened goes to the disk.
    ///   - atomically: Whether a file gets its name only when it is complete.
    ///   - timeout: How long to wait for a disk that does not answer; nil for as long as it takes.
    /// - Throws: What ``FileOutput/init(path:sync:atomically:readerTimeout:openTimeout:)`` throws.
    public init(
        _ target: OutputTarget, sync: SyncPolicy = .none, atomically: Bool = false, timeout: Duration? = .seconds(15)
    ) throws(CameraError) {
        try self.init(target, sync: sync, atomically: atomically, timeout: timeout, keeper: nil)
    }

    /// Opens a path, with somebody who makes room when its disk is full, or takes an output as it is.
    package init(
        _ target: OutputTarget, sync: SyncPolicy, atomically: Bool = false, timeout: Duration?,
        keeper: (any DiskKeeper)?
    ) throws(CameraError) {
        switch target {
        case .path(let path):
            let file = try FileOutput(
                path: path, sync: sync, atomically: atomically, openTimeout: timeout, keeper: keeper)
            self.init(file, isOwned: true, name: path)
        case .output(let output): self.init(output, isOwned: false, name: target.description)
        }
    }

    /// The file that it is, or that it writes to.
    package var file: FileOutput? { output as? FileOutput ?? (output as? any FileBacked)?.file }

    /// Whether its file comes so near to the most bytes that it can have that it is to be ended.
    ///
    /// A sixteenth is left for what is on its way through an encoder until the next file begins.
    ///
    /// - Parameter byteCount: The bytes that wait to be written.
    /// - Returns: Whether it does; false where no limit is known.
    package func isNearlyFull(besides byteCount: Int) -> Bool {
        guard let file, let limit = file.sizeLimit else { return false }
        let end = (output as? any FileBacked)?.endByteCount ?? 0
        return file.bytesWritten + byteCount + end >= limit - limit / 16
    }

    /// How messages call what a call of the output waits for: one of the outputs that it writes to, or itself.
    package var awaited: String { (output as? any CompositeOutput)?.awaited ?? name }

    /// Closes what was opened, or flushes an output that was handed in; called after ``Output/end()``.
    public func release() throws(CameraError) {
        do {
            if isOwned { try output.close() } else { try output.flush() }
        } catch {
            throw CameraError(wrapping: error, as: .output, "closing the output", subject: name)
        }
    }

    /// Closes a file that was opened, and deletes it if opening created it and it has no picture.
    ///
    /// An output that was handed in stays as it is.
    public func discard() {
        if isOwned { (output as? any DiscardableOutput)?.discard() }
    }
}
