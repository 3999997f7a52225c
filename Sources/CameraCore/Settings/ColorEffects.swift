// SPDX-License-Identifier: MIT

/// One chroma for a whole picture, whose luma stays as it is.
public struct ColorEffects: Hashable, Sendable {
    /// The blue difference (U), from 0 to 255; 128 is neutral.
    public var u: UInt8
    /// The red difference (V), from 0 to 255; 128 is neutral.
    public var v: UInt8

    /// Makes a chroma from its two differences.
    public init(u: UInt8, v: UInt8) {
        self.u = u
        self.v = v
    }

    /// Neutral chroma: black and white.
    public static let blackAndWhite = ColorEffects(u: 128, v: 128)
}
