// SPDX-License-Identifier: MIT

import Foundation

/// A transfer that the USB host asks of a device.
///
/// Source of this and the other messages: the kernel's Documentation/usb/usbip_protocol.rst; numbers are big-endian.
struct USBTransfer: Sendable {
    /// The host's number for it, which the answer repeats.
    let number: UInt32
    /// The endpoint, without the bit of its direction.
    let endpoint: Int
    /// Whether data goes to the host.
    let isInput: Bool
    /// The most bytes to send to the host.
    let byteCount: Int
    /// The request of a control transfer.
    let setup: USBSetup
    /// What the host sends.
    let data: [UInt8]
    /// Bytes that each packet of an isochronous transfer may have; empty for the other kinds.
    let packetByteCounts: [Int]
}

/// The request of a control transfer (USB 2.0, 9.3); its numbers are little-endian.
struct USBSetup: Sendable {
    let requestType: UInt8
    let request: UInt8
    let value: UInt16
    let index: UInt16
    let length: Int

    init(_ bytes: [UInt8]) {
        requestType = bytes[0]
        request = bytes[1]
        value = UInt16(bytes[2]) | UInt16(bytes[3]) << 8
        index = UInt16(bytes[4]) | UInt16(bytes[5]) << 8
        length = Int(bytes[6]) | Int(bytes[7]) << 8
    }
}

/// What the USB host says.
enum USBIPMessage: Sendable {
    /// USBIP_CMD_SUBMIT.
    case submit(USBTransfer)
    /// USBIP_CMD_UNLINK: the transfer `victim` is no longer wanted.
    case unlink(number: UInt32, victim: UInt32)

    /// Bytes of every message's header.
    static let headerByteCount = 48

    /// Reads the next message; nil when the connection ended.
    ///
    /// - Parameter read: Gives exactly so many bytes; nil when the connection ended.
    init?(read: (Int) -> [UInt8]?) {
        guard let header = read(Self.headerByteCount) else { return nil }
        func number(_ position: Int) -> UInt32 { header[position..<position + 4].reduce(0) { $0 << 8 | UInt32($1) } }
        switch number(0) {
        case 1:
            let isInput = number(12) == 1
            let byteCount = Int(number(24))
            // Other than isochronous transfers have 0 or -1 packets.
            let packetCount = max(Int(Int32(bitPattern: number(32))), 0)
            guard let data = isInput ? [] : read(byteCount), let packets = read(packetCount * 16) else { return nil }
            self = .submit(
                USBTransfer(
                    number: number(4), endpoint: Int(number(16)), isInput: isInput, byteCount: byteCount,
                    setup: USBSetup(Array(header[40..<48])), data: data,
                    packetByteCounts: (0..<packetCount).map { packet in
                        packets[packet * 16 + 4..<packet * 16 + 8].reduce(0) { $0 << 8 | Int($1) }
                    }))
        case 2: self = .unlink(number: number(4), victim: number(20))
        default: return nil
        }
    }
}

/// What the device answers.
enum USBIPAnswer {
    /// USBIP_RET_SUBMIT of a transfer without packets.
    ///
    /// - Parameters:
    ///   - number: The transfer's.
    ///   - status: 0 or a negative errno, such as -EPIPE for a stall.
    ///   - data: What goes to the host.
    ///   - sentByteCount: Bytes that the host sent and the device took.
    /// - Returns: The message's bytes.
    static func transfer(_ number: UInt32, status: Int32 = 0, data: [UInt8] = [], sentByteCount: Int = 0) -> [UInt8] {
        header(3, number, status, UInt32(max(data.count, sentByteCount)), 0, 0) + data
    }

    /// USBIP_RET_SUBMIT of an isochronous transfer, with a packet for each one asked for; they may be empty.
    static func packets(_ transfer: USBTransfer, _ packets: [[UInt8]]) -> [UInt8] {
        let data = Array(packets.joined())
        var answer = header(3, transfer.number, 0, UInt32(data.count), 0, UInt32(packets.count)) + data
        var offset = 0
        for (packet, room) in zip(packets, transfer.packetByteCounts) {
            for number in [UInt32(offset), UInt32(room), UInt32(packet.count), 0] { answer += bigEndian(number) }
            offset += room
        }
        return answer
    }

    /// USBIP_RET_UNLINK.
    static func unlinked(_ number: UInt32, wasPending: Bool) -> [UInt8] {
        header(4, number, wasPending ? -ECONNRESET : 0, 0, 0, 0)
    }

    private static func header(
        _ command: UInt32, _ number: UInt32, _ status: Int32, _ byteCount: UInt32, _ start: UInt32, _ packets: UInt32
    ) -> [UInt8] {
        [command, number, 0, 0, 0, UInt32(bitPattern: status), byteCount, start, packets, 0, 0, 0].flatMap(bigEndian)
    }

    private static func bigEndian(_ number: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }
}
