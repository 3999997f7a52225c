// SPDX-License-Identifier: MIT

/// What is wrong with one compressed picture that cannot be used.
///
/// It is the ``CameraError/underlying`` error of a `.corruptData` error.
public struct PictureFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// A kind of fault, by which pictures are counted; later versions may add kinds.
    public struct Kind: RawRepresentable, Hashable, Sendable {
        /// The kind's name, which ``EncoderStatistics/framesDamagedByKind`` counts by.
        public let rawValue: String

        /// Makes a kind of its name.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The picture's data ends early.
        public static let incomplete = Kind(rawValue: "incomplete")
        /// The picture's data is wrong, or a part of it is missing before the end.
        public static let corrupt = Kind(rawValue: "corrupt")
        /// The data is no picture, or its header is wrong.
        public static let malformed = Kind(rawValue: "malformed")
        /// The picture's size is not the one that the camera was set to.
        public static let otherSize = Kind(rawValue: "otherSize")
        /// The picture is of a kind that cannot be decoded here.
        public static let unsupported = Kind(rawValue: "unsupported")
    }

    /// The kind of fault.
    public let kind: Kind
    /// The fault in the decoder's words: "Premature end of JPEG file".
    public let description: String

    /// Describes a fault.
    public init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}

extension CameraError {
    /// What is wrong with the picture that could not be used; nil where the error is not that of one picture.
    package var pictureFault: PictureFault? {
        guard code == .corruptData else { return nil }
        return underlying as? PictureFault ?? PictureFault(.malformed, reason ?? "\(code)")
    }
}
