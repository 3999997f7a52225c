// SPDX-License-Identifier: MIT

/// The displacement of a block of 16 x 16 pixels between a frame and the frame before.
///
/// As in picamera, the vector leads from the block to its place in the frame before: what moves to the right by five
/// pixels has `x` -5, what moves down by three has `y` -3.
public struct MotionVector: Hashable, Sendable {
    /// The horizontal displacement in pixels, positive to the right; at most 127 either way.
    public var x: Int8
    /// The vertical displacement in pixels, positive downwards; at most 127 either way.
    public var y: Int8
    /// The sum of the absolute differences of luma between the block and its place in the frame before, 0 to 65280.
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
