// SPDX-License-Identifier: MIT

/// Text that is drawn onto pictures.
///
/// The text may have placeholders that each frame fills in: `{frame}` is the frame's number by the driver's count, with a
/// width as `{frame:06d}`; `{timestamp}` is the time of the exposure, with a pattern of `strftime(3)` as
/// `{timestamp:%H:%M:%S.%f}`. Two braces stand for one brace; a line feed begins a new line.
public struct Annotation: Hashable, Sendable {
    /// The text with its placeholders; any Unicode that the font has.
    public var text: String
    /// The height of the letters from ascender to descender, in pixels, from 6 to 160.
    public var size = 32
    /// The colour of the letters.
    public var foreground = Color.white
    /// The colour of the box behind the letters; nil for none.
    public var background: Color?
    /// The colour of a line around the letters; nil for none.
    public var outline: Color?
    /// The position of the text in the picture.
    public var position = Position.top
    /// The path of a font file; nil for DejaVu Sans.
    public var font: String?

    /// The position of a text in a picture.
    public enum Position: Hashable, Sendable {
        /// At a corner, or in the middle of an edge.
        case topLeft, top, topRight, left, center, right, bottomLeft, bottom, bottomRight
        /// With its upper left corner at this pixel.
        case at(x: Int, y: Int)
    }

    /// Makes a text with picamera's size, colours and position, which the closure can change.
    public init(_ text: String, _ change: (inout Annotation) -> Void = { _ in }) {
        self.text = text
        change(&self)
    }
}

extension Annotation {
    /// Makes a text from bytes in UTF-8, such as what another program sends.
    ///
    /// - Throws: `.invalidValue` where the bytes are not UTF-8.
    public init(utf8 bytes: some Sequence<UInt8>, _ change: (inout Annotation) -> Void = { _ in }) throws(CameraError) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CameraError(.invalidValue, "reading the text", reason: "its bytes are not UTF-8")
        }
        self.init(text, change)
    }
}
