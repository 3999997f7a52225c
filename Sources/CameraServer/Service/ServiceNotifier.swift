// SPDX-License-Identifier: MIT

package import CameraCore
internal import Glibc
internal import SystemPackage

/// Tells the service manager what a service does: the protocol of sd_notify(3), a datagram with a line for each statement.
///
/// systemd gives the address of its socket in the environment's `NOTIFY_SOCKET`: a path, or a name of Linux's abstract kind that
/// begins with "@". Safe to use from any thread.
package struct ServiceNotifier: Sendable {
    /// The manager's socket.
    let address: String

    /// How long a manager that does not read is waited for.
    private static let patience = timeval(tv_sec: 5, tv_usec: 0)

    /// Makes one for a socket.
    ///
    /// - Parameter address: A path, or a name that begins with "@".
    /// - Throws: `.invalidValue` for another kind of address, or one that is too long for a socket.
    package init(_ address: String) throws(CameraError) {
        let longest = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1
        guard address.hasPrefix("/") || address.hasPrefix("@"), (2...longest).contains(address.utf8.count) else {
            throw CameraError(
                .invalidValue, "telling the service manager", subject: address,
                reason: "NOTIFY_SOCKET is the path of a socket, or its name behind an @; unset it to tell nobody")
        }
        self.address = address
    }

    /// Sends statements, such as "READY=1", in one message.
    ///
    /// - Throws: `.system` when the manager does not take it within five seconds.
    package func send(_ statements: [String]) throws(CameraError) {
        let socket = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw error(errno) }
        defer { close(socket) }
        var patience = Self.patience
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var message = statements.joined(separator: "\n")
        let sent = withAddress { place, size in
            message.withUTF8 { bytes in
                sendto(socket, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL), place, size)
            }
        }
        guard sent >= 0 else { throw error(errno) }
    }

    private func error(_ code: Int32) -> CameraError {
        CameraError(
            .system, "telling the service manager", subject: address,
            reason: "nobody takes what is sent to NOTIFY_SOCKET", systemError: Errno(rawValue: code))
    }

    /// Calls `body` with the address in the system's form; an abstract one has no zero at its end.
    private func withAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var place = sockaddr_un()
        place.sun_family = sa_family_t(AF_UNIX)
        let isAbstract = address.hasPrefix("@")
        withUnsafeMutableBytes(of: &place.sun_path) { path in
            path.copyBytes(from: address.utf8)
            if isAbstract { path[0] = 0 }
        }
        let head = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 0
        let size = socklen_t(head + address.utf8.count + (isAbstract ? 0 : 1))
        return withUnsafePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, size) }
        }
    }
}
