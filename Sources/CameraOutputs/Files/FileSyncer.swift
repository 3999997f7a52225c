// SPDX-License-Identifier: MIT

internal import CameraCore
internal import SystemPackage

/// The thread of a file that syncs it to the disk and closes it in the end.
final class FileSyncer: Sendable {
    private let descriptor: OutputDescriptor
    private let period: Duration?
    private let newFileFolder: String?
    private let monitor = Monitor(State())

    private struct State {
        var isRunning = false
        var isDirty = false
        var isSyncWanted = false
        var isEnding = false
        /// What replaces earlier bytes when all others are on the disk.
        var overwrites: [(bytes: [UInt8], place: Int)] = []
        /// What the pictures' bytes met: later writes throw it.
        var error: CameraError?
        /// That the file's name may not be on the disk, which takes nothing from the pictures: told in the end.
        var folderError: CameraError?

        var firstError: CameraError? { error ?? folderError }
    }

    /// Prepares syncing; nothing runs before ``start()``.
    ///
    /// - Parameters:
    ///   - descriptor: The file.
    ///   - period: The time from one sync to the next while the file is written; nil for only when asked.
    ///   - newFileFolder: The folder that the file was created in; nil when the file was there.
    init(_ descriptor: OutputDescriptor, period: Duration?, newFileFolder: String?) {
        self.descriptor = descriptor
        self.period = period
        self.newFileFolder = newFileFolder
    }

    /// Starts the thread.
    func start() throws(CameraError) {
        monitor.withLock { $0.isRunning = true }
        do {
            _ = try WorkerThread("file-sync") { self.run() }
        } catch {
            monitor.withLock { $0.isRunning = false }
            throw error
        }
    }

    /// Tells that there is something new to sync, and throws what syncing met before.
    func noteWrite() throws(CameraError) {
        let (error, wasDirty) = monitor.withLock { ($0.error, $0.isDirty) }
        if let error { throw error }
        if !wasDirty { monitor.update { $0.isDirty = true } }
    }

    /// Asks for a sync now, without waiting for it.
    func requestSync() {
        monitor.update { $0.isSyncWanted = $0.isDirty }
    }

    /// Replaces bytes after the next sync, and syncs again.
    func writeOver(_ bytes: [UInt8], at place: Int) {
        monitor.update { $0.overwrites.append((bytes, place)) }
    }

    /// Leaves the last sync and the closing to the thread, without waiting, and throws what syncing met before.
    func finish() throws(CameraError) {
        let (isRunning, error) = monitor.update { state in
            state.isEnding = true
            return (state.isRunning, state.firstError)
        }
        if !isRunning { try descriptor.close() }
        if let error { throw error }
    }

    /// Waits for the end of the thread, and throws what it met.
    ///
    /// - Returns: False when `deadline` passed first.
    func waitUntilFinished(until deadline: Timestamp?) throws(CameraError) -> Bool {
        let error = monitor.wait(until: deadline) { $0.isRunning ? nil : .some($0.firstError) }
        guard let error else { return false }
        if let error { throw error }
        return true
    }

    private func run() {
        if let newFileFolder {
            do {
                try synchronizeFolder(newFileFolder)
            } catch {
                monitor.withLock { $0.folderError = error }
            }
        }
        var isEnding = false
        while !isEnding {
            let next = nextSync()
            isEnding = next.isEnding
            if next.isDirty { note(descriptor.synchronize) }
            // A file that is not on the disk keeps its beginning, with which it plays as well.
            guard !next.overwrites.isEmpty, monitor.withLock({ $0.error == nil }) else { continue }
            for (bytes, place) in next.overwrites {
                note { () throws(CameraError) in try descriptor.writeOver(bytes, at: place) }
            }
            note(descriptor.synchronize)
        }
        note(descriptor.close)
        monitor.update { $0.isRunning = false }
    }

    /// Waits until it is time to sync or to end.
    private func nextSync() -> (isDirty: Bool, isEnding: Bool, overwrites: [(bytes: [UInt8], place: Int)]) {
        let next = Timestamp.deadline(after: period)
        monitor.wait { $0.isDirty || $0.isEnding ? () : nil }
        _ = monitor.wait(until: next) { $0.isSyncWanted || $0.isEnding ? () : nil }
        return monitor.withLock { state in
            defer {
                state.isDirty = false
                state.isSyncWanted = false
                state.overwrites = []
            }
            // What replaces bytes is taken with what was written before it: the sync that follows covers that.
            return (state.isDirty, state.isEnding, state.overwrites)
        }
    }

    /// Keeps the first error.
    private func note(_ step: () throws(CameraError) -> Void) {
        do {
            try step()
        } catch {
            monitor.withLock { $0.error = $0.error ?? error }
        }
    }
}
