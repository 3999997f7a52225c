// SPDX-License-Identifier: MIT

public import CameraCore
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// A file, FIFO or device that pictures are written to, one write(2) call each.
///
/// Opening leaves what is in the file; ``begin(_:)`` empties it. A regular file can be one output of the process at a
/// time, whichever link leads to it. Every method may be called from any thread; none but ``write(_:_:)`` itself waits
/// for a write that is stuck on a slow disk.
public final class FileOutput: DiscardableOutput, CustomStringConvertible {
    /// The path that was opened.
    public let path: String
    private let descriptor: OutputDescriptor
    private let isNew: Bool
    private let syncer: FileSyncer?
    private let state = Mutex(State())

    private struct State {
        var hasBegun = false
        var isClosed = false
    }

    /// Opens a file for writing, creating it with the user's umask if there is none.
    ///
    /// - Parameters:
    ///   - path: The file; what is in it stays until ``begin(_:)``.
    ///   - sync: When the file's bytes go to the disk; of no meaning for what is not a regular file.
    ///   - readerTimeout: If the path is a FIFO, how long to wait for something that reads it.
    /// - Throws: `.output` with the system's error, `.busy` when the file is an output of this program already,
    ///   `.timedOut` when nothing opened the FIFO for reading, `.invalidValue`.
    public init(
        path: String, sync: SyncPolicy = .none, readerTimeout: Duration = .seconds(30)
    ) throws(CameraError) {
        if case .every(let period) = sync, period <= .zero {
            throw CameraError(
                .invalidValue, "opening the output", subject: path, reason: "the time between syncs must be positive")
        }
        let (descriptor, isNew) = try Self.open(path, readerTimeout: readerTimeout)
        self.path = path
        self.descriptor = descriptor
        self.isNew = isNew
        // A name without a folder is in the present one.
        let folder = isNew ? FilePath(path).removingLastComponent().pushing(".").string : nil
        syncer =
            switch sync {
            case _ where descriptor.file == nil: nil
            case .none: nil
            case .onSplit: FileSyncer(descriptor, period: nil, newFileFolder: folder)
            case .every(let period): FileSyncer(descriptor, period: period, newFileFolder: folder)
            }
    }

    deinit {
        // Whoever drops an output without closing it gives up the error; ``close()`` throws it.
        try? close()
    }

    /// The path, whose extension can tell the format.
    public var name: String? { path }

    /// The path, for messages.
    public var description: String { path }

    /// Bytes that the kernel has taken.
    public var bytesWritten: Int { descriptor.bytesWritten }

    /// Empties the file, the first time that it is called.
    public func begin(_ stream: StreamDescription) throws(CameraError) {
        try beginOnce()
    }

    /// Writes one picture; the first one empties the file if nothing has begun it.
    ///
    /// - Throws: `.output` with the system's error; `.closed`. Bytes before the error may have been written.
    public func write(_ bytes: RawSpan, _ info: PacketInfo) throws(CameraError) {
        try beginOnce()
        try descriptor.write(bytes)
        try syncer?.noteWrite()
    }

    /// Asks for a sync, unless the policy is `.none`.
    public func end() throws(CameraError) {
        syncer?.requestSync()
    }

    /// Closes the file; with a sync policy its thread does that after a last sync, and this does not wait for it.
    ///
    /// - Throws: `.output` with what closing it, or syncing it before, met.
    public func close() throws(CameraError) {
        let wasClosed = state.withLock { state in
            defer { state.isClosed = true }
            return state.isClosed
        }
        guard !wasClosed else { return }
        if let syncer { try syncer.finish() } else { try descriptor.close() }
    }

    /// Closes the file and deletes it if opening created it and nothing began; does nothing when it is closed.
    public func discard() {
        let isUntouched = state.withLock { !$0.hasBegun && !$0.isClosed }
        if isUntouched, isNew, let file = descriptor.file, FileIdentity(path: path) == file { unlink(path) }
        try? close()
    }

    /// Waits after ``close()`` until the last sync is done; at once when the file's policy is `.none`.
    ///
    /// - Parameter deadline: When to give up; nil for never.
    /// - Returns: False when the deadline passed first.
    /// - Throws: What syncing and closing met.
    @discardableResult
    package func waitUntilClosed(until deadline: Timestamp?) throws(CameraError) -> Bool {
        try syncer?.waitUntilFinished(until: deadline) ?? true
    }

    private func beginOnce() throws(CameraError) {
        let hadBegun = try state.withLock { state throws(CameraError) in
            guard !state.isClosed else { throw CameraError(.closed, "writing to the output", subject: path) }
            defer { state.hasBegun = true }
            return state.hasBegun
        }
        guard !hadBegun, descriptor.file != nil else { return }
        try descriptor.truncate()
        try syncer?.start()
    }
}
