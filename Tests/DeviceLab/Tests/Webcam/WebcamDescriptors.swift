// SPDX-License-Identifier: MIT

import CameraKit

/// How the webcam introduces itself.
///
/// Sources: USB 2.0 chapter 9.6, USB Video Class 1.1 chapter 3 and its documents on payload formats.
struct WebcamDescriptors: Sendable {
    /// How pictures travel to the host.
    enum Transfer: Sendable {
        /// Whenever the host asks.
        case bulk
        /// At reserved times, as nearly all webcams do.
        case isochronous
    }

    let transfer: Transfer
    /// The product's name, which becomes that of the video device.
    let product: String

    /// Bytes of a packet on the streaming endpoint.
    var packetByteCount: Int { transfer == .bulk ? 512 : 1024 }

    /// The unit that has the picture's controls.
    static let processingUnit: UInt8 = 2
    /// The endpoint of the pictures, without the bit of its direction.
    static let streamingEndpoint = 1

    /// The descriptor of a type; nil when there is none, which is a stall.
    func descriptor(type: UInt8, index: UInt8) -> [UInt8]? {
        switch (type, index) {
        case (1, 0): device
        case (2, 0): configuration
        case (3, 0): [4, 3, 0x09, 0x04]
        case (3, 1): text("swift-camera")
        case (3, 2): text(product)
        default: nil
        }
    }

    private func text(_ text: String) -> [UInt8] {
        let units = text.utf16.flatMap { Self.short($0) }
        return [UInt8(units.count + 2), 3] + units
    }

    /// The vendor and product number that pid.codes keeps for tests.
    private var device: [UInt8] {
        Self.joined(
            [18, 1], Self.short(0x0200), [0xEF, 2, 1, 64], Self.short(0x1209), Self.short(0x0001), Self.short(0x0100),
            [1, 2, 0, 1])
    }

    private var configuration: [UInt8] {
        let association: [UInt8] = [8, 11, 0, 2, 0x0E, 3, 0, 2]
        let body = association + controlInterface + streamingInterface
        return Self.joined([9, 2], Self.short(UInt16(body.count + 9)), [2, 1, 0, 0x80, 250], body)
    }

    private var controlInterface: [UInt8] {
        let camera = Self.joined([18, 0x24, 2, 1], Self.short(0x0201), [0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0])
        // Brightness and contrast.
        let processing: [UInt8] = [12, 0x24, 5, Self.processingUnit, 1, 0, 0, 2, 0b11, 0, 0, 0]
        let output = Self.joined([9, 0x24, 3, 3], Self.short(0x0101), [0, Self.processingUnit, 0])
        let units = camera + processing + output
        let header = Self.joined(
            [13, 0x24, 1], Self.short(0x0110), Self.short(UInt16(13 + units.count)), Self.long(48_000_000), [1, 1])
        return Self.joined([9, 4, 0, 0, 0, 0x0E, 1, 0, 2], header, units)
    }

    private var streamingInterface: [UInt8] {
        let formats = WebcamMode.Format.allCases.flatMap { format(of: $0) }
        let address = 0x80 | UInt8(Self.streamingEndpoint)
        let header = Self.joined(
            [15, 0x24, 1, 2], Self.short(UInt16(15 + formats.count)), [address, 0, 3, 0, 0, 0, 1, 0, 0])
        let endpointCount: UInt8 = transfer == .bulk ? 1 : 0
        let first = Self.joined([9, 4, 1, 0, endpointCount, 0x0E, 2, 0, 0], header, formats)
        let packet = Self.short(UInt16(packetByteCount))
        return switch transfer {
        case .bulk: Self.joined(first, [7, 5, address, 2], packet, [0])
        case .isochronous: Self.joined(first, [9, 4, 1, 1, 1, 0x0E, 2, 0, 0], [7, 5, address, 5], packet, [1])
        }
    }

    private func format(of format: WebcamMode.Format) -> [UInt8] {
        let count = UInt8(WebcamMode.sizes.count)
        // The GUID of YUY2, as the document on uncompressed payloads gives it.
        let guid = Self.joined(Array("YUY2".utf8), [0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71])
        let head: [UInt8] =
            switch format {
            case .yuyv: Self.joined([27, 0x24, 4, format.rawValue, count], guid, [16, 1, 0, 0, 0, 0])
            case .mjpeg: [11, 0x24, 6, format.rawValue, count, 0, 1, 0, 0, 0, 0]
            }
        let frames = WebcamMode.sizes.flatMap { frame(of: format, $0) }
        // BT.709 primaries and transfer, BT.601 matrix.
        return Self.joined(head, frames, [6, 0x24, 13, 1, 1, 4])
    }

    private func frame(of format: WebcamMode.Format, _ size: Resolution) -> [UInt8] {
        var mode = WebcamMode()
        mode.size = size
        let bits = UInt32(mode.pictureByteCount * 8)
        let intervals = WebcamMode.intervals.flatMap { Self.long($0) }
        return Self.joined(
            [UInt8(26 + intervals.count), 0x24, format == .yuyv ? 5 : 7, mode.frameIndex, 0],
            Self.short(UInt16(size.width)), Self.short(UInt16(size.height)), Self.long(bits), Self.long(bits * 15),
            Self.long(UInt32(mode.pictureByteCount)), Self.long(WebcamMode().interval),
            [UInt8(WebcamMode.intervals.count)], intervals)
    }

    /// Puts parts together; long sums of array literals take compilers too long.
    static func joined(_ parts: [UInt8]...) -> [UInt8] { parts.flatMap { $0 } }

    /// A number of two bytes, little-endian.
    static func short(_ number: UInt16) -> [UInt8] { [UInt8(number & 0xFF), UInt8(number >> 8)] }

    /// A number of four bytes, little-endian.
    static func long(_ number: UInt32) -> [UInt8] { [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: number >> $0) } }
}
