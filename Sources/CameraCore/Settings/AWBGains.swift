// SPDX-License-Identifier: MIT

/// The white balance gains: the factors of red and blue, where that of green is 1.
public struct AWBGains: Hashable, Sendable, CustomStringConvertible {
    /// The factor of red.
    public var red: Double
    /// The factor of blue.
    public var blue: Double

    /// Makes a pair of factors.
    public init(red: Double, blue: Double) {
        self.red = red
        self.blue = blue
    }

    /// The text for messages: "1.5,1.2".
    public var description: String { "\(red),\(blue)" }
}
