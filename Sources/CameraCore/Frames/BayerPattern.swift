// SPDX-License-Identifier: MIT

/// The colour filter over a sensor's pixels (Bayer pattern), and the bits and packing of the samples.
public struct BayerPattern: Hashable, Sendable {
    /// The colours of the upper left two by two pixels, which repeat.
    public let order: Order
    /// Bits of a sample: 8, 10, 12 or 16.
    public let bits: Int
    /// Whether samples are packed bit to bit, as MIPI CSI-2 transmits them.
    ///
    /// Otherwise each sample takes one byte, or two for more than 8 bits.
    public let isPacked: Bool

    /// The colours of two by two pixels, row after row.
    public enum Order: String, Hashable, Sendable, CaseIterable {
        /// Blue and green, then green and red.
        case bggr
        /// Green and blue, then red and green.
        case gbrg
        /// Green and red, then blue and green.
        case grbg
        /// Red and green, then green and blue.
        case rggb

        /// The colour of a pixel: 0 is red, 1 is green, 2 is blue.
        public func color(row: Int, column: Int) -> Int {
            let redRow = self == .rggb || self == .grbg ? 0 : 1
            let redColumn = self == .rggb || self == .gbrg ? 0 : 1
            return row & 1 == redRow ? (column & 1 == redColumn ? 0 : 1) : (column & 1 == redColumn ? 1 : 2)
        }
    }

    /// Makes a pattern; samples of `bits` lie in whole bytes unless they are packed.
    public init(_ order: Order, bits: Int, isPacked: Bool = false) {
        self.order = order
        self.bits = bits
        self.isPacked = isPacked
    }

    /// The largest value of a sample.
    public var largest: UInt16 { UInt16(truncatingIfNeeded: 1 << bits - 1) }

    /// The format's name: "rggb8", "grbg10", "bggr10p".
    var name: String { "\(order)\(bits)\(isPacked ? "p" : "")" }

    /// libcamera's name.
    var libcameraName: String { "S\(order.rawValue.uppercased())\(bits)\(isPacked ? "_CSI2P" : "")" }

    /// How rows lie: packed, four samples of ten bits in five bytes.
    var layout: PixelFormat.PlaneLayout {
        isPacked
            ? PixelFormat.PlaneLayout(bytesPerGroup: bits / 2, pixelsAcross: 4, pixelsDown: 1)
            : PixelFormat.PlaneLayout(bytesPerGroup: (bits + 7) / 8, pixelsAcross: 1, pixelsDown: 1)
    }
}

extension PixelFormat {
    /// Bayer samples of 8 bits, B G over G R (`V4L2_PIX_FMT_SBGGR8`).
    public static let bggr8 = PixelFormat(fourCC: "BA81")
    /// Bayer samples of 8 bits, G B over R G (`V4L2_PIX_FMT_SGBRG8`).
    public static let gbrg8 = PixelFormat(fourCC: "GBRG")
    /// Bayer samples of 8 bits, G R over B G (`V4L2_PIX_FMT_SGRBG8`).
    public static let grbg8 = PixelFormat(fourCC: "GRBG")
    /// Bayer samples of 8 bits, R G over G B (`V4L2_PIX_FMT_SRGGB8`).
    public static let rggb8 = PixelFormat(fourCC: "RGGB")
    /// As ``bggr8``, 10 bits in words of 16, the low byte first (`V4L2_PIX_FMT_SBGGR10`).
    public static let bggr10 = PixelFormat(fourCC: "BG10")
    /// As ``gbrg8``, 10 bits in words of 16, the low byte first (`V4L2_PIX_FMT_SGBRG10`).
    public static let gbrg10 = PixelFormat(fourCC: "GB10")
    /// As ``grbg8``, 10 bits in words of 16, the low byte first (`V4L2_PIX_FMT_SGRBG10`).
    public static let grbg10 = PixelFormat(fourCC: "BA10")
    /// As ``rggb8``, 10 bits in words of 16, the low byte first (`V4L2_PIX_FMT_SRGGB10`).
    public static let rggb10 = PixelFormat(fourCC: "RG10")
    /// As ``bggr8``, 12 bits in words of 16, the low byte first (`V4L2_PIX_FMT_SBGGR12`).
    public static let bggr12 = PixelFormat(fourCC: "BG12")
    /// As ``gbrg8``, 12 bits in words of 16, the low byte first (`V4L2_PIX_FMT_SGBRG12`).
    public static let gbrg12 = PixelFormat(fourCC: "GB12")
    /// As ``grbg8``, 12 bits in words of 16, the low byte first (`V4L2_PIX_FMT_SGRBG12`).
    public static let grbg12 = PixelFormat(fourCC: "BA12")
    /// As ``rggb8``, 12 bits in words of 16, the low byte first (`V4L2_PIX_FMT_SRGGB12`).
    public static let rggb12 = PixelFormat(fourCC: "RG12")
    /// As ``bggr8``, 16 bits, the low byte first (`V4L2_PIX_FMT_SBGGR16`).
    public static let bggr16 = PixelFormat(fourCC: "BYR2")
    /// As ``gbrg8``, 16 bits, the low byte first (`V4L2_PIX_FMT_SGBRG16`).
    public static let gbrg16 = PixelFormat(fourCC: "GB16")
    /// As ``grbg8``, 16 bits, the low byte first (`V4L2_PIX_FMT_SGRBG16`).
    public static let grbg16 = PixelFormat(fourCC: "GR16")
    /// As ``rggb8``, 16 bits, the low byte first (`V4L2_PIX_FMT_SRGGB16`).
    public static let rggb16 = PixelFormat(fourCC: "RG16")
    /// As ``bggr8``, four samples of 10 bits in 5 bytes (`V4L2_PIX_FMT_SBGGR10P`).
    public static let bggr10p = PixelFormat(fourCC: "pBAA")
    /// As ``gbrg8``, four samples of 10 bits in 5 bytes (`V4L2_PIX_FMT_SGBRG10P`).
    public static let gbrg10p = PixelFormat(fourCC: "pGAA")
    /// As ``grbg8``, four samples of 10 bits in 5 bytes (`V4L2_PIX_FMT_SGRBG10P`).
    public static let grbg10p = PixelFormat(fourCC: "pgAA")
    /// As ``rggb8``, four samples of 10 bits in 5 bytes (`V4L2_PIX_FMT_SRGGB10P`).
    public static let rggb10p = PixelFormat(fourCC: "pRAA")

    /// All Bayer formats, those of 8 bits first.
    public static let bayerFormats: [PixelFormat] = [
        .bggr8, .gbrg8, .grbg8, .rggb8, .bggr10, .gbrg10, .grbg10, .rggb10, .bggr12, .gbrg12, .grbg12, .rggb12,
        .bggr16, .gbrg16, .grbg16, .rggb16, .bggr10p, .gbrg10p, .grbg10p, .rggb10p,
    ]

    /// The Bayer pattern of the format; nil for all other formats.
    public var bayer: BayerPattern? { Self.bayerPatterns[self] }

    private static let bayerPatterns: [PixelFormat: BayerPattern] = {
        let kinds = [(8, false), (10, false), (12, false), (16, false), (10, true)]
        let patterns = kinds.flatMap { (bits, isPacked) in
            BayerPattern.Order.allCases.map { BayerPattern($0, bits: bits, isPacked: isPacked) }
        }
        return Dictionary(uniqueKeysWithValues: zip(bayerFormats, patterns))
    }()
}
