// SPDX-License-Identifier: MIT

import CameraCore
import Foundation
import Glibc
import TestSupport

/// The socket on which systemd would listen, and what a service sent there.
final class ServiceManager {
    /// What goes into `NOTIFY_SOCKET`.
    let address: String
    private let socket: Int32

    /// Listens at a path of a folder, or under an abstract name.
    init(_ folder: TemporaryFolder, isAbstract: Bool = false) throws {
        let path = folder.path("notify")
        // Abstract names are the machine's: that of the folder is nobody else's.
        address = (isAbstract ? "@" : "") + path
        socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var place = sockaddr_un()
        place.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &place.sun_path) { bytes in
            for (index, byte) in path.utf8.enumerated() { bytes[index + (isAbstract ? 1 : 0)] = byte }
        }
        let size = socklen_t(MemoryLayout<sa_family_t>.size + path.utf8.count + 1)
        let code = withUnsafePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, size) }
        }
        var patience = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        guard code == 0 else { throw CameraError(.system, "listening as the service manager", subject: address) }
    }

    deinit { close(socket) }

    /// The statements of the next message; none when half a minute brings no message.
    func next() -> [String] {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = recv(socket, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// All statements until one of them begins with `beginning`, that one included.
    func take(through beginning: String) -> [String] {
        var taken: [String] = []
        while !taken.contains(where: { $0.hasPrefix(beginning) }) {
            let statements = next()
            if statements.isEmpty { return taken }
            taken += statements
        }
        return taken
    }
}
