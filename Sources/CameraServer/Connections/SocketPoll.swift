// SPDX-License-Identifier: MIT

internal import CLinux
internal import CameraCore
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// Suspends tasks until their sockets are ready, with one thread for all that wait for the same: reading, or writing.
final class SocketPoll: Sendable {
    private let epoll: FileDescriptor
    private let bell: FileDescriptor
    private let isWriting: Bool
    private let waiting = Mutex(Waiting())

    private struct Waiting {
        var calls: [Int32: WakeUpCall] = [:]
        var isEnded = false
    }

    /// - Parameters:
    ///   - threadName: The thread's name, at most 15 bytes.
    ///   - isWriting: Whether it waits until sockets can be written to, or else until they can be read.
    /// - Throws: `.system`.
    init(_ threadName: String, isWriting: Bool) throws(CameraError) {
        self.isWriting = isWriting
        epoll = try Self.descriptor(clinux_epoll())
        do throws(CameraError) {
            bell = try Self.descriptor(clinux_eventfd())
        } catch {
            try? epoll.close()
            throw error
        }
        // The bell is always waited for until it can be read.
        clinux_epoll_arm(epoll.rawValue, bell.rawValue, 0)
        let (epoll, bell) = (epoll, bell)
        // The thread keeps this object until it is told to end.
        _ = try WorkerThread(threadName) { [self] in
            run()
            try? epoll.close()
            try? bell.close()
        }
    }

    private static func descriptor(_ result: Int32) throws(CameraError) -> FileDescriptor {
        guard result < 0 else { return FileDescriptor(rawValue: result) }
        throw CameraError(.system, "waiting for the network", systemError: Errno(rawValue: -result))
    }

    /// Suspends the task until a socket is ready; it may be woken for no reason as well.
    ///
    /// One task at a time waits for a socket.
    ///
    /// - Throws: `CancellationError`; ``ConnectionFault/late`` when the deadline has passed, ``ConnectionFault/ended`` when the
    ///   server ends.
    func wait(for socket: Int32, until deadline: Timestamp?) async throws {
        let call = WakeUpCall()
        let code = waiting.withLock { waiting -> Int32 in
            guard !waiting.isEnded else { return EBADF }
            waiting.calls[socket] = call
            return clinux_epoll_arm(epoll.rawValue, socket, isWriting ? 1 : 0)
        }
        if code == 0 { await call.wait(until: deadline) }
        waiting.withLock { waiting in
            if waiting.calls[socket] === call { waiting.calls[socket] = nil }
        }
        try Task.checkCancellation()
        if code != 0 { throw ConnectionFault.ended }
        if let deadline, deadline <= .now { throw ConnectionFault.late }
    }

    /// Wakes all, and lets nobody wait any more.
    func end() {
        let calls = waiting.withLock { waiting in
            waiting.isEnded = true
            return Array(waiting.calls.values)
        }
        for call in calls { call.call() }
        var one: UInt64 = 1
        _ = withUnsafeBytes(of: &one) { try? bell.write($0) }
    }

    private func run() {
        var ready = [Int32](repeating: 0, count: 64)
        while true {
            let count = clinux_epoll_wait(epoll.rawValue, &ready, Int32(ready.count))
            guard count > 0 else { return }
            let sockets = ready.prefix(Int(count))
            if sockets.contains(bell.rawValue) { return }
            let calls = waiting.withLock { waiting in sockets.compactMap { waiting.calls.removeValue(forKey: $0) } }
            for call in calls { call.call() }
        }
    }
}

/// Why a connection ends.
enum ConnectionFault: Error {
    /// The client is gone, or the server ends.
    case ended
    /// What the client had to do took too long.
    case late
}
