// SPDX-License-Identifier: MIT

internal import CLinux
internal import CameraCore
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// A file descriptor that can be closed at any time: a write that runs keeps it until it is done.
///
/// No lock is held during a system call, so that a stalled disk stops nobody but the thread that writes. Errors are
/// `.output`, and `.closed` after ``close()``.
final class OutputDescriptor: Sendable {
    /// What messages call it.
    let name: String
    /// The right to the regular file behind it, kept until it is closed; nil for a pipe, device or socket.
    private let claim: FileClaim?
    private let number: Int32
    private let isOwned: Bool
    private let state = Mutex(State())

    private struct State {
        var users = 0
        var isClosed = false
        var bytesWritten = 0
    }

    /// Takes over an open descriptor.
    ///
    /// - Parameters:
    ///   - number: The descriptor.
    ///   - name: What messages call it.
    ///   - claim: The right to the regular file behind it.
    ///   - isOwned: Whether closing this closes the descriptor.
    init(_ number: Int32, name: String, claim: FileClaim? = nil, isOwned: Bool) {
        self.number = number
        self.name = name
        self.claim = claim
        self.isOwned = isOwned
    }

    /// The regular file behind it; nil for a pipe, device or socket.
    var file: FileIdentity? { claim?.file }

    /// Bytes that the kernel has taken.
    var bytesWritten: Int { state.withLock { $0.bytesWritten } }

    /// Writes all bytes or throws; nothing is kept back from the kernel.
    ///
    /// - Parameters:
    ///   - bytes: What to write.
    ///   - keeper: Who makes room when the disk is full.
    /// - Throws: `.output`, `.closed`.
    func write(_ bytes: RawSpan, _ keeper: (any DiskKeeper)? = nil) throws(CameraError) {
        let operation = "writing to the output"
        try beginUse(operation)
        let (written, failure) = bytes.withUnsafeBytes { bytes in
            var (written, failure) = writeAll(bytes, to: number)
            while failure?.tellsFullDisk == true, let keeper, keeper.makeRoom(for: bytes.count - written) {
                let rest = writeAll(UnsafeRawBufferPointer(rebasing: bytes[written...]), to: number)
                written += rest.written
                failure = rest.failure
            }
            return (written, failure)
        }
        state.withLock { $0.bytesWritten += written }
        try endUse(operation, failure)
    }

    /// Replaces bytes of the file.
    func writeOver(_ bytes: [UInt8], at place: Int) throws(CameraError) {
        let operation = "writing to the output"
        try beginUse(operation)
        var done = 0
        var failure: Errno?
        while done < bytes.count, failure == nil {
            let count = bytes.withUnsafeBytes { buffer in
                pwrite(number, buffer.baseAddress.map { $0 + done }, bytes.count - done, off_t(place + done))
            }
            if count > 0 { done += count } else if count == 0 || errno != EINTR { failure = Errno(rawValue: errno) }
        }
        try endUse(operation, failure)
    }

    /// Empties the file.
    func truncate() throws(CameraError) {
        let operation = "emptying the output"
        try beginUse(operation)
        var result: Int32
        repeat { result = ftruncate(number, 0) } while result != 0 && errno == EINTR
        try endUse(operation, result == 0 ? nil : Errno(rawValue: errno))
    }

    /// Waits until the file's bytes are on the disk.
    func synchronize() throws(CameraError) {
        let operation = "syncing the output to the disk"
        try beginUse(operation)
        var result: Int32
        repeat { result = fdatasync(number) } while result != 0 && errno == EINTR
        try endUse(operation, result == 0 ? nil : Errno(rawValue: errno))
    }

    /// Refuses further use and closes the descriptor, or leaves that to the call that runs; idempotent.
    func close() throws(CameraError) {
        let isLast = state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed && state.users == 0
        }
        if isLast, let failure = closeNumber() { throw error("closing the output", failure) }
    }

    private func beginUse(_ operation: String) throws(CameraError) {
        try state.withLock { state throws(CameraError) in
            guard !state.isClosed else { throw CameraError(.closed, operation, subject: name) }
            state.users += 1
        }
    }

    private func endUse(_ operation: String, _ failure: Errno?) throws(CameraError) {
        let isLast = state.withLock { state in
            state.users -= 1
            return state.isClosed && state.users == 0
        }
        let closingFailure = isLast ? closeNumber() : nil
        if let failure = failure ?? closingFailure { throw error(operation, failure) }
    }

    private func closeNumber() -> Errno? {
        guard isOwned else { return nil }
        // Before the number is free, which may be another file's afterwards; and first for others than this program: closing gives
        // the lock back only when no other process has the descriptor, as one that is being started has between fork and exec.
        if claim != nil { clinux_unlock(number) }
        claim?.release()
        // Linux frees the number even when close(2) fails, also with EINTR.
        return Glibc.close(number) == 0 || errno == EINTR ? nil : Errno(rawValue: errno)
    }

    private func error(_ operation: String, _ failure: Errno) -> CameraError {
        CameraError(.output, operation, subject: name, reason: failure.outputReason, systemError: failure)
    }
}
