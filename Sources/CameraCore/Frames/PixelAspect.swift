// SPDX-License-Identifier: MIT

/// The pixel aspect ratio of a picture: the width of a pixel to its height.
///
/// Cameras have square pixels; television has others.
public struct PixelAspect: Hashable, Sendable {
    /// The width of a pixel, relative to ``height``.
    public let width: Int
    /// The height of a pixel, relative to ``width``.
    public let height: Int

    /// Square pixels, 1:1.
    public static let square = PixelAspect(1, 1)

    /// Makes an aspect ratio, reduced to terms of at most 65535, as streams have them.
    ///
    /// Where a term is not above zero, the pixels are square.
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

    /// The aspect ratio after a quarter turn.
    package var turned: PixelAspect { PixelAspect(height, width) }

    /// The aspect ratio after scaling, such that the picture's contents keep their shape.
    ///
    /// Square pixels stay square.
    package func scaled(from size: Resolution, to target: Resolution) -> PixelAspect {
        guard self != .square, size != target else { return self }
        return PixelAspect(width * size.width * target.height, height * target.width * size.height)
    }
}

/// The field order of a picture: progressive, or which field was taken first.
public enum FieldOrder: Hashable, Sendable {
    /// Progressive: all lines were taken at once.
    case progressive
    /// Interlaced: the field with the top line was taken first.
    case topFirst
    /// Interlaced: the field with the top line was taken second.
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
