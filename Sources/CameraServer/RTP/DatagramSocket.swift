// SPDX-License-Identifier: MIT

internal import CameraCore
internal import Glibc
internal import Synchronization

/// A socket of UDP that sends to one address and takes nothing from others.
///
/// One task at a time sends, and one receives.
final class DatagramSocket: Sendable {
    let port: Int
    private let socket: Int32
    private let polls: Connection.Polls

    /// Opens a socket on a port; nil where that is taken, or there is no descriptor left.
    ///
    /// - Parameters:
    ///   - local: Where.
    ///   - polls: What it is waited for with.
    init?(on local: SocketAddress, polls: Connection.Polls) {
        let opened = local.withSystemAddress { place, size -> Int32? in
            let flags = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
            let socket = Glibc.socket(Int32(place.pointee.sa_family), flags, 0)
            guard socket >= 0 else { return nil }
            if bind(socket, place, size) == 0 { return socket }
            _ = Glibc.close(socket)
            return nil
        }
        guard let socket = opened ?? nil else { return nil }
        self.socket = socket
        self.polls = polls
        port = local.port
    }

    /// Takes one address for all that follows: the system keeps away what others send.
    ///
    /// - Returns: Whether that can be.
    func connect(to peer: SocketAddress) -> Bool {
        let code = peer.withSystemAddress { place, size in Glibc.connect(socket, place, size) }
        guard code == 0 else { return false }
        // What came from anybody before.
        while !take().isEmpty {}
        return true
    }

    /// Sends a datagram; one that the client's system refuses is lost like others.
    func send(_ bytes: ArraySlice<UInt8>) async throws {
        while true {
            let sent = bytes.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard sent < 0 else { return }
            switch errno {
            case EINTR: continue
            case EAGAIN: try await polls.writing.wait(for: socket, until: .now + Connection.writeLimit)
            // Nobody is at the port, for now or any more: the end of the connection tells.
            default: return
            }
        }
    }

    /// Waits for a datagram.
    func receive() async throws -> [UInt8] {
        while true {
            try Task.checkCancellation()
            let bytes = take()
            if !bytes.isEmpty { return bytes }
            try await polls.reading.wait(for: socket, until: nil)
        }
    }

    /// A datagram that is there; empty where there is none.
    private func take() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 2048) { buffer, filled in
            // An error is that of a datagram that was sent before.
            filled = max(recv(socket, buffer.baseAddress, buffer.count, 0), 0)
        }
    }

    func close() { _ = Glibc.close(socket) }
}

/// Two sockets on neighbouring ports, the first of them even (RFC 3550, 11).
struct DatagramPair {
    let packets: DatagramSocket
    let reports: DatagramSocket
}

/// The ports that pairs are taken from.
final class DatagramPorts: Sendable {
    private let range: ClosedRange<Int>
    private let next = Atomic(0)

    /// - Parameter range: The ports; what is in use already is passed over.
    init(_ range: ClosedRange<Int>) { self.range = range }

    /// Opens the next pair that is free.
    ///
    /// - Parameters:
    ///   - local: The address of ours that the client knows.
    ///   - peer: The client's address, whose port is left out.
    ///   - ports: The client's ports.
    ///   - polls: What the sockets are waited for with.
    /// - Returns: Nil where no pair is free, or nothing can be sent to the client.
    func open(
        on local: SocketAddress, to peer: SocketAddress, _ ports: (rtp: Int, rtcp: Int), polls: Connection.Polls
    ) -> DatagramPair? {
        let first = range.lowerBound + range.lowerBound % 2
        let count = (range.upperBound - first + 1) / 2
        for _ in 0..<count {
            let turn = next.wrappingAdd(1, ordering: .relaxed).oldValue
            var place = local
            place.port = first + turn % count * 2
            guard let packets = DatagramSocket(on: place, polls: polls) else { continue }
            place.port += 1
            guard let reports = DatagramSocket(on: place, polls: polls) else {
                packets.close()
                continue
            }
            var (data, control) = (peer, peer)
            (data.port, control.port) = ports
            if packets.connect(to: data), reports.connect(to: control) {
                return DatagramPair(packets: packets, reports: reports)
            }
            packets.close()
            reports.close()
            return nil
        }
        return nil
    }
}
