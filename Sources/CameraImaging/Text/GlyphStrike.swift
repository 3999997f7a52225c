// SPDX-License-Identifier: MIT

#if Text
internal import CFreeType
internal import CameraCore

/// The glyphs of a font in one size, drawn when they are first needed; used by one thread at a time.
final class GlyphStrike {
    let size: Int
    let hasOutline: Bool
    private let font: FontFace
    private var glyphs: [Unicode.Scalar: (index: FT_UInt, glyph: Glyph)] = [:]
    private var byteCount = 0

    init(_ font: FontFace, size: Int, hasOutline: Bool) {
        self.font = font
        self.size = size
        self.hasOutline = hasOutline
    }

    /// A length of the font's in 64ths of pixels, as far as letters of this size can have it: a damaged font has any.
    private func bounded(_ length: Int) -> Int { max(-size * 1024, min(size * 1024, length)) }

    /// Half the width of the line around letters, which grows with them.
    private var outlineWidth: Int { max(64, size * 64 / 18) }

    /// Bytes of glyphs that are kept; when there are more, all are drawn anew.
    private static let byteLimit = 4 << 20

    /// Lays out a text from left to right, in the order of its characters.
    func lines(of text: String) -> TextLines {
        // From ascender to descender, as the size is defined.
        var request = FT_Size_RequestRec(
            type: FT_SIZE_REQUEST_TYPE_REAL_DIM, width: 0, height: size << 6, horiResolution: 0, vertResolution: 0)
        guard FT_Request_Size(font.face, &request) == 0 else { return TextLines() }
        let metrics = font.face.pointee.size.pointee.metrics
        var result = TextLines()
        result.ascender = Self.pixels(bounded(metrics.ascender))
        result.descender = Self.pixels(-bounded(metrics.descender))
        result.lineHeight = max(Self.pixels(bounded(metrics.height)), result.ascender + result.descender, 0)
        let scalars = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        result.lines = scalars.map(line)
        return result
    }

    private func line(_ scalars: Substring.UnicodeScalarView) -> TextLines.Line {
        var line = TextLines.Line()
        var pen = 0
        var previous: FT_UInt = 0
        for scalar in scalars where Self.isVisible(scalar) {
            let (index, glyph) = glyph(scalar)
            var kerning = FT_Vector()
            if previous != 0, index != 0,
                FT_Get_Kerning(font.face, previous, index, FT_KERNING_DEFAULT.rawValue, &kerning) == 0
            {
                pen += bounded(kerning.x)
            }
            line.glyphs.append((glyph, Self.pixels(pen)))
            pen += glyph.advance
            previous = index
        }
        line.width = max(0, Self.pixels(pen))
        return line
    }

    /// Whether a scalar is drawn at all; what steers layout is not.
    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control: scalar == "\t"
        case .format, .lineSeparator, .paragraphSeparator: false
        default: !scalar.properties.isVariationSelector
        }
    }

    private func glyph(_ scalar: Unicode.Scalar) -> (FT_UInt, Glyph) {
        if let known = glyphs[scalar] { return known }
        // A tabulator is as wide as a space; index 0 is the box for what the font lacks.
        let index = FT_Get_Char_Index(font.face, FT_ULong((scalar == "\t" ? " " : scalar).value))
        let glyph = draw(index)
        byteCount += glyph.byteCount
        if byteCount > Self.byteLimit {
            glyphs.removeAll()
            byteCount = glyph.byteCount
        }
        glyphs[scalar] = (index, glyph)
        return (index, glyph)
    }

    private func draw(_ index: FT_UInt) -> Glyph {
        // FT_LOAD_TARGET_LIGHT: hinting up and down only keeps the letters' shapes.
        let flags = FT_Int32(FT_LOAD_NO_BITMAP) | FT_Int32(FT_RENDER_MODE_LIGHT.rawValue & 15) << 16
        guard FT_Load_Glyph(font.face, index, flags) == 0, let slot = font.face.pointee.glyph else {
            return Glyph(fill: nil, outline: nil, advance: 0)
        }
        let advance = bounded(slot.pointee.advance.x)
        var outline: Glyph.Bitmap?
        if hasOutline { outline = stroked(slot) }
        var shape: FT_Glyph?
        guard FT_Get_Glyph(slot, &shape) == 0 else { return Glyph(fill: nil, outline: outline, advance: advance) }
        let fill = Self.bitmap(&shape)
        return Glyph(fill: fill, outline: outline, advance: advance)
    }

    /// The letter grown by the line around it.
    private func stroked(_ slot: FT_GlyphSlot) -> Glyph.Bitmap? {
        var stroker: FT_Stroker?
        guard FT_Stroker_New(font.library, &stroker) == 0, let stroker else { return nil }
        defer { FT_Stroker_Done(stroker) }
        FT_Stroker_Set(stroker, outlineWidth, FT_STROKER_LINECAP_ROUND, FT_STROKER_LINEJOIN_ROUND, 0)
        var shape: FT_Glyph?
        guard FT_Get_Glyph(slot, &shape) == 0 else { return nil }
        guard FT_Glyph_StrokeBorder(&shape, stroker, 0, 1) == 0 else {
            FT_Done_Glyph(shape)
            return nil
        }
        return Self.bitmap(&shape)
    }

    /// Renders a shape and frees it.
    private static func bitmap(_ shape: inout FT_Glyph?) -> Glyph.Bitmap? {
        defer { FT_Done_Glyph(shape) }
        var edges = FT_BBox()
        FT_Glyph_Get_CBox(shape, FT_GLYPH_BBOX_PIXELS.rawValue, &edges)
        // Before it takes memory and time.
        guard (0...longestSide).contains(edges.xMax &- edges.xMin), (0...longestSide).contains(edges.yMax &- edges.yMin)
        else { return nil }
        guard FT_Glyph_To_Bitmap(&shape, FT_RENDER_MODE_NORMAL, nil, 1) == 0, let shape else { return nil }
        return shape.withMemoryRebound(to: FT_BitmapGlyphRec.self, capacity: 1) { glyph -> Glyph.Bitmap? in
            let bitmap = glyph.pointee.bitmap
            let (width, height) = (Int(bitmap.width), Int(bitmap.rows))
            guard let buffer = bitmap.buffer, width > 0, height > 0 else { return nil }
            let cells = Cells<UInt8>(repeating: 0, count: width * height)
            for row in 0..<height {
                (cells.base + row * width).update(from: buffer + row * Int(bitmap.pitch), count: width)
            }
            return Glyph.Bitmap(
                left: Int(glyph.pointee.left), top: Int(glyph.pointee.top), width: width, height: height, cells: cells)
        }
    }

    /// No letter of 160 pixels comes near; a damaged font's might.
    private static let longestSide = 2048

    /// Rounds 64ths of pixels.
    private static func pixels(_ length: Int) -> Int { (length + 32) >> 6 }
}
#endif
