// SPDX-License-Identifier: MIT

public import Foundation

/// A TCP socket of this machine that others connect to, and that reads only when it is told.
///
/// The kernel takes connections for it, as many as wait at most, and bytes, as many as it has room for.
public final class TCPListener: Sendable {
    /// Its port.
    public let port: Int
    private let descriptor: Int32

    /// Listens at a port that was free.
    ///
    /// - Parameters:
    ///   - backlog: Connections that may wait to be accepted, less one.
    ///   - receiveBuffer: Bytes that the kernel keeps of each connection, about.
    /// - Throws: What the system refuses.
    public init(backlog: Int32 = 8, receiveBuffer: Int32 = 4096) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw POSIXError(.EMFILE) }
        self.descriptor = descriptor
        var size = receiveBuffer
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        var address = Self.address(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = Self.withGeneric(&address) { generic in
            let isBound = bind(descriptor, generic, length) == 0 && listen(descriptor, backlog) == 0
            return isBound ? getsockname(descriptor, generic, &length) : -1
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        guard status == 0 else { throw POSIXError(.EADDRINUSE) }
    }

    deinit { close(descriptor) }

    /// A port at which nobody listens now.
    public static func freePort() throws -> Int { try TCPListener().port }

    /// Leaves no room for a connection: who tries to connect gets no answer. For a listener with a backlog of 0.
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
