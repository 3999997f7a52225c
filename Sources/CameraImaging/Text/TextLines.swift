// SPDX-License-Identifier: MIT

/// A text as glyphs beside and below each other, before it has a place.
struct TextLines {
    /// The lines from top to bottom.
    var lines: [Line] = []
    /// From a line's top to its baseline, in pixels.
    var ascender = 0
    /// From one baseline to the next.
    var lineHeight = 0
    /// From the last baseline to the lower edge.
    var descender = 0

    /// One line.
    struct Line {
        var glyphs: [(glyph: Glyph, x: Int)] = []
        var width = 0
    }

    /// The width of the longest line.
    var width: Int { lines.map(\.width).max() ?? 0 }
    /// From the top of the first line to the bottom of the last; 0 where a font's numbers give less.
    var height: Int { lines.isEmpty ? 0 : max(0, ascender + (lines.count - 1) * lineHeight + descender) }
}

/// A letter as a bitmap, with one of the line around it where that is wanted.
final class Glyph: Sendable {
    let fill: Bitmap?
    let outline: Bitmap?
    /// To the next letter, in 64ths of a pixel.
    let advance: Int

    /// How much of each pixel is covered, 0...255.
    struct Bitmap: Sendable {
        /// From the pen's place to the left column.
        let left: Int
        /// From the baseline up to the top row.
        let top: Int
        let width: Int
        let height: Int
        let cells: Cells<UInt8>
    }

    init(fill: Bitmap?, outline: Bitmap?, advance: Int) {
        self.fill = fill
        self.outline = outline
        self.advance = advance
    }

    /// Bytes that it takes.
    var byteCount: Int { (fill?.cells.count ?? 0) + (outline?.cells.count ?? 0) + 64 }
}
