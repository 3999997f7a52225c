// SPDX-License-Identifier: MIT

internal import CameraCore

/// How packets get to a client.
protocol RTPTransport: Sendable {
    /// Sends the packets of a picture.
    func send(_ chunk: LiveChunk) async throws

    /// Sends the packets of a picture without waiting.
    func sendAtOnce(_ chunk: LiveChunk) -> ConnectionWriter.AtOnce

    /// Sends what ``sendAtOnce(_:)`` has begun to its end.
    func sendRest() async throws

    /// Sends a report.
    func sendReport(_ bytes: [UInt8]) async throws

    /// Whether what was sent has been taken by somebody, so that it shows that the client is there.
    var isAcknowledged: Bool { get }

    /// Frees what it holds; nobody sends any more.
    func close() async
}

/// Packets within the connection of RTSP (RFC 2326, 10.12).
struct InterleavedTransport: RTPTransport {
    let writer: ConnectionWriter
    let channel: UInt8
    let reportChannel: UInt8

    var isAcknowledged: Bool { true }

    func send(_ chunk: LiveChunk) async throws { try await writer.write(bytes(of: chunk)) }

    func sendAtOnce(_ chunk: LiveChunk) -> ConnectionWriter.AtOnce { writer.writeAtOnce(bytes(of: chunk)) }

    func sendRest() async throws { try await writer.write([]) }

    /// The packets with the client's channel in front of each.
    private func bytes(of chunk: LiveChunk) -> [UInt8] {
        var bytes = chunk.bytes
        guard channel != 0 else { return bytes }
        for packet in chunk.packets { bytes[packet.lowerBound - RTPPackets.frameByteCount + 1] = channel }
        return bytes
    }

    func sendReport(_ bytes: [UInt8]) async throws {
        let head = [0x24, reportChannel, UInt8(bytes.count >> 8), UInt8(bytes.count & 255)]
        try await writer.write(head + bytes)
    }

    func close() async {}
}

/// Packets as datagrams from two ports of ours to two ports of the client.
final class DatagramTransport: RTPTransport {
    /// The ports of ours.
    let ports: (rtp: Int, rtcp: Int)
    private let packets: DatagramSocket
    private let reports: DatagramSocket
    private let reading: Task<Void, Never>

    /// Packets that are sent at once: more could be too much for what a client's system keeps for it.
    private static let burst = 32

    /// - Parameters:
    ///   - pair: The sockets.
    ///   - onReport: Called with each datagram that comes to the port of reports; must not wait.
    init(_ pair: DatagramPair, onReport: @escaping @Sendable (ArraySlice<UInt8>) -> Void) {
        (packets, reports) = (pair.packets, pair.reports)
        ports = (pair.packets.port, pair.reports.port)
        let reports = reports
        reading = Task.ofServer {
            while let bytes = try? await reports.receive() { onReport(bytes[...]) }
        }
    }

    var isAcknowledged: Bool { false }

    func send(_ chunk: LiveChunk) async throws {
        for (index, packet) in chunk.packets.enumerated() {
            if index > 0, index % Self.burst == 0 { await pause(for: .milliseconds(1)) }
            try Task.checkCancellation()
            try await packets.send(chunk.bytes[packet])
        }
    }

    /// Datagrams have to wait for each other, so that they are not too many at once.
    func sendAtOnce(_ chunk: LiveChunk) -> ConnectionWriter.AtOnce { .refused }

    func sendRest() {}

    func sendReport(_ bytes: [UInt8]) async throws { try await reports.send(bytes[...]) }

    func close() async {
        reading.cancel()
        await reading.value
        packets.close()
        reports.close()
    }
}
