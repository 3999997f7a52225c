// SPDX-License-Identifier: MIT

public import CameraCore

/// A picture to draw on, lent to the drawing hook of a ``PictureStyle`` for one call.
///
/// Drawings are cut off at the picture's edges. They are made in the picture's own layout and colour space, and blended by
/// the alpha of their colours.
public struct Canvas: ~Copyable {
    /// What is known about the frame, such as its time and its number.
    public let info: FrameInfo
    private let picture: PictureMemory
    /// Keeps the picture's memory.
    private let bytes: PooledBytes
    private let space: InkSpace

    init(
        _ bytes: PooledBytes, format: PixelFormat, size: Resolution, color: ColorSpace, info: FrameInfo
    ) throws(CameraError) {
        // What can throw comes first: Swift 6.2 cannot compile a throw from a value that is half made.
        space = try InkSpace(format, color)
        self.bytes = bytes
        self.info = info
        picture = PictureMemory(bytes, format: format, size: size, color: color)
    }

    /// The layout of the pixels; pictures for YUYV and UYVY are drawn on as ``PixelFormat/yuv422``.
    public var format: PixelFormat { picture.format }
    /// The picture's size.
    public var size: Resolution { picture.size }
    /// The picture's colour space.
    public var color: ColorSpace { picture.color }

    /// Bytes from one row of a plane to the next.
    public func stride(ofPlane index: Int) -> Int { picture.plane(index).rowBytes }

    /// Lends the bytes of a plane, row after row without padding, to read and to change.
    @_lifetime(&self)
    public mutating func bytes(ofPlane index: Int) -> MutableRawSpan {
        let plane = picture.plane(index)
        let span = MutableRawSpan(_unsafeStart: plane.base, byteCount: plane.byteCount)
        return unsafe _overrideLifetime(span, mutating: &self)
    }

    /// Fills a rectangle.
    public mutating func fill(_ rectangle: PixelRegion, _ color: Color) {
        guard let region = rectangle.clipped(to: size) else { return }
        let ink = FlatInk(space, color)
        for strip in region.tiles(ofRows: 64, columns: nil) {
            var ink = ink
            DecalBuilder(strip, on: size, format).build(&ink).blend(onto: picture)
        }
    }

    /// Draws the four edges of a rectangle, as lines inside the rectangle that are `width` pixels wide.
    public mutating func outline(_ rectangle: PixelRegion, _ color: Color, width: Int = 2) {
        // What lies far outside is brought nearer, so that no sum overflows.
        func near(_ number: Int) -> Int { max(-1 << 40, min(1 << 40, number)) }
        let (x, y) = (near(rectangle.x), near(rectangle.y))
        let sides = Resolution(near(rectangle.size.width), near(rectangle.size.height))
        let edge = max(0, min(width, min(sides.width, sides.height) / 2))
        let between = sides.height - 2 * edge
        fill(PixelRegion(x: x, y: y, size: Resolution(sides.width, edge)), color)
        fill(PixelRegion(x: x, y: y + edge + between, size: Resolution(sides.width, edge)), color)
        fill(PixelRegion(x: x, y: y + edge, size: Resolution(edge, between)), color)
        fill(PixelRegion(x: x + sides.width - edge, y: y + edge, size: Resolution(edge, between)), color)
    }

    /// Draws a line with round ends, `width` pixels wide, between the centres of two pixels.
    public mutating func line(
        from start: (x: Int, y: Int), to end: (x: Int, y: Int), _ color: Color, width: Double = 2
    ) {
        let shape = Segment(from: start, to: end, width: width)
        guard let region = shape.bounds?.clipped(to: size) else { return }
        for tile in region.tiles(ofRows: 64, columns: 64) where shape.touches(tile) {
            var ink = SegmentInk(ink: FlatInk(space, color), shape: shape, corner: (tile.x, tile.y))
            DecalBuilder(tile, on: size, format).build(&ink).blend(onto: picture)
        }
    }

    /// Draws an annotation; `{frame}` and `{timestamp}` in its text are filled from ``info``.
    ///
    /// - Throws: `.invalidValue` for a size, text or place that cannot be; `.notFound` for a missing font; `.unsupported` in a
    ///   build without FreeType.
    public mutating func draw(_ annotation: Annotation) throws(CameraError) {
        try PreparedText(annotation).draw(on: picture, info)
    }

    /// Draws a text as it is, braces included, with its upper left corner at a pixel.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - x: The column of the text's left edge.
    ///   - y: The row of the text's upper edge.
    ///   - style: The size, colours and font; the text and position of this annotation are ignored.
    /// - Throws: `.invalidValue` for a size or text that cannot be; `.notFound` for a missing font; `.unsupported` in a build
    ///   without FreeType.
    public mutating func draw(
        _ text: String, x: Int, y: Int, like style: Annotation = Annotation("")
    ) throws(CameraError) {
        var annotation = style
        annotation.text = text
        annotation.position = .at(x: x, y: y)
        try PreparedText(annotation, isLiteral: true).draw(on: picture, info)
    }

