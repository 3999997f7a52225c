// SPDX-License-Identifier: MIT

internal import CameraCore

/// A text at its place in a picture, as rows of ink.
struct PlacedText {
    /// The part of the picture that it may change.
    let region: PixelRegion
    private let fill: Cells<UInt8>
    private let outline: Cells<UInt8>?
    /// The box behind the letters.
    private let box: PixelRegion
    private let colors: Colors

    /// The numbers of the three colours, and how opaque they are.
    struct Colors {
        let fill: SIMD3<UInt16>
        let outline: SIMD3<UInt16>
        let background: SIMD3<UInt16>
        let fillAlpha: UInt16
        let outlineAlpha: UInt16
        let backgroundAlpha: UInt16

        init(_ style: Annotation, _ space: InkSpace) {
            fill = space.channels(of: style.foreground)
            outline = space.channels(of: style.outline ?? .black)
            background = space.channels(of: style.background ?? .black)
            fillAlpha = UInt16(style.foreground.alpha)
            outlineAlpha = UInt16(style.outline?.alpha ?? 0)
            backgroundAlpha = UInt16(style.background?.alpha ?? 0)
        }
    }

    /// Draws the part of a text that a picture of `size` shows; nil where that is nothing.
    init?(_ lines: TextLines, _ style: Annotation, on size: Resolution, _ space: InkSpace) {
        let padding = max(2, style.size / 8)
        let sides = Resolution(lines.width + 2 * padding, lines.height + 2 * padding)
        let corner = style.position.corner(of: sides, in: size, margin: max(2, style.size / 4))
        box = PixelRegion(x: corner.x, y: corner.y, size: sides)
        let top = corner.y + padding + lines.ascender

        var glyphs: [(glyph: Glyph, x: Int, y: Int)] = []
        var bounds = PixelBounds(box)
        for (index, line) in lines.lines.enumerated() {
            let indent = style.position.indent(of: line.width, in: lines.width)
            for (glyph, x) in line.glyphs {
                let place = (glyph: glyph, x: corner.x + padding + indent + x, y: top + index * lines.lineHeight)
                for bitmap in [glyph.fill, glyph.outline] {
                    if let bitmap { bounds.formUnion(bitmap.region(x: place.x, y: place.y)) }
                }
                glyphs.append(place)
            }
        }
        guard let region = bounds.region.clipped(to: size) else { return nil }
        self.region = region
        colors = Colors(style, space)
        let fill = Cells<UInt8>(repeating: 0, count: region.size.pixelCount)
        let outline = style.outline.map { _ in Cells<UInt8>(repeating: 0, count: region.size.pixelCount) }
        for (glyph, x, y) in glyphs {
            glyph.fill?.draw(x: x, y: y, into: fill, region)
            if let outline { glyph.outline?.draw(x: x, y: y, into: outline, region) }
        }
        (self.fill, self.outline) = (fill, outline)
    }
}

extension PlacedText: InkSource {
    func fill(_ row: InkRow, at index: Int) {
        let fill = fill.base + index * row.count
        let y = region.y + index
        let isInBox = (box.y..<box.y + box.size.height).contains(y)
        let first = isInBox ? min(max(0, box.x - region.x), row.count) : 0
        let end = isInBox ? max(first, min(row.count, box.x + box.size.width - region.x)) : 0
        let plain = colors.backgroundAlpha
        mix(row, fill, index, 0..<first, background: 0)
        mix(row, fill, index, first..<end, background: plain)
        mix(row, fill, index, end..<row.count, background: 0)
    }

