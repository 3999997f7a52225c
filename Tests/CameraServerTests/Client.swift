// SPDX-License-Identifier: MIT

import CameraServer
import Foundation
import Glibc

/// A client that sends what it likes: every wait of it has an end.
final class Client {
    private let socket: Int32
    private var buffer: [UInt8] = []

    /// Connects to a port of this machine.
    init(_ port: Int, seconds: Int = 20) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
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
        guard code == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    }

    convenience init(_ server: CameraServer, seconds: Int = 20) throws {
        try self.init(URL(string: server.address)?.port ?? 0, seconds: seconds)
    }

    deinit { close() }

    private var isClosed = false

    func close() {
        if !isClosed { _ = Glibc.close(socket) }
        isClosed = true
    }

    /// Sends bytes; whether the server took them.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard sent > 0 else { return false }
            rest = rest.dropFirst(sent)
        }
        return true
    }

    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Reads more; false at the end or after the time-out.
    private func fill() -> Bool {
        var piece = [UInt8](repeating: 0, count: 65_536)
        let count = recv(socket, &piece, piece.count, 0)
        guard count > 0 else {
            timedOut = count < 0 && errno == EAGAIN
            return false
        }
        buffer += piece[..<count]
        return true
    }

    /// Whether the last read ended by the time-out rather than by the server.
    private(set) var timedOut = false

    /// Everything up to the end of the connection.
    func rest() -> [UInt8] {
        while fill() {}
        defer { buffer = [] }
        return buffer
    }

    /// The next bytes; nil when the connection ended before.
    func take(_ count: Int) -> [UInt8]? {
        while buffer.count < count { guard fill() else { return nil } }
        defer { buffer.removeFirst(count) }
        return Array(buffer[..<count])
    }

    /// The next bytes up to and with an end; nil when the connection ended before.
    func take(through end: String) -> String? {
        let end = Array(end.utf8)
        while true {
            if let place = buffer.firstRange(of: end) {
                defer { buffer.removeFirst(place.upperBound) }
                return String(decoding: buffer[..<place.upperBound], as: UTF8.self)
            }
            guard fill() else { return nil }
        }
    }

    /// An answer: its status, its head and its body by the Content-Length.
    func answer() -> (status: Int, head: String, body: [UInt8])? {
        guard let head = take(through: "\r\n\r\n") else { return nil }
        let status = Int(head.split(separator: " ")[1]) ?? 0
        let length = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
        let count = length.flatMap { Int($0.split(separator: ":")[1].trimmingCharacters(in: .whitespaces)) } ?? 0
        guard let body = take(count) else { return nil }
        return (status, head, body)
    }

    /// Asks for something, with the fields that a client has.
    func ask(
        _ method: String, _ target: String, _ fields: [String] = [], body: String = ""
    ) -> (status: Int, head: String, body: [UInt8])? {
        var lines = ["\(method) \(target) HTTP/1.1", "Host: 127.0.0.1"] + fields
        if !body.isEmpty { lines.append("Content-Length: \(body.utf8.count)") }
        send(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
        return answer()
    }

    // MARK: WebSocket

    /// Begins a WebSocket; the answer's status.
    func upgrade(_ target: String) -> Int? {
        let key = "dGhlIHNhbXBsZSBub25jZQ=="
        return ask(
            "GET", target,
            ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: \(key)"])?
            .status
    }

    /// The next frame of a WebSocket; nil when the connection ended.
    func frame() -> (kind: UInt8, payload: [UInt8])? {
        guard let head = take(2) else { return nil }
        var count = Int(head[1] & 0x7F)
        if count >= 126 {
            guard let length = take(count == 126 ? 2 : 8) else { return nil }
            count = length.reduce(0) { $0 << 8 | Int($1) }
        }
        guard let payload = take(count) else { return nil }
        return (head[0] & 0x0F, payload)
    }

    /// Sends a frame of a WebSocket as clients do, under a mask.
    @discardableResult
    func sendFrame(_ first: UInt8, _ payload: [UInt8]) -> Bool {
        let mask: [UInt8] = [1, 2, 3, 4]
        let masked = payload.enumerated().map { $1 ^ mask[$0 & 3] }
        return send([first, 0x80 | UInt8(payload.count)] + mask + masked)
    }
}
