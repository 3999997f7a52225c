// SPDX-License-Identifier: MIT

/// A part of the picture, by fractions of the picture's width and height from 0 to 1.
public struct ZoomRegion: Hashable, Sendable, CustomStringConvertible {
    /// The left edge, as a fraction of the width.
    public var x: Double
    /// The top edge, as a fraction of the height.
    public var y: Double
    /// The width of the part, as a fraction of the width.
    public var width: Double
    /// The height of the part, as a fraction of the height.
    public var height: Double

    /// Describes a part.
    public init(x: Double, y: Double, width: Double, height: Double) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }

    /// The whole picture.
    public static let full = ZoomRegion(x: 0, y: 0, width: 1, height: 1)

    /// Whether the part has an area and lies within the picture; it may exceed it by a millionth, for rounding.
    package var isValid: Bool {
        x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= 1.000001 && y + height <= 1.000001
    }

    /// The text for messages: "0.25,0.25,0.5,0.5".
    public var description: String { "\(x),\(y),\(width),\(height)" }
}
