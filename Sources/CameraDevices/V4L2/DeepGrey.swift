// SPDX-License-Identifier: MIT

internal import CameraCore

/// A layout of grey with more than 8 bits, of which frames keep the upper eight.
///
/// Source: the kernel's media API, "Luma-Only Formats".
struct DeepGrey: Hashable, Sendable {
    /// The driver's layout.
    let pixelFormat: PixelFormat
    private let packing: Packing

    /// How samples lie in a row.
    private enum Packing: Hashable {
        /// Each in the lower bits of a word of 16, the low byte first.
        case words(bits: Int)
        /// As they come over the wire (MIPI CSI-2): the upper bytes of some samples, then a few bytes with their other bits.
        case groups(samples: Int, bytes: Int)
        /// Ten bits after ten bits, the highest first.
        case tenBits
        /// Twenty-five samples in 32 bytes, ten bits after ten bits, the lowest first.
        case blocks
    }

    /// The layout with this code; nil when it is none of these.
    init?(_ pixelFormat: PixelFormat) {
        guard let found = Self.all.first(where: { $0.pixelFormat == pixelFormat }) else { return nil }
        self = found
    }

    private init(_ code: StaticString, _ packing: Packing) {
        pixelFormat = PixelFormat(fourCC: code)
        self.packing = packing
    }

    /// Every such layout, in the order in which they are chosen.
    static let all = [
        Self("Y10 ", .words(bits: 10)), Self("Y12 ", .words(bits: 12)), Self("Y14 ", .words(bits: 14)),
        Self("Y10P", .groups(samples: 4, bytes: 5)), Self("Y12P", .groups(samples: 2, bytes: 3)),
        Self("Y14P", .groups(samples: 4, bytes: 7)), Self("Y10B", .tenBits), Self("ip3y", .blocks),
    ]

    /// Bytes that a row needs.
    func rowBytes(width: Int) -> Int {
        switch packing {
        case .words: 2 * width
        case .groups(let samples, let bytes): (width + samples - 1) / samples * bytes
        case .tenBits: (10 * width + 7) / 8
        case .blocks: (width + 24) / 25 * 32
        }
    }

    /// Writes the upper eight bits of a row's samples.
    ///
    /// - Parameters:
    ///   - row: As many bytes as ``rowBytes(width:)`` says.
    ///   - target: Room for `width` bytes.
    ///   - width: The number of samples.
    func convert(_ row: UnsafeRawPointer, to target: UnsafeMutablePointer<UInt8>, width: Int) {
        func word(_ offset: Int) -> UInt16 { row.loadUnaligned(fromByteOffset: offset, as: UInt16.self) }
        switch packing {
        case .words(let bits):
            let excess = UInt16(bits - 8)
            // Bits that should not be there would otherwise be taken for the darkest grey.
            for x in 0..<width {
                target[x] = UInt8(truncatingIfNeeded: min(UInt16(littleEndian: word(2 &* x)) &>> excess, 255))
            }
        case .groups(let samples, let bytes):
            for x in 0..<width {
                target[x] = row.load(fromByteOffset: x / samples &* bytes &+ x % samples, as: UInt8.self)
            }
        case .tenBits:
            for x in 0..<width {
                let bit = 10 &* x
                target[x] = UInt8(truncatingIfNeeded: UInt16(bigEndian: word(bit &>> 3)) &>> UInt16(8 &- bit & 7))
            }
        case .blocks:
            for x in 0..<width {
                let bit = 10 &* (x % 25) &+ 2
                let place = 32 &* (x / 25) &+ bit &>> 3
                target[x] = UInt8(truncatingIfNeeded: UInt16(littleEndian: word(place)) &>> UInt16(bit & 7))
            }
        }
    }
}
