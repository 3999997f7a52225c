// SPDX-License-Identifier: MIT

/// Where a block of 16 x 16 pixels was in the frame before.
///
/// As picamera has it, the vector leads from the block to its place in the frame before: what moves to the right by five
/// pixels has `x` -5, what moves down by three has `y` -3.
public struct MotionVector: Hashable, Sendable {
    /// Pixels to the right, at most 127 either way.
    public var x: Int8
    /// Pixels down, at most 127 either way.
    public var y: Int8
    /// The sum of the absolute differences of the luma between the block and that place, 0 to 65280.
    public var sad: UInt16

    /// Describes a vector.
    public init(x: Int8, y: Int8, sad: UInt16) {
        self.x = x
        self.y = y
        self.sad = sad
    }

    /// A block that did not move.
    public static let zero = MotionVector(x: 0, y: 0, sad: 0)

    /// The vector's length in pixels.
    public var length: Double { (Double(x) * Double(x) + Double(y) * Double(y)).squareRoot() }
}
