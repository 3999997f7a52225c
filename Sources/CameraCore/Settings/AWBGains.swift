// SPDX-License-Identifier: MIT

/// The factors that a camera multiplies red and blue with; green has 1.
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
