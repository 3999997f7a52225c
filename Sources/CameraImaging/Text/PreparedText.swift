// SPDX-License-Identifier: MIT

internal import CameraCore

/// A checked annotation, with what was drawn of it last; safe to use from any thread.
final class PreparedText: Sendable {
    private static let operation = "drawing text"
    /// The most characters of a text, whether it is given or comes of its places.
    private static let longestText = 4096

    private let style: Annotation
    private let template: TextTemplate
    private let font: Font
    /// Drawn for the last few sizes and layouts; more than one only where the text stays.
    private let decals = BoundedCache<DecalKey, Decal?>(limit: 4)

    private struct DecalKey: Hashable, Sendable {
        let text: String
        let size: Resolution
        let format: PixelFormat
        let color: ColorSpace
    }

    /// Checks an annotation and opens its font.
    ///
    /// - Parameters:
    ///   - style: The annotation.
    ///   - isLiteral: Whether its braces are no places.
    /// - Throws: `.invalidValue` for a size, a text or a place that cannot be; what opening the font throws.
    init(_ style: Annotation, isLiteral: Bool = false) throws(CameraError) {
        guard (6...160).contains(style.size) else {
            throw CameraError(
                .invalidValue, Self.operation, subject: "\(style.size)",
                reason: "the letters' size must lie between 6 and 160 pixels")
        }
        // Counting the bytes first keeps errors about very long texts cheap.
        let length = style.text.utf8.count
        guard length <= 4 * Self.longestText, style.text.unicodeScalars.count <= Self.longestText else {
            throw CameraError(
                .invalidValue, Self.operation,
                reason: "the text has \(length) bytes; a text may have \(Self.longestText) characters")
        }
        self.style = style
        template =
            isLiteral
            ? TextTemplate(literal: style.text)
            : try TextTemplate(style.text, number: "frame", operation: Self.operation)
        font = try Font.named(style.font)
    }

    /// Draws it with its places filled.
    func draw(on picture: PictureMemory, _ info: FrameInfo) throws(CameraError) {
        let text = template.filled(number: info.sequence, at: info.wallTime)
        let key = DecalKey(text: text, size: picture.size, format: picture.format, color: picture.color)
        try decals.value(for: key) { () throws(CameraError) in
            let shown = String(text.unicodeScalars.prefix(Self.longestText))
            let space = try InkSpace(picture.format, picture.color)
            let lines = font.lines(of: shown, size: style.size, hasOutline: style.outline != nil)
            guard !shown.isEmpty, let text = PlacedText(lines, style, on: picture.size, space) else { return nil }
            var rows = text
            return DecalBuilder(rows.region, on: picture.size, picture.format).build(&rows)
        }?.blend(onto: picture)
    }
}
