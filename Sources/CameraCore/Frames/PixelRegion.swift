// SPDX-License-Identifier: MIT

/// A rectangle of pixels: a part of what a sensor sees.
public struct PixelRegion: Hashable, Sendable {
    /// The left edge: the number of columns to its left.
    public var x: Int
    /// The top edge: the number of rows above it.
    public var y: Int
    /// The width and height.
    public var size: Resolution

    /// Describes a rectangle.
    public init(x: Int, y: Int, size: Resolution) {
        self.x = x
        self.y = y
        self.size = size
    }

    /// Whether another rectangle lies within this one; false for a rectangle without pixels.
    public func contains(_ other: PixelRegion) -> Bool {
        other.size.width > 0 && other.size.height > 0 && other.x >= x && other.y >= y
            && other.x - x <= size.width - other.size.width && other.y - y <= size.height - other.size.height
    }
}

extension PixelRegion: CustomStringConvertible {
    /// The text for messages: "640x360+320+180".
    public var description: String { "\(size)+\(x)+\(y)" }
}