    /// Lays the letters over their lines, and both over the box.
    private func mix(
        _ row: InkRow, _ fill: UnsafePointer<UInt8>, _ index: Int, _ columns: Range<Int>, background: UInt16
    ) {
        let (cover, red, green, blue) = (row.cover, row.ink.0, row.ink.1, row.ink.2)
        let outline = outline.map { $0.base + index * row.count } ?? UnsafeMutablePointer(mutating: fill)
        let colors = colors
        for column in columns {
            let letter = Self.scaled(UInt16(fill[column]), colors.fillAlpha)
            let line = Self.scaled(Self.scaled(UInt16(outline[column]), colors.outlineAlpha), 255 &- letter)
            let box = Self.scaled(background, 255 &- letter &- line)
            cover[column] = UInt8(truncatingIfNeeded: letter &+ line &+ box)
            red[column] = letter &* colors.fill.x &+ line &* colors.outline.x &+ box &* colors.background.x
            green[column] = letter &* colors.fill.y &+ line &* colors.outline.y &+ box &* colors.background.y
            blue[column] = letter &* colors.fill.z &+ line &* colors.outline.z &+ box &* colors.background.z
        }
    }

    /// The product of two numbers that stand for 0...1 as 0...255, rounded.
    @inline(__always)
    private static func scaled(_ left: UInt16, _ right: UInt16) -> UInt16 {
        let product = left &* right &+ 128
        return (product &+ (product &>> 8)) &>> 8
    }
}

/// The edges of what grows to hold several regions.
private struct PixelBounds {
    private var columns: Range<Int>
    private var rows: Range<Int>

    init(_ region: PixelRegion) {
        columns = region.x..<region.x + region.size.width
        rows = region.y..<region.y + region.size.height
    }

    mutating func formUnion(_ other: PixelRegion) {
        columns =
            min(columns.lowerBound, other.x)..<max(columns.upperBound, other.x + other.size.width)
        rows = min(rows.lowerBound, other.y)..<max(rows.upperBound, other.y + other.size.height)
    }

    var region: PixelRegion {
        PixelRegion(x: columns.lowerBound, y: rows.lowerBound, size: Resolution(columns.count, rows.count))
    }
}

extension Glyph.Bitmap {
    /// The pixels it has with the pen at a place.
    fileprivate func region(x: Int, y: Int) -> PixelRegion {
        PixelRegion(x: x + left, y: y - top, size: Resolution(width, height))
    }

    /// Draws it with the pen at a place of the picture into the cells of one of the picture's regions.
    fileprivate func draw(x: Int, y: Int, into target: Cells<UInt8>, _ region: PixelRegion) {
        let (firstColumn, firstRow) = (x + left - region.x, y - top - region.y)
        let columns = max(0, -firstColumn)..<max(max(0, -firstColumn), min(width, region.size.width - firstColumn))
        let rows = max(0, -firstRow)..<max(max(0, -firstRow), min(height, region.size.height - firstRow))
        for row in rows {
            let source = cells.base + row * width
            let target = target.base + (firstRow + row) * region.size.width + firstColumn
            // Letters that touch share pixels: the one that covers more counts.
            for column in columns { target[column] = max(target[column], source[column]) }
        }
    }
}

extension Annotation.Position {
    /// The upper left corner of a box in a picture, with a margin between it and the picture's edges.
    ///
    /// Coordinates far outside are moved nearer, so that nobody's arithmetic overflows.
    func corner(of box: Resolution, in size: Resolution, margin: Int) -> (x: Int, y: Int) {
        let (right, low) = (size.width - box.width - margin, size.height - box.height - margin)
        let (center, middle) = ((size.width - box.width) / 2, (size.height - box.height) / 2)
        return switch self {
        case .topLeft: (margin, margin)
        case .top: (center, margin)
        case .topRight: (right, margin)
        case .left: (margin, middle)
        case .center: (center, middle)
        case .right: (right, middle)
        case .bottomLeft: (margin, low)
        case .bottom: (center, low)
        case .bottomRight: (right, low)
        case .at(let x, let y): (max(-1 << 40, min(1 << 40, x)), max(-1 << 40, min(1 << 40, y)))
        }
    }

    /// How far a line of a text lies from the left edge of the longest one.
    fileprivate func indent(of width: Int, in longest: Int) -> Int {
        switch self {
        case .topLeft, .left, .bottomLeft, .at: 0
        case .top, .center, .bottom: (longest - width) / 2
        case .topRight, .right, .bottomRight: longest - width
        }
    }
}
