// SPDX-License-Identifier: MIT

import Foundation
import Glibc

/// A port of the kernel's virtual USB host (vhci-hcd) with a device plugged in, whose part a program plays.
///
/// The kernel gets one end of a socket pair, the program keeps the other one. When the program shuts its end, the device
/// is gone for the kernel as if somebody had pulled its plug.
final class VirtualUSBPort: Sendable {
    private let descriptor: Int32
    /// Readable when ``wake()`` was called.
    private let alarm: (Int32, Int32)

    private static let controller = "/sys/devices/platform/vhci_hcd.0"
    /// USB_SPEED_HIGH of the kernel.
    private static let highSpeed = 3

    /// The machine has no virtual USB host, or all its ports are taken.
    struct NoPort: Error {}

    /// Plugs a high-speed device into a free port.
    init() throws {
        let status = try String(contentsOfFile: "\(Self.controller)/status", encoding: .utf8)
        // A line is "hs 0003 004 ...": the hub's kind, the port, and 4 for a free one.
        let ports = status.split(separator: "\n").map { $0.split(separator: " ") }
        guard let port = ports.first(where: { $0.count > 2 && $0[0] == "hs" && $0[2] == "004" }).flatMap({ Int($0[1]) })
        else { throw NoPort() }
        let ends = try Self.socketPair()
        defer { close(ends.1) }
        do {
            alarm = try Self.socketPair()
        } catch {
            close(ends.0)
            throw error
        }
        descriptor = ends.0
        // The device's number on its bus means nothing here but must not be zero.
        try Data("\(port) \(ends.1) 65538 \(Self.highSpeed)".utf8).write(
            to: URL(fileURLWithPath: "\(Self.controller)/attach"))
    }

    deinit {
        close(descriptor)
        close(alarm.0)
        close(alarm.1)
    }

    private static func socketPair() throws -> (Int32, Int32) {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
        return (ends[0], ends[1])
    }

    /// Pulls the plug; from any thread.
    func unplug() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Ends the wait under way, or the next one; from any thread.
    func wake() {
        var byte: UInt8 = 0
        send(alarm.1, &byte, 1, Int32(MSG_DONTWAIT))
    }

    /// Waits until the host says something, ``wake()`` is called, or the time is up.
    ///
    /// - Parameter milliseconds: The longest to wait; -1 for no limit.
    /// - Returns: Whether the host has said something or is gone.
    func wait(_ milliseconds: Int32) -> Bool {
        var entries = [descriptor, alarm.0].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        guard poll(&entries, 2, milliseconds) > 0 else { return false }
        if entries[1].revents != 0 {
            var bytes = [UInt8](repeating: 0, count: 64)
            recv(alarm.0, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        }
        return entries[0].revents != 0
    }

    /// The host's next bytes; nil when the device is unplugged.
    func read(_ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var position = 0
        while position < count {
            let got = bytes.withUnsafeMutableBytes {
                recv(descriptor, $0.baseAddress.map { $0 + position }, count - position, 0)
            }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { return nil }
            position += got
        }
        return bytes
    }

    /// Tells the host something; nothing happens when the device is unplugged.
    func write(_ bytes: [UInt8]) {
        var position = 0
        while position < bytes.count {
            let sent = bytes.withUnsafeBytes {
                send(
                    descriptor, $0.baseAddress.map { $0 + position }, bytes.count - position,
                    Int32(MSG_NOSIGNAL))
            }
            if sent < 0, errno == EINTR { continue }
            guard sent > 0 else { return }
            position += sent
        }
    }
}
