// SPDX-License-Identifier: MIT

/// How a picture is rotated and flipped, after it was scaled.
public struct Transform: Hashable, Sendable {
    /// The rotation, which comes before the flips.
    public var rotation: Rotation
    /// Whether left and right are exchanged, after the rotation.
    public var hflip: Bool
    /// Whether top and bottom are exchanged, after the rotation.
    public var vflip: Bool

    /// Describes how a picture is turned.
    public init(rotation: Rotation = .none, hflip: Bool = false, vflip: Bool = false) {
        self.rotation = rotation
        self.hflip = hflip
        self.vflip = vflip
    }

    /// A rotation by a multiple of a right angle.
    public enum Rotation: Int, Hashable, Sendable, CaseIterable {
        /// The picture stays upright.
        case none = 0
        /// A quarter turn clockwise: the top edge becomes the right edge.
        case clockwise90 = 90
        /// Half a turn.
        case half = 180
        /// A quarter turn anticlockwise: the top edge becomes the left edge.
        case clockwise270 = 270
    }

    /// No rotation and no flips.
    public static let identity = Transform()

    /// Whether the picture stays as it is; two flips and half a turn cancel each other.
    package var isIdentity: Bool { turn == Turn(rotation: .none, mirrored: false) }

    /// Whether the rotation is a quarter turn, which exchanges width and height.
    package var swapsSides: Bool { rotation.swapsSides }

    /// One of the eight ways to lay down a picture: a rotation, and then perhaps a flip of left and right.
    struct Turn: Hashable {
        let rotation: Rotation
        let mirrored: Bool
    }

    /// The same with at most one flip: flipping top and bottom is half a turn and flipping left and right.
    var turn: Turn {
        Turn(rotation: vflip ? rotation.opposite : rotation, mirrored: hflip != vflip)
    }
}

extension Transform.Rotation {
    /// Whether it is a quarter turn.
    var swapsSides: Bool { self == .clockwise90 || self == .clockwise270 }

    /// The rotation with half a turn added.
    fileprivate var opposite: Self {
        switch self {
        case .none: .half
        case .clockwise90: .clockwise270
        case .half: .none
        case .clockwise270: .clockwise90
        }
    }
}
