// SPDX-License-Identifier: MIT

internal import CLinux
internal import CameraCore
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// A socket on which clients come in, and the connections that came.
///
/// Phases: listening, ended. Only ``end()`` moves it on.
final class Listener: Sendable {
    /// Where it listens; with the port that the system chose where 0 was asked for.
    let address: SocketAddress
    private let socket: Int32
    private let polls: Connection.Polls
    private let capacity: Int
    private let serve: @Sendable (Connection) async -> Void
    private let state = Mutex(State())

    private struct State {
        var tasks: [ObjectIdentifier: Task<Void, Never>] = [:]
        var listening: Task<Void, Never>?
        var isEnded = false
    }

    /// Begins to listen.
    ///
    /// - Parameters:
    ///   - address: Where; port 0 for one that is free.
    ///   - polls: What connections are waited for with.
    ///   - capacity: How many connections there are at most; more are closed at once.
    ///   - serve: Serves one, in a task of its own.
    /// - Throws: `.invalidValue` for what is no address, `.system`.
    init(
        _ address: SocketAddress, polls: Connection.Polls, capacity: Int,
        _ serve: @escaping @Sendable (Connection) async -> Void
    ) throws(CameraError) {
        socket = try Self.open(address)
        self.address = SocketAddress(of: socket)
        self.polls = polls
        self.capacity = capacity
        self.serve = serve
        let task = Task.ofServer { [self] in await run() }
        state.withLock { $0.listening = task }
    }

    private static func open(_ address: SocketAddress) throws(CameraError) -> Int32 {
        let operation = "listening on"
        guard (0...65_535).contains(address.port) else {
            throw CameraError(
                .invalidValue, operation, subject: address.text,
                reason: "a port is a number from 1 to 65535, or 0 for a free one")
        }
        let result = address.withSystemAddress { place, size -> Result<Int32, Errno> in
            let flags = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
            let socket = Glibc.socket(Int32(place.pointee.sa_family), flags, 0)
            guard socket >= 0 else { return .failure(Errno(rawValue: errno)) }
            var isOn: Int32 = 1
            setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &isOn, socklen_t(MemoryLayout<Int32>.size))
            if bind(socket, place, size) == 0, listen(socket, SOMAXCONN) == 0 { return .success(socket) }
            let code = Errno(rawValue: errno)
            _ = Glibc.close(socket)
            return .failure(code)
        }
        switch result {
        case .success(let socket): return socket
        case .failure(let code):
            let reason: String? =
                switch code {
                case .addressInUse: "another program listens there; stop it, or give another port"
                case .addressNotAvailable: "this machine has no such address; 0.0.0.0 stands for all that it has"
                case .permissionDenied: "ports below 1024 are the system administrator's; give a higher one"
                default: nil
                }
            throw CameraError(.system, operation, subject: address.text, reason: reason, systemError: code)
        case nil:
            throw CameraError(
                .invalidValue, operation, subject: address.text,
                reason: "it takes an address in digits, such as 127.0.0.1, 0.0.0.0 or ::1")
        }
    }

    /// Takes clients until it is ended; one that cannot be taken costs the others nothing.
    private func run() async {
        while !Task.isCancelled {
            let result = clinux_accept(socket)
            switch result {
            case 0...: take(Connection(result, polls: polls))
            case -EAGAIN:
                do { try await polls.reading.wait(for: socket, until: nil) } catch { return }
            case -EINTR: break
            // The process has no descriptor left, or the client has gone already.
            default: await pause(for: .milliseconds(100))
            }
        }
    }

    private func take(_ connection: Connection) {
        let isTaken = state.withLock { state in
            guard !state.isEnded, state.tasks.count < capacity else { return false }
            let id = ObjectIdentifier(connection)
            state.tasks[id] = Task.ofServer { [self] in
                await serve(connection)
                connection.close()
                // It is there: it was put there under this lock.
                _ = self.state.withLock { $0.tasks.removeValue(forKey: id) }
            }
            return true
        }
        if !isTaken { connection.close() }
    }

    /// Ceases to listen, cuts off all connections, and waits until they are gone.
    func end() async {
        let (listening, tasks) = state.withLock { state in
            state.isEnded = true
            return (state.listening.take(), Array(state.tasks.values))
        }
        guard let listening else { return }
        listening.cancel()
        for task in tasks { task.cancel() }
        await listening.value
        _ = Glibc.close(socket)
        for task in tasks { await task.value }
    }
}
