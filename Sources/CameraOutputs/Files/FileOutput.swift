// SPDX-License-Identifier: MIT

public import CameraCore
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// A file, FIFO or device that pictures are written to, one write(2) call each.
///
/// Opening leaves what is in the file; ``begin(_:)`` empties it. A regular file can be one output at a time, whichever
/// link leads to it, and none while this process plays it back; programs are kept apart by flock(2). Every method may be called
/// from any thread; none but ``write(_:_:)`` itself waits for a write that is stuck on a slow disk.
public final class FileOutput: DiscardableOutput, CustomStringConvertible {
    /// The path that was opened.
    public let path: String
    private let opened: Opened
    private let syncer: FileSyncer?
    /// Makes room when the disk is full.
    private let keeper: (any DiskKeeper)?
    private let state = Mutex(State())

    private struct State {
        var hasBegun = false
        var isClosed = false
        /// Whether a picture was written whole.
        var hasPicture = false
        /// Whether writing failed.
        var isBroken = false
    }

    /// Opens a file for writing, creating it with the user's umask if there is none.
    ///
    /// - Parameters:
    ///   - path: The file; what is in it stays until ``begin(_:)``.
    ///   - sync: When the file's bytes go to the disk; of no meaning for what is not a regular file.
    ///   - atomically: Whether the file gets its name in ``close()``, when it is complete: until then, and when something
    ///     fails, an existing file of that name stays. ``close()`` then also waits for the sync that `sync` asks for.
    ///   - readerTimeout: If the path is a FIFO, the longest time to wait for something that reads it.
    ///   - openTimeout: How long to wait for a disk that does not answer; what is opened after that is taken back. Nil waits
    ///     on the calling thread, for as long as it takes.
    /// - Throws: `.output` with the system's error; `.busy` when this program reads or writes the file, or another program
    ///   holds its lock; `.timedOut` when nothing opened the FIFO for reading or the disk did not answer; `.invalidValue`.
    public convenience init(
        path: String, sync: SyncPolicy = .none, atomically: Bool = false, readerTimeout: Duration = .seconds(30),
        openTimeout: Duration? = .seconds(15)
    ) throws(CameraError) {
        try self.init(
            path: path, sync: sync, atomically: atomically, readerTimeout: readerTimeout, openTimeout: openTimeout,
            keeper: nil)
    }

    /// Opens a file for writing, with somebody who makes room when opening it or a write finds the disk full.
    package init(
        path: String, sync: SyncPolicy, atomically: Bool = false, readerTimeout: Duration = .seconds(30),
        openTimeout: Duration?, keeper: (any DiskKeeper)?
    ) throws(CameraError) {
        if case .every(let period) = sync, period <= .zero {
            throw CameraError(
                .invalidValue, "opening the output", subject: path, reason: "the time between syncs must be positive")
        }
        self.path = path
        self.keeper = keeper
        let opened = try Self.open(
            path, atomically: atomically, isSynced: sync != .none, readerTimeout: readerTimeout,
            openTimeout: openTimeout, keeper: keeper)
        self.opened = opened
        guard opened.replacement == nil else {
            syncer = nil
            return
        }
        // A name without a folder is in the present one.
        let folder = opened.isNew ? FilePath(path).removingLastComponent().pushing(".").string : nil
        let descriptor = opened.descriptor
        syncer =
            switch sync {
            case _ where descriptor.file == nil: nil
            case .none: nil
            case .onSplit: FileSyncer(descriptor, period: nil, newFileFolder: folder)
            case .every(let period): FileSyncer(descriptor, period: period, newFileFolder: folder)
            }
    }

    private var descriptor: OutputDescriptor { opened.descriptor }

    deinit {
        // Whoever drops an output without closing it gives up the error; ``close()`` throws it.
        try? close()
    }

    /// The path, whose extension can tell the format.
    public var name: String? { path }

    /// The path, for messages.
    public var description: String { path }

    /// The number of bytes that the kernel has taken.
    public var bytesWritten: Int { descriptor.bytesWritten }

    /// The most bytes that the file can have; nil where no limit is known.
    package var sizeLimit: Int? { opened.sizeLimit }

    /// Empties the file when it is called for the first time.
    public func begin(_ stream: StreamDescription) throws(CameraError) {
        try beginOnce()
    }

    /// Writes one picture; the first one empties the file if nothing has begun it.
    ///
    /// - Throws: `.output` with the system's error; `.closed`. Bytes before the error may have been written.
    public func write(_ bytes: RawSpan, _ info: PacketInfo) throws(CameraError) {
        try beginOnce()
        do throws(CameraError) {
            try descriptor.write(bytes, keeper)
            try syncer?.noteWrite()
            state.withLock { $0.hasPicture = true }
        } catch {
            state.withLock { $0.isBroken = true }
            throw error
        }
    }

    /// Whether bytes that were written can be replaced: those of a regular file that keeps its name.
    package var canBeWrittenOver: Bool { descriptor.file != nil && opened.replacement == nil }

    /// Replaces bytes after all others were written; with a sync policy, once these are on the disk.
    ///
    /// - Throws: `.output`; `.closed`.
    package func writeOver(_ bytes: [UInt8], at place: Int) throws(CameraError) {
        if let syncer { return syncer.writeOver(bytes, at: place) }
        try descriptor.writeOver(bytes, at: place)
    }

    /// Asks for a sync, unless the policy is `.none`.
    public func end() throws(CameraError) {
        syncer?.requestSync()
    }

    /// Closes the file; with a sync policy, the file's own thread closes it after a last sync, and the call does not wait.
    ///
    /// A file that opening created, and into which no picture could be written whole, is deleted.
    ///
    /// - Throws: `.output` when an earlier sync, closing the file, or giving it its name failed.
    public func close() throws(CameraError) {
        guard let last = closeOnce() else { return }
        if let replacement = opened.replacement {
            let isComplete = last.hasPicture && !last.isBroken
            if isComplete { try replacement.complete(descriptor) } else { try replacement.abandon(descriptor) }
            return
        }
        if last.isBroken, !last.hasPicture { opened.deleteCreated() }
        if let syncer { try syncer.finish() } else { try descriptor.close() }
    }

    /// Closes the file and deletes it if opening created it and no picture was written; does nothing when it is closed.
    public func discard() {
        guard let last = closeOnce() else { return }
        if let replacement = opened.replacement {
            try? replacement.abandon(descriptor)
            return
        }
        if !last.hasPicture { opened.deleteCreated() }
        if let syncer { try? syncer.finish() } else { try? descriptor.close() }
    }

    /// Marks the file as closed; nil when it was before.
    private func closeOnce() -> State? {
        state.withLock { state in
            guard !state.isClosed else { return nil }
            state.isClosed = true
            return state
        }
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
        do throws(CameraError) {
            try descriptor.truncate()
            try syncer?.start()
        } catch {
            state.withLock { $0.isBroken = true }
            throw error
        }
    }
}
