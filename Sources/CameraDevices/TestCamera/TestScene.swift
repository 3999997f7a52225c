// SPDX-License-Identifier: MIT

internal import CameraCore

/// What a test picture shows, row by row.
struct TestScene: TestRows {
    private let number: UInt64
    private let size: Resolution
    private let textures = TestTextures.shared
    /// The picture's number in a form that coordinates can be made of.
    private let tick: Int
    private let discs: [Disc]

    init(number: UInt64, size: Resolution) {
        self.number = number
        self.size = size
        tick = Int(number % 0x10_0000_0000)
        let reach = min(size.width, size.height)
        discs = [
            Disc(tick, size, radius: reach / 5, speed: (5, 3), phase: 0, luma: 70, blue: 90, red: 200),
            Disc(tick, size, radius: reach / 7, speed: (-7, 4), phase: 1000, luma: 40, blue: 190, red: 100),
            Disc(tick, size, radius: reach / 11, speed: (9, -8), phase: 3000, luma: 20, blue: 60, red: 60),
        ]
    }

    func drawLuma(row: Int, into output: UnsafeMutablePointer<UInt8>) {
        drawBackground(row: row, into: output)
        for disc in discs {
            guard let span = disc.span(row: row, width: size.width) else { continue }
            disc.drawLuma(row: row, span, textures.detail, into: output)
        }
    }

    func drawChroma(row: Int, blue: UnsafeMutablePointer<UInt8>, red: UnsafeMutablePointer<UInt8>) {
        let width = (size.width + 1) / 2
        // Half the speed of the background's luma: colours stick to it.
        Self.copy(textures.blue, row: row + tick, offset: 2 * tick, into: blue, width)
        Self.copy(textures.red, row: row + tick, offset: 2 * tick, into: red, width)
        for disc in discs {
            guard let span = disc.span(row: 2 * row, width: size.width) else { continue }
            let half = (span.lowerBound + 1) / 2..<(span.upperBound + 1) / 2
            (blue + half.lowerBound).update(repeating: disc.blue, count: half.count)
            (red + half.lowerBound).update(repeating: disc.red, count: half.count)
        }
    }

    private func drawBackground(row: Int, into output: UnsafeMutablePointer<UInt8>) {
        let detail = textures.detail.row(row + 2 * tick)
        let light = textures.light.row(row - tick)
        var random = SplitMix64(state: number << 16 ^ UInt64(row))
        let grain = textures.grain + Int(random.next() % UInt64(TestTextures.grainOffsets))
        var x = 0
        while x < size.width {
            let detailStart = (x + 4 * tick) & (textures.detail.side - 1)
            let lightStart = (x + 3 * tick) & (textures.light.side - 1)
            let count = min(size.width - x, textures.detail.side - detailStart, textures.light.side - lightStart)
            Self.add(detail + detailStart, light + lightStart, grain + x, into: output + x, count)
            x += count
        }
    }

    /// Adds rows; apart from the rest so that the compiler makes vector code of it.
    private static func add(
        _ first: UnsafePointer<UInt8>, _ second: UnsafePointer<UInt8>, _ third: UnsafePointer<UInt8>,
        into output: UnsafeMutablePointer<UInt8>, _ count: Int
    ) {
        for index in 0..<count { output[index] = first[index] &+ second[index] &+ third[index] }
    }

    private static func copy(
        _ texture: TestTextures.Texture, row: Int, offset: Int, into output: UnsafeMutablePointer<UInt8>, _ width: Int
    ) {
        let samples = texture.row(row)
        var x = 0
        while x < width {
            let start = (x + offset) & (texture.side - 1)
            let count = min(width - x, texture.side - start)
            (output + x).update(from: samples + start, count: count)
            x += count
        }
    }
}

/// A textured disc that bounces between the sides of the picture.
private struct Disc {
    let luma: UInt8
    let blue: UInt8
    let red: UInt8
    private let radius: Int
    private let x: Int
    private let y: Int

    /// Places a disc; `speed` is in pixels a frame, across and down.
    init(
        _ tick: Int, _ size: Resolution, radius: Int, speed: (Int, Int), phase: Int, luma: UInt8, blue: UInt8,
        red: UInt8
    ) {
        self.radius = radius
        x = Self.bounce(phase + speed.0 * tick, size.width)
        y = Self.bounce(phase + speed.1 * tick, size.height)
        self.luma = luma
        self.blue = blue
        self.red = red
    }

    /// The pixels of a row that the disc covers; nil for none.
    func span(row: Int, width: Int) -> Range<Int>? {
        let square = radius * radius - (row - y) * (row - y)
        guard square > 0 else { return nil }
        let half = Int(Double(square).squareRoot())
        let start = max(x - half, 0)
        let end = min(x + half + 1, width)
        return start < end ? start..<end : nil
    }

    func drawLuma(
        row: Int, _ span: Range<Int>, _ texture: TestTextures.Texture, into output: UnsafeMutablePointer<UInt8>
    ) {
        let samples = texture.row(row - y)
        var column = span.lowerBound
        while column < span.upperBound {
            let start = (column - x) & (texture.side - 1)
            let count = min(span.upperBound - column, texture.side - start)
            let (from, to) = (samples + start, output + column)
            for index in 0..<count { to[index] = from[index] &+ luma }
            column += count
        }
    }

    /// A position that runs from 0 to `span` and back.
    private static func bounce(_ value: Int, _ span: Int) -> Int {
        let position = ((value % (2 * span)) + 2 * span) % (2 * span)
        return position < span ? position : 2 * span - position
    }
}
