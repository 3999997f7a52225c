// SPDX-License-Identifier: MIT

internal import CameraCore
internal import Glibc
internal import Synchronization

/// A client's connection, from which one task reads at a time, and to which one writes.
///
/// Everything that waits for the client has an end. The descriptor is closed by the task that serves it alone, when the others
/// are done, so that no other connection can have got its number meanwhile.
final class Connection: Sendable {
    /// What connections are waited for with.
    struct Polls: Sendable {
        let reading: SocketPoll
        let writing: SocketPoll

        init() throws(CameraError) {
            reading = try SocketPoll("serve-read", isWriting: false)
            do throws(CameraError) {
                writing = try SocketPoll("serve-write", isWriting: true)
            } catch {
                reading.end()
                throw error
            }
        }

        func end() {
            reading.end()
            writing.end()
        }
    }

    /// The client's address.
    let peer: SocketAddress
    /// The address that it came in on.
    let local: SocketAddress
    /// What it is waited for with, and what belongs to it as well.
    let polls: Polls
    private let socket: Int32
    private let deadline = Mutex<Timestamp?>(nil)

    /// How long a client may take nothing of what is written.
    static let writeLimit = Duration.seconds(15)

    init(_ socket: Int32, polls: Polls) {
        self.socket = socket
        self.polls = polls
        peer = SocketAddress(peerOf: socket)
        local = SocketAddress(of: socket)
        // A picture is sent by one call, and is not to wait for the next.
        var isOn: Int32 = 1
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Sets the moment by which what is read from now on must have come; nil for no limit.
    func limitReading(to duration: Duration?) { deadline.withLock { $0 = .deadline(after: duration) } }

    /// Reads what has come, waiting for at least one byte.
    ///
    /// - Returns: The bytes; none at the end.
    /// - Throws: `CancellationError`, ``ConnectionFault``.
    func read(atMost count: Int = 16_384) async throws -> [UInt8] {
        while true {
            try Task.checkCancellation()
            var code: Int32 = 0
            var isEnd = false
            let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
                let got = recv(socket, buffer.baseAddress, count, 0)
                code = got < 0 ? errno : 0
                isEnd = got == 0
                filled = max(got, 0)
            }
            if isEnd || !bytes.isEmpty { return bytes }
            switch code {
            case EINTR: continue
            case EAGAIN: try await polls.reading.wait(for: socket, until: deadline.withLock(\.self))
            default: throw ConnectionFault.ended
            }
        }
    }

    /// Writes all of the bytes.
    ///
    /// - Throws: `CancellationError`, ``ConnectionFault``.
    func write(_ bytes: [UInt8]) async throws { try await write(bytes[...]) }

    /// Writes all of the bytes.
    func write(_ bytes: ArraySlice<UInt8>) async throws {
        var rest = bytes
        while !rest.isEmpty {
            try Task.checkCancellation()
            // A client that is gone is an error here, not a signal.
            let sent = rest.withUnsafeBytes {
                send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if sent > 0 {
                rest = rest.dropFirst(sent)
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN: try await polls.writing.wait(for: socket, until: .now + Self.writeLimit)
            default: throw ConnectionFault.ended
            }
        }
    }

    /// Writes what the system takes now, without waiting.
    ///
    /// - Returns: How many of the bytes were taken; nil when the client is gone.
    func writeAtOnce(_ bytes: [UInt8]) -> Int? {
        while true {
            let sent = bytes.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if sent >= 0 { return sent }
            switch errno {
            case EINTR: continue
            case EAGAIN: return 0
            default: return nil
            }
        }
    }

    /// Tells the client that nothing follows; what it still sends is taken and forgotten for a moment, so that the system does
    /// not take back what it has not read yet.
    func finish() async {
        shutdown(socket, Int32(SHUT_WR))
        limitReading(to: .seconds(2))
        var left = 65_536
        while left > 0, let bytes = try? await read(), !bytes.isEmpty { left -= bytes.count }
    }

    /// Closes the descriptor; called once, when nobody uses the connection any more.
    func close() { _ = Glibc.close(socket) }
}
