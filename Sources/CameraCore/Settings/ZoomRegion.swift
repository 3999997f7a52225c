// SPDX-License-Identifier: MIT

/// A part of what a camera sees; all numbers are shares of its width or height, from 0 to 1.
public struct ZoomRegion: Hashable, Sendable, CustomStringConvertible {
    /// What is left of it.
    public var x: Double
    /// What is above it.
    public var y: Double
    /// Its width.
    public var width: Double
    /// Its height.
    public var height: Double

    /// Describes a part.
    public init(x: Double, y: Double, width: Double, height: Double) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }

    /// All of it.
    public static let full = ZoomRegion(x: 0, y: 0, width: 1, height: 1)

    /// Whether it has an area and lies within what the camera sees; a millionth may be missing by rounding.
    package var isValid: Bool {
        x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= 1.000001 && y + height <= 1.000001
    }

    /// The text for messages: "0.25,0.25,0.5,0.5".
    public var description: String { "\(x),\(y),\(width),\(height)" }
}
