// SPDX-License-Identifier: MIT

/// Text that is drawn onto pictures.
///
/// The text may have places that each frame fills: `{frame}` is its number by the driver's count, with a width as
/// `{frame:06d}`; `{timestamp}` is the moment it was taken, with a pattern of `strftime(3)` as `{timestamp:%H:%M:%S.%f}`.
/// Two braces stand for one; a line feed begins a new line.
public struct Annotation: Hashable, Sendable {
    /// The text, with its places; any Unicode that the font has.
    public var text: String
    /// The height of the letters from ascender to descender, in pixels, from 6 to 160.
    public var size = 32
    /// The colour of the letters.
    public var foreground = Color.white
    /// The colour of the box behind them; nil for none.
    public var background: Color?
    /// The colour of a line around the letters; nil for none.
    public var outline: Color?
    /// Where it stands.
    public var position = Position.top
    /// A font's file; nil for DejaVu Sans.
    public var font: String?

    /// Where a text stands in a picture.
    public enum Position: Hashable, Sendable {
        /// At a corner, or in the middle of an edge.
        case topLeft, top, topRight, left, center, right, bottomLeft, bottom, bottomRight
        /// With its upper left corner at this pixel.
        case at(x: Int, y: Int)
    }

    /// Describes a text; what is not said is as picamera draws it.
    public init(_ text: String, _ change: (inout Annotation) -> Void = { _ in }) {
        self.text = text
        change(&self)
    }
}

extension Annotation {
    /// Describes a text that comes as bytes, such as what another program sends.
    ///
    /// - Throws: `.invalidValue` where they are no UTF-8.
    public init(utf8 bytes: some Sequence<UInt8>, _ change: (inout Annotation) -> Void = { _ in }) throws(CameraError) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CameraError(.invalidValue, "reading the text", reason: "its bytes are not UTF-8")
        }
        self.init(text, change)
    }
}
