// SPDX-License-Identifier: MIT

internal import Foundation
internal import Glibc

/// A client that sends what a test wants, and keeps what comes.
///
/// It waits, at most twenty seconds each time, and so holds its thread.
public final class RTSPClient {
    /// An answer.
    public struct Answer {
        /// The status of the first line.
        public var status = 0
        /// The fields, their names in lower case.
        public var fields: [(name: String, value: String)] = []
        /// The body as text.
        public var body = ""

        /// The value of the first field of a name.
        public subscript(name: String) -> String? { fields.first { $0.name == name }?.value }
    }

    /// What stood within the connection between answers.
    public struct Packet {
        /// Its channel.
        public let channel: UInt8
        /// What it holds.
        public let bytes: [UInt8]

        /// The number in some bytes of the packet.
        public func number(_ range: Range<Int>) -> UInt32 { bytes[range].reduce(0) { $0 << 8 | UInt32($1) } }
    }

    /// The connection has ended, or nothing came in time.
    public struct Ended: Error {}

    /// What came is no answer of RTSP, or has the number of another request.
    public struct Malformed: Error {}

    /// The stream's address.
    public let url: String
    private let socket: Int32
    private var buffer: [UInt8] = []
    private var packets: [Packet] = []
    private var number = 0
    /// The session's name, which requests bring.
    public private(set) var session: String?

    /// Connects.
    public init(_ url: String) throws {
        self.url = url
        guard let parts = URLComponents(string: url), let port = parts.port else { throw Malformed() }
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { throw Ended() }
    }

    deinit { Glibc.close(socket) }

    /// Sends a request and waits for its answer.
    ///
    /// - Parameters:
    ///   - method: The method.
    ///   - target: An address, or what follows that of the stream.
    ///   - fields: Fields behind its number; the session's name is added.
    ///   - body: The body.
    /// - Returns: The answer.
    /// - Throws: ``Ended``, ``Malformed``.
    public func request(
        _ method: String, _ target: String = "", _ fields: [String] = [], body: String = ""
    ) throws -> Answer {
        number += 1
        var lines = ["\(method) \(target.hasPrefix("rtsp:") || target == "*" ? target : url + target) RTSP/1.0"]
        lines += ["CSeq: \(number)"] + fields
        if let session, !fields.contains(where: { $0.hasPrefix("Session:") }) { lines.append("Session: \(session)") }
        if !body.isEmpty { lines.append("Content-Length: \(body.utf8.count)") }
        try write(Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8))
        let answer = try answer()
        guard answer["cseq"] == "\(number)" else { throw Malformed() }
        return answer
    }

    /// Sets up, and keeps the session's name.
    public func setUp(_ transport: String = "RTP/AVP/TCP;unicast;interleaved=0-1") throws -> Answer {
        session = nil
        let answer = try request("SETUP", "/trackID=0", ["Transport: \(transport)"])
        session = answer["session"].map { String($0.prefix { $0 != ";" }) }
        return answer
    }

    /// Sends bytes as they are.
    public func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { throw Ended() }
            rest = rest.dropFirst(count)
        }
    }

    /// The next answer; packets in front of it are kept.
    public func answer() throws -> Answer {
        while true {
            try fill(1)
            if buffer[0] == 0x24 {
                try keepPacket()
                continue
            }
            guard let end = buffer.firstRange(of: Array("\r\n\r\n".utf8)) else {
                try fill(buffer.count + 1)
                continue
            }
            let lines = String(decoding: buffer[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
            buffer.removeFirst(end.upperBound)
            var answer = Answer()
            let words = lines[0].split(separator: " ")
            guard words.count > 2, words[0] == "RTSP/1.0", let status = Int(words[1]) else { throw Malformed() }
            answer.status = status
            for line in lines.dropFirst() {
                let parts = line.split(separator: ":", maxSplits: 1)
                guard parts.count == 2 else { throw Malformed() }
                answer.fields.append((parts[0].lowercased(), parts[1].trimmingCharacters(in: .whitespaces)))
            }
            let count = answer["content-length"].flatMap { Int($0) } ?? 0
            try fill(count)
            answer.body = String(decoding: buffer[..<count], as: UTF8.self)
            buffer.removeFirst(count)
            return answer
        }
    }

    /// The next packet.
    public func packet() throws -> Packet {
        while packets.isEmpty {
            try fill(4)
            guard buffer[0] == 0x24 else { throw Malformed() }
            try keepPacket()
        }
        return packets.removeFirst()
    }

    /// Says that nothing follows.
    public func finish() { shutdown(socket, Int32(SHUT_WR)) }

    /// Takes all that comes to the end of the connection.
    public func waitForEnd() {
        while (try? fill(buffer.count + 1)) != nil { buffer = [] }
    }

    private func keepPacket() throws {
        try fill(4)
        let count = Int(buffer[2]) << 8 | Int(buffer[3])
        try fill(4 + count)
        packets.append(Packet(channel: buffer[1], bytes: Array(buffer[4..<4 + count])))
        buffer.removeFirst(4 + count)
    }

    private func fill(_ count: Int) throws {
        while buffer.count < count {
            var bytes = [UInt8](repeating: 0, count: 65_536)
            let got = recv(socket, &bytes, bytes.count, 0)
            guard got > 0 else { throw Ended() }
            buffer += bytes[..<got]
        }
    }
}
