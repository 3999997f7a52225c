// SPDX-License-Identifier: MIT

internal import Glibc

/// An address of IPv4 or IPv6 with its port.
struct SocketAddress: Hashable, Sendable {
    /// The host in digits: "127.0.0.1", "::1".
    var host: String
    var port: Int

    /// Whether only this machine reaches it.
    var isLoopback: Bool { host == "::1" || host.hasPrefix("127.") || host.hasPrefix("::ffff:127.") }

    /// As it stands in an address of the web: "127.0.0.1:8080", "[::1]:8080".
    var text: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// The address of the client of a socket.
    init(peerOf socket: Int32) { self.init(socket, getpeername) }

    /// The address of a socket of this machine.
    init(of socket: Int32) { self.init(socket, getsockname) }

    private init(
        _ socket: Int32, _ ask: (Int32, UnsafeMutablePointer<sockaddr>?, UnsafeMutablePointer<socklen_t>?) -> Int32
    ) {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        self = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard ask(socket, address, &size) == 0 else { return SocketAddress(host: "unknown", port: 0) }
                return SocketAddress(address, size)
            }
        }
    }

    private init(_ address: UnsafePointer<sockaddr>, _ size: socklen_t) {
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        var port = [CChar](repeating: 0, count: Int(NI_MAXSERV))
        let flags = NI_NUMERICHOST | NI_NUMERICSERV
        let code = getnameinfo(address, size, &host, socklen_t(host.count), &port, socklen_t(port.count), flags)
        self.init(host: code == 0 ? Self.text(host) : "unknown", port: Int(Self.text(port)) ?? 0)
    }

    private static func text(_ bytes: [CChar]) -> String {
        String(decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Calls `body` with the address in the system's form; nil for a host that is not one in digits.
    func withSystemAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result? {
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, "\(port)", &hints, &list) == 0, let first = list else { return nil }
        defer { freeaddrinfo(first) }
        guard let address = first.pointee.ai_addr else { return nil }
        return body(address, first.pointee.ai_addrlen)
    }
}
