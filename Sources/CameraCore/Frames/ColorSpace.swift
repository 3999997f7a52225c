// SPDX-License-Identifier: MIT

/// The colour space of a picture: how its samples stand for colours.
///
/// Primaries, transfer and matrix are code points of ITU-T H.273, which H.264, H.265 and libav use as well; unknown code
/// points are kept as they are.
public struct ColorSpace: Hashable, Sendable {
    /// The chromaticities of the primaries and of white.
    public var primaries: Primaries
    /// The curve from light to code value.
    public var transfer: Transfer
    /// How luma and chroma are made of red, green and blue.
    public var matrix: Matrix
    /// Whether code values use the whole byte.
    public var range: Range

    /// Makes a colour space of its four parts.
    public init(primaries: Primaries, transfer: Transfer, matrix: Matrix, range: Range) {
        self.primaries = primaries
        self.transfer = transfer
        self.matrix = matrix
        self.range = range
    }

    /// The primaries of H.273, table 2.
    public struct Primaries: RawRepresentable, Hashable, Sendable {
        /// The code point.
        public let rawValue: UInt8
        /// Makes a value from its code point.
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        /// BT.709 and sRGB; code point 1.
        public static let bt709 = Primaries(rawValue: 1)
        /// Unspecified; code point 2.
        public static let unspecified = Primaries(rawValue: 2)
        /// BT.601 with 625 lines; code point 5.
        public static let bt470bg = Primaries(rawValue: 5)
        /// BT.601 with 525 lines; code point 6.
        public static let smpte170m = Primaries(rawValue: 6)
        /// BT.2020; code point 9.
        public static let bt2020 = Primaries(rawValue: 9)
    }

    /// The transfer characteristics of H.273, table 3.
    public struct Transfer: RawRepresentable, Hashable, Sendable {
        /// The code point.
        public let rawValue: UInt8
        /// Makes a value from its code point.
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        /// BT.709; code point 1.
        public static let bt709 = Transfer(rawValue: 1)
        /// Unspecified; code point 2.
        public static let unspecified = Transfer(rawValue: 2)
        /// BT.601; code point 6.
        public static let smpte170m = Transfer(rawValue: 6)
        /// sRGB; code point 13.
        public static let sRGB = Transfer(rawValue: 13)
    }

    /// The matrix coefficients of H.273, table 4.
    public struct Matrix: RawRepresentable, Hashable, Sendable {
        /// The code point.
        public let rawValue: UInt8
        /// Makes a value from its code point.
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        /// Red, green and blue themselves; code point 0.
        public static let rgb = Matrix(rawValue: 0)
        /// BT.709; code point 1.
        public static let bt709 = Matrix(rawValue: 1)
        /// Unspecified; code point 2.
        public static let unspecified = Matrix(rawValue: 2)
        /// BT.601 with 625 lines, the same numbers as ``bt601``; code point 5.
        public static let bt470bg = Matrix(rawValue: 5)
        /// BT.601; code point 6.
        public static let bt601 = Matrix(rawValue: 6)
        /// BT.2020, not constant luminance; code point 9.
        public static let bt2020 = Matrix(rawValue: 9)
    }

    /// The span of code values.
    public enum Range: Hashable, Sendable {
        /// 16...235 for luma, 16...240 for chroma.
        case limited
        /// 0...255.
        case full
    }

    /// Standard-definition video: BT.601, limited range.
    public static let bt601 = ColorSpace(
        primaries: .smpte170m, transfer: .smpte170m, matrix: .bt601, range: .limited)
    /// High-definition video: BT.709, limited range.
    public static let bt709 = ColorSpace(primaries: .bt709, transfer: .bt709, matrix: .bt709, range: .limited)
    /// JPEG pictures: sRGB colours, the BT.601 matrix, full range.
    public static let jpeg = ColorSpace(primaries: .bt709, transfer: .sRGB, matrix: .bt601, range: .full)
    /// RGB pictures: sRGB colours, full range.
    public static let sRGB = ColorSpace(primaries: .bt709, transfer: .sRGB, matrix: .rgb, range: .full)
    /// An unknown colour space; converted as BT.601, limited range.
    public static let unspecified = ColorSpace(
        primaries: .unspecified, transfer: .unspecified, matrix: .unspecified, range: .limited)
}