    /// Lays a picture over this one; parts outside, also of a larger picture, are cut off.
    ///
    /// - Throws: `.invalidValue` for a size that the overlay cannot be scaled to.
    public mutating func draw(_ overlay: PictureOverlay) throws(CameraError) {
        try overlay.checkShape()
        try overlay.draw(on: picture)
    }
}

/// One colour all over.
private struct FlatInk: InkSource {
    private let channels: SIMD3<UInt16>
    private let alpha: UInt8

    init(_ space: InkSpace, _ color: Color) {
        channels = space.channels(of: color)
        alpha = color.alpha
    }

    func fill(_ row: InkRow, at index: Int) {
        row.cover.update(repeating: alpha, count: row.count)
        for channel in 0..<3 {
            row[channel].update(repeating: channels[channel] &* UInt16(alpha), count: row.count)
        }
    }

    /// Colours one pixel as far as the colour covers it, from 0 to 1.
    func set(_ row: InkRow, _ column: Int, covering share: Float) {
        let cover = UInt16((Float(alpha) * share).rounded())
        row.cover[column] = UInt8(cover)
        for channel in 0..<3 { row[channel][column] = channels[channel] &* cover }
    }
}

/// A thick line between two points.
private struct Segment {
    private let start: SIMD2<Float>
    private let along: SIMD2<Float>
    private let radius: Float

    init(from start: (x: Int, y: Int), to end: (x: Int, y: Int), width: Double) {
        // Far outside of any picture, but not so far that numbers lose their fractions.
        func point(_ place: (x: Int, y: Int)) -> SIMD2<Float> {
            let limit = 4 * Resolution.largestSide
            return SIMD2(Float(max(-limit, min(limit, place.x))), Float(max(-limit, min(limit, place.y))))
        }
        self.start = point(start)
        along = point(end) - point(start)
        radius = Float(max(0, min(width, Double(Resolution.largestSide)))) / 2
    }

    /// The pixels that it may touch; nil for a line without width.
    var bounds: PixelRegion? {
        guard radius > 0 else { return nil }
        let end = start + along
        let reach = Int(radius) + 2
        let (left, top) = (Int(min(start.x, end.x)) - reach, Int(min(start.y, end.y)) - reach)
        let (right, low) = (Int(max(start.x, end.x)) + reach, Int(max(start.y, end.y)) + reach)
        return PixelRegion(x: left, y: top, size: Resolution(right - left + 1, low - top + 1))
    }

    /// From a pixel's centre to the nearest point of the line's middle.
    private func distance(_ point: SIMD2<Float>) -> Float {
        let offset = point - start
        let length = (along * along).sum()
        let place = length > 0 ? max(0, min(1, (offset * along).sum() / length)) : 0
        let gap = offset - along * place
        return (gap * gap).sum().squareRoot()
    }

    /// How much of a pixel it covers, from 0 to 1.
    func cover(x: Int, y: Int) -> Float {
        max(0, min(1, radius + 0.5 - distance(SIMD2(Float(x), Float(y)))))
    }

    /// Whether it may touch a rectangle.
    func touches(_ tile: PixelRegion) -> Bool {
        let half = SIMD2(Float(tile.size.width), Float(tile.size.height)) / 2
        let reach = (half * half).sum().squareRoot() + radius + 1
        return distance(SIMD2(Float(tile.x), Float(tile.y)) + half) <= reach
    }
}

/// A thick line in one colour.
private struct SegmentInk: InkSource {
    let ink: FlatInk
    let shape: Segment
    let corner: (x: Int, y: Int)

    func fill(_ row: InkRow, at index: Int) {
        for column in 0..<row.count {
            ink.set(row, column, covering: shape.cover(x: corner.x + column, y: corner.y + index))
        }
    }
}

extension PixelRegion {
    /// The region in pieces, whose inner edges lie between chroma samples; `columns` nil for its whole width.
    fileprivate func tiles(ofRows rows: Int, columns: Int?) -> [PixelRegion] {
        func ranges(_ start: Int, _ length: Int, _ step: Int) -> [Range<Int>] {
            stride(from: start / step * step, to: start + length, by: step).map {
                max($0, start)..<min($0 + step, start + length)
            }
        }
        let across = columns.map { ranges(x, size.width, $0) } ?? [x..<x + size.width]
        return ranges(y, size.height, rows).flatMap { rows in
            across.map { PixelRegion(x: $0.lowerBound, y: rows.lowerBound, size: Resolution($0.count, rows.count)) }
        }
    }
}
