// SPDX-License-Identifier: MIT

/// One colour for a whole picture: its luma stays, its chroma becomes these.
public struct ColorEffects: Hashable, Sendable {
    /// The blue difference, from 0 to 255; 128 is none.
    public var u: UInt8
    /// The red difference, from 0 to 255; 128 is none.
    public var v: UInt8

    /// Makes a colour of its two differences.
    public init(u: UInt8, v: UInt8) {
        self.u = u
        self.v = v
    }

    /// No colour: black and white.
    public static let blackAndWhite = ColorEffects(u: 128, v: 128)
}
