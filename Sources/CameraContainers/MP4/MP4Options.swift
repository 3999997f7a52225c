// SPDX-License-Identifier: MIT

internal import CameraCore

/// How an MP4 file is written.
public struct MP4Options: Hashable, Sendable {
    /// How much of a file is written at once.
    public enum Fragments: Hashable, Sendable {
        /// Each picture by itself, with one system call: a program that is killed loses the picture that it was writing.
        case everyPicture
        /// The pictures of a span of time together: fewer calls, and as much time is lost when the program is killed.
        case every(Duration)
    }

    /// The kind of file, which its name's extension tells.
    public enum Brand: Hashable, Sendable {
        /// `.mp4`
        case mp4
        /// `.m4v`
        case m4v
        /// `.mov`, QuickTime.
        case mov

        var code: StaticString {
            switch self {
            case .mp4: "isom"
            case .m4v: "M4V "
            case .mov: "qt  "
            }
        }
    }

    /// How much is written at once.
    public var fragments = Fragments.everyPicture
    /// The kind of file.
    public var brand = Brand.mp4
    /// How a player is to turn the pictures, clockwise: 0, 90, 180 or 270 degrees.
    public var rotation = 0
    /// The title that players show; nil for none.
    public var title: String?
    /// A comment; nil for none.
    public var comment: String?

    /// Options with the values above.
    public init() {}

    /// Throws `.invalidValue` for a rotation by no right angle, and for fragments without a length.
    func validate(_ operation: String) throws(CameraError) {
        guard [0, 90, 180, 270].contains(rotation) else {
            throw CameraError(
                .invalidValue, operation, subject: "rotation \(rotation)", reason: "it is 0, 90, 180 or 270 degrees")
        }
        if case .every(let span) = fragments, span <= .zero {
            throw CameraError(
                .invalidValue, operation, subject: "fragments of \(span)", reason: "their length must be above 0")
        }
    }
}
