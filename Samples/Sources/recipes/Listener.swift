// SPDX-License-Identifier: MIT

import Foundation

/// A place on this machine that one other program may connect to: Python's `socket`, as far as recipes need it.
struct Listener: Sendable {
    /// The port, which the system has chosen.
    let port: UInt16
    private let handle: FileHandle

    init() throws {
        handle = try makeSocket()
        var address = loopback(port: 0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = handle.fileDescriptor
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) | listen(descriptor, 1) | getsockname(descriptor, $0, &size)
            }
        }
        try check(result)
        port = UInt16(bigEndian: address.sin_port)
    }

    /// Waits for somebody to connect, ten seconds at most.
    func accept() throws -> FileHandle {
        let descriptor = Glibc.accept(handle.fileDescriptor, nil, nil)
        try check(descriptor)
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }
}

/// Connects to a port of this machine.
func connect(to port: UInt16) throws -> FileHandle {
    let handle = try makeSocket()
    var address = loopback(port: port)
    let result = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            Glibc.connect(handle.fileDescriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
    try check(result)
    return handle
}

/// A socket that waits for ten seconds at most.
private func makeSocket() throws -> FileHandle {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    try check(descriptor)
    var limit = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
}

private func loopback(port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    return address
}

private func check(_ result: Int32) throws {
    if result < 0 { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
}
