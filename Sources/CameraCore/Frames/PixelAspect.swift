// SPDX-License-Identifier: MIT

/// The shape of a picture's pixels: how wide one is against its height.
///
/// Cameras have square ones, television others.
public struct PixelAspect: Hashable, Sendable {
    /// The width, in units of which ``height`` is the height.
    public let width: Int
    /// The height.
    public let height: Int

    /// As high as wide.
    public static let square = PixelAspect(1, 1)

    /// Makes a shape, reduced to terms of at most 65535 as streams have them; what is not above zero is square.
    public init(_ width: Int, _ height: Int) {
        guard width > 0, height > 0 else {
            (self.width, self.height) = (1, 1)
            return
        }
        var (left, right) = (width, height)
        while right != 0 { (left, right) = (right, left % right) }
        var (across, down) = (width / left, height / left)
        while max(across, down) > 65535 { (across, down) = (across >> 1, down >> 1) }
        self.width = max(across, 1)
        self.height = max(down, 1)
    }

    /// The shape after a quarter turn.
    package var turned: PixelAspect { PixelAspect(height, width) }

    /// The shape once a picture was scaled, so that what it shows keeps its own; square pixels are taken as they come.
    package func scaled(from size: Resolution, to target: Resolution) -> PixelAspect {
        guard self != .square, size != target else { return self }
        return PixelAspect(width * size.width * target.height, height * target.width * size.height)
    }
}

/// Which of a picture's lines were taken first.
public enum FieldOrder: Hashable, Sendable {
    /// All at once.
    case progressive
    /// Interlaced: first the top line and every second one from there, then the others.
    case topFirst
    /// Interlaced: the top line belongs to the second half.
    case bottomFirst
}

extension FieldOrder: CustomStringConvertible {
    /// The text for messages.
    public var description: String {
        switch self {
        case .progressive: "progressive"
        case .topFirst: "interlaced, top field first"
        case .bottomFirst: "interlaced, bottom field first"
        }
    }
}
