// SPDX-License-Identifier: MIT

public import Foundation
internal import Synchronization

/// A TCP socket of this machine that others connect to, and that reads only when it is told.
///
/// The kernel takes connections for it, as many as wait at most, and bytes, as many as it has room for.
public final class TCPListener: Sendable {
    /// Its port.
    public let port: Int
    private let descriptor: Int32

    /// Listens at a port that was free, or at a certain one.
    ///
    /// - Parameters:
    ///   - wanted: The port; 0 for one that the system chooses.
    ///   - backlog: Connections that may wait to be accepted, less one.
    ///   - receiveBuffer: Bytes that the kernel keeps of each connection, about.
    /// - Throws: What the system refuses.
    public init(at wanted: Int = 0, backlog: Int32 = 8, receiveBuffer: Int32 = 4096) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw POSIXError(.EMFILE) }
        self.descriptor = descriptor
        var size = receiveBuffer
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        var address = Self.address(port: wanted)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = Self.withGeneric(&address) { generic in
            let isBound = bind(descriptor, generic, length) == 0 && listen(descriptor, backlog) == 0
            return isBound ? getsockname(descriptor, generic, &length) : -1
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        guard status == 0 else { throw POSIXError(.EADDRINUSE) }
    }

    deinit { close(descriptor) }

    /// A port at which nobody listens now, and that the system gives to no connection by itself.
    ///
    /// It is even, and the next one is given to nobody else, as readers of RTP want two.
    ///
    /// - Throws: When there is none.
    public static func freePort() throws -> Int {
        // The system's own begin at 32768; other tests take of these while the program that is to listen starts.
        for _ in 0..<1000 {
            let place = Int(getpid()) * 7 + nextPort.add(1, ordering: .relaxed).newValue
            let port = 20_000 + 2 * (place % 6000)
            if let listener = try? TCPListener(at: port) { return listener.port }
        }
        throw POSIXError(.EADDRINUSE)
    }

    private static let nextPort = Atomic(0)

    /// Leaves no room for a connection, so that who tries to connect gets no answer; for a listener with a backlog of 0.
    ///
    /// - Returns: The connection that takes the room, until it is closed.
    public func fill() throws -> FileHandle {
        let other = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.address(port: port)
        let status = Self.withGeneric(&address) { connect(other, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        guard other >= 0, status == 0 else { throw POSIXError(.ECONNREFUSED) }
        return FileHandle(fileDescriptor: other, closeOnDealloc: true)
    }

    /// Accepts a connection and reads to its end; waits for both.
    public func readConnection() -> Data {
        let connection = accept(descriptor, nil, nil)
        guard connection >= 0 else { return Data() }
        return FileHandle(fileDescriptor: connection, closeOnDealloc: true).readDataToEndOfFile()
    }

    /// Accepts a connection and answers as an RTSP server does, up to RECORD; what is published then is not read.
    ///
    /// - Returns: The connection; nil when it ended before.
    public func acceptPublisher() -> FileHandle? {
        let connection = accept(descriptor, nil, nil)
        guard connection >= 0 else { return nil }
        let publisher = FileHandle(fileDescriptor: connection, closeOnDealloc: true)
        var text = ""
        while true {
            guard let end = text.range(of: "\r\n\r\n") else {
                let more = publisher.availableData
                guard !more.isEmpty else { return nil }
                text += String(decoding: more, as: UTF8.self)
                continue
            }
            let fields = text[..<end.lowerBound].components(separatedBy: "\r\n")
            func value(_ name: String) -> String? {
                fields.first { $0.hasPrefix(name + ": ") }.map { String($0.dropFirst(name.count + 2)) }
            }
            let body = value("Content-Length").flatMap(Int.init) ?? 0
            guard text[end.upperBound...].utf8.count >= body else {
                text += String(decoding: publisher.availableData, as: UTF8.self)
                continue
            }
            text = String(text[end.upperBound...].utf8.dropFirst(body)) ?? ""
            var answer = "RTSP/1.0 200 OK\r\nCSeq: \(value("CSeq") ?? "0")\r\nSession: 1\r\n"
            if let transport = value("Transport") { answer += "Transport: \(transport)\r\n" }
            try? publisher.write(contentsOf: Data((answer + "\r\n").utf8))
            if fields[0].hasPrefix("RECORD") { return publisher }
        }
    }

    private static func address(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        return address
    }

    private static func withGeneric(
        _ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>) -> Int32
    ) -> Int32 {
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1, body)
        }
    }
}
