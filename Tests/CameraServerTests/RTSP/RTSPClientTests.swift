// SPDX-License-Identifier: MIT

import CameraCore
import CameraKit
import CameraServer
import Foundation
import Glibc
import TestSupport
import Testing

/// Clients that are slow, silent, or come and go.
@Suite(.timeLimit(.minutes(5))) struct RTSPClientTests {
    /// A thousand times there and away again: nobody is left, and the next one is served as the first was.
    @Test func comesAndGoesAThousandTimes() async throws {
        try await LiveCamera.with(LiveCamera(.mjpeg)) { camera in
            try await aside {
                for round in 0..<1000 {
                    let client = try RTSPClient(camera.url())
                    let isByDatagrams = round % 3 == 0
                    let ports = isByDatagrams ? DatagramReceiver() : nil
                    let transport =
                        ports.map { "RTP/AVP;unicast;client_port=\($0.ports.0)-\($0.ports.1)" } ?? "RTP/AVP/TCP"
                    #expect(try client.setUp(transport).status == 200)
                    #expect(try client.request("PLAY").status == 200)
                    // Half of them are away without a word.
                    if round % 2 == 0 { #expect(try client.request("TEARDOWN").status == 200) }
                }
                #expect(eventually { camera.counts.players == 0 })
                #expect(camera.counts.sessions == 1000)
                let client = try RTSPClient(camera.url())
                #expect(try client.setUp().status == 200)
                #expect(try client.request("PLAY").status == 200)
            }
        }
    }

    /// A client that takes nothing is left out, and cut off after a while; others lose nothing meanwhile.
    @Test func oneThatTakesNothingCostsNobodyAPicture() async throws {
        try await LiveCamera.with(LiveCamera(.mjpeg, size: Resolution(640, 480))) { camera in
            try await aside {
                let stuck = try RTSPClient(camera.url())
                #expect(try stuck.setUp().status == 200)
                #expect(try stuck.request("PLAY").status == 200)
                let reader = try RTSPClient(camera.url())
                #expect(try reader.setUp().status == 200)
                #expect(try reader.request("PLAY").status == 200)
                var last: UInt32?
                // Each packet of the reader follows the one before, until the other one is gone.
                while camera.counts.players == 2 {
                    let packet = try reader.packet()
                    guard packet.channel == 0 else { continue }
                    if let last { #expect(packet.number(2..<4) == (last + 1) % 65_536) }
                    last = packet.number(2..<4)
                }
                #expect(camera.counts.droppedPictures > 0)
                #expect(try reader.request("GET_PARAMETER").status == 200)
                withExtendedLifetime(stuck) {}
            }
        }
    }

    /// Datagrams come from a pair of ports, go to the client's own address, and end when it says nothing.
    @Test func aClientThatIsSilentIsGivenUp() async throws {
        let camera = try LiveCamera(.mjpeg) { $0.rtspLimits.silence = .seconds(1) }
        try await LiveCamera.with(camera) { camera in
            try await aside {
                let client = try RTSPClient(camera.url())
                let receiver = DatagramReceiver()
                let (rtp, rtcp) = receiver.ports
                let setUp = try client.setUp("RTP/AVP;unicast;client_port=\(rtp)-\(rtcp)")
                let transport = try #require(setUp["transport"])
                let pair = try #require(transport.firstMatch(of: #/server_port=(\d+)-(\d+)/#))
                let (first, second) = (try #require(Int(pair.1)), try #require(Int(pair.2)))
                #expect(first % 2 == 0 && second == first + 1)
                #expect(setUp["session"]?.hasSuffix(";timeout=1") == true)
                #expect(try client.request("PLAY").status == 200)
                let packet = try #require(receiver.packet())
                #expect(packet.port == first)
                #expect(receiver.report()?.port == second)
                // Others that know the port are not heard.
                let stranger = DatagramReceiver()
                var count = 0
                while camera.counts.players == 1, count < 1000, receiver.packet() != nil {
                    stranger.sendReport(to: second)
                    count += 1
                }
                client.waitForEnd()
                #expect(receiver.reports().contains { $0.suffix(8).starts(with: [0x81, 203]) })
                #expect(camera.counts.players == 0)
            }
        }
    }

    /// Reports by datagrams, or what is taken within the connection, tell that a client is there.
    @Test(arguments: [false, true]) func aClientThatIsThereIsNot(isByDatagrams: Bool) async throws {
        let camera = try LiveCamera(.mjpeg) { $0.rtspLimits.silence = .seconds(1) }
        try await LiveCamera.with(camera) { camera in
            try await aside {
                let client = try RTSPClient(camera.url())
                let receiver = DatagramReceiver()
                let setUp = try client.setUp(
                    isByDatagrams
                        ? "RTP/AVP;unicast;client_port=\(receiver.ports.0)-\(receiver.ports.1)" : "RTP/AVP/TCP")
                #expect(try client.request("PLAY").status == 200)
                let pair = setUp["transport"]?.firstMatch(of: #/server_port=\d+-(\d+)/#)
                let port = pair.flatMap { Int($0.1) } ?? 0
                // Three times as long as it may be silent, by the pictures' times.
                var first: UInt32?
                var ticks: UInt32 = 0
                while ticks < 270_000 {
                    let bytes = isByDatagrams ? try #require(receiver.packet()).bytes : try client.packet().bytes
                    guard bytes[1] & 0x7F == 26 else { continue }
                    let time = bytes[4..<8].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                    ticks = time &- (first ?? time)
                    first = first ?? time
                    if isByDatagrams { receiver.sendReport(to: port) }
                }
                #expect(try client.request("TEARDOWN").status == 200)
            }
        }
    }
}

/// Two ports of a client that receives datagrams; it waits for each at most three seconds.
private final class DatagramReceiver {
    let ports: (Int, Int)
    private let packets: Int32
    private let control: Int32

    init() {
        // They may lie anywhere, but in order.
        let sockets = [Self.open(), Self.open()].sorted { Self.port($0) < Self.port($1) }
        (packets, control) = (sockets[0], sockets[1])
        ports = (Self.port(packets), Self.port(control))
    }

    deinit {
        Glibc.close(packets)
        Glibc.close(control)
    }

    private static func open() -> Int32 {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var limit = timeval(tv_sec: 3, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        _ = withAddress(0) { bind(socket, $0, $1) }
        return socket
    }

    private static func withAddress<Result>(
        _ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private static func port(_ socket: Int32) -> Int {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            _ = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &size) }
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    private func receive(_ socket: Int32, _ flags: Int32 = 0) -> (bytes: [UInt8], port: Int)? {
        var bytes = [UInt8](repeating: 0, count: 2048)
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let count = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                recvfrom(socket, &bytes, bytes.count, flags, $0, &size)
            }
        }
        return count < 0 ? nil : (Array(bytes[..<count]), Int(UInt16(bigEndian: address.sin_port)))
    }

    func packet() -> (bytes: [UInt8], port: Int)? { receive(packets) }

    func report() -> (bytes: [UInt8], port: Int)? { receive(control) }

    /// All reports that are there.
    func reports() -> [[UInt8]] {
        var found: [[UInt8]] = []
        while let report = receive(control, Int32(MSG_DONTWAIT)) { found.append(report.bytes) }
        return found
    }

    /// Tells a port that all is well (RFC 3550, 6.4.2).
    func sendReport(to port: Int) {
        let report: [UInt8] = [0x80, 201, 0, 1, 1, 2, 3, 4]
        _ = Self.withAddress(port) { sendto(control, report, report.count, 0, $0, $1) }
    }
}
