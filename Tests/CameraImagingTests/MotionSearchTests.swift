// SPDX-License-Identifier: MIT

import CameraCore
import CameraImaging
import TestSupport
import Testing

@Suite struct MotionSearchTests {
    /// A pan, the size it is seen in, and what the picture shows.
    struct Pan: CustomTestStringConvertible, Sendable {
        let size: Resolution
        let x: Int
        let y: Int
        let cells: ClosedRange<Int>

        var testDescription: String { "\(size) by \(x),\(y), cells \(cells)" }
    }

    static let pans: [Pan] =
        [(1, 0), (0, -1), (3, -2), (-7, 5), (16, 16), (0, 37), (-31, 1), (64, -64), (-127, 113)]
        .flatMap { x, y in
            [Resolution(640, 368), Resolution(333, 211), Resolution(401, 290)].flatMap { size in
                [1...3, 2...6].map { Pan(size: size, x: x, y: y, cells: $0) }
            }
        } + [Pan(size: Resolution(100, 100), x: 20, y: -9, cells: 1...3)]

    /// Blocks whose content the frame before shows as well have the pan's own vector, to the pixel.
    @Test(arguments: pans) func pansAreFound(_ pan: Pan) throws {
        var texture = Texture(size: pan.size, cells: pan.cells)
        var search = MotionSearch(pan.size)
        let first = try search.search(try texture.frame())
        #expect(first == MotionField(of: pan.size))
        texture.move(x: pan.x, y: pan.y)
        let field = try search.search(try texture.frame())
        let (right, all) = texture.count(field, x: pan.x, y: pan.y)
        #expect(all > 0)
        #expect(Double(right) >= 0.95 * Double(all), "\(right) of \(all)")
        for row in 0..<field.rows { #expect(field[row, field.columns - 1] == .zero) }
    }

    /// The vector leads back to the frame before, and the difference is that of the block there.
    @Test func vectorsLeadToWhereBlocksWere() throws {
        let size = Resolution(160, 128)
        var texture = Texture(size: size, cells: 1...3)
        var search = MotionSearch(size)
        _ = try search.search(try texture.frame())
        // The window moves by 5 to the left: what it shows moves by 5 to the right.
        texture.move(x: -5, y: 0)
        let field = try search.search(try texture.frame())
        #expect(field[4, 4] == MotionVector(x: -5, y: 0, sad: 0))
        #expect(field.rows == 8 && field.columns == 11)
    }

    /// Several pans one after the other, with noise, in the layouts that have luma in a plane of its own.
    @Test(arguments: [PixelFormat.yuv420, .nv12, .nv21, .yuv422, .grey]) func layoutsAreRead(_ format: PixelFormat)
        throws
    {
        let size = Resolution(320, 240)
        var texture = Texture(size: size, cells: 1...4, noise: 3)
        var search = MotionSearch(size)
        _ = try search.search(try texture.frame(format))
        for (x, y) in [(6, 0), (6, 1), (-20, 11), (0, 0)] {
            texture.move(x: x, y: y)
            let (right, all) = texture.count(try search.search(try texture.frame(format)), x: x, y: y)
            #expect(Double(right) >= 0.95 * Double(all), "\(x),\(y): \(right) of \(all)")
        }
    }

    /// Noise over a picture that stands still, textured or flat, moves next to nothing.
    @Test(arguments: [0, 2, 8, 25]) func noiseMovesNothing(_ noise: Int) throws {
        let size = Resolution(640, 360)
        for texture in [
            Texture(size: size, cells: 2...5, noise: noise), Texture(size: size, cells: 9...9, noise: noise),
        ] {
            var texture = texture
            var search = MotionSearch(size)
            for _ in 0..<4 {
                let field = try search.search(try texture.frame())
                let moved = field.vectors.count { $0.x != 0 || $0.y != 0 }
                #expect(moved * 100 <= field.vectors.count, "\(moved) of \(field.vectors.count)")
            }
        }
    }

    /// A light that is switched on, and a fade, move nothing either.
    @Test func brightnessMovesNothing() throws {
        let size = Resolution(640, 360)
        var texture = Texture(size: size, cells: 2...6, noise: 2)
        var search = MotionSearch(size)
        for (gain, offset) in [(1, 0), (1, 25), (0.8, 20), (0.6, 20), (0.6, -20), (1, 0)] {
            (texture.gain, texture.offset) = (gain, offset)
            let field = try search.search(try texture.frame())
            let moved = field.vectors.count { $0.x != 0 || $0.y != 0 }
            #expect(moved * 50 <= field.vectors.count, "gain \(gain), offset \(offset): \(moved)")
        }
    }

    /// Two things that move differently over a background that stands.
    @Test func objectsMoveOnTheirOwn() throws {
        let size = Resolution(640, 368)
        let background = Texture(size: size, cells: 2...5)
        let object = Texture(size: size, cells: 1...3, seed: 99)
        func frame(_ step: Int) throws -> Frame {
            try background.frame(
                with: object,
                at: [
                    PixelRegion(x: 96 + 9 * step, y: 64 + 2 * step, size: Resolution(128, 96)),
                    PixelRegion(x: 400 - 21 * step, y: 224, size: Resolution(96, 96)),
                ])
        }
        var search = MotionSearch(size)
        _ = try search.search(try frame(0))
        _ = try search.search(try frame(1))
        let field = try search.search(try frame(2))
        // The blocks that lie within the objects now: pixels 114 to 241 by 68 to 163, and 358 to 453 by 224 to 319.
        for row in 5...9 {
            for column in 8...14 { #expect(field[row, column].x == -9 && field[row, column].y == -2) }
        }
        for row in 14...19 {
            for column in 23...27 { #expect(field[row, column].x == 21 && field[row, column].y == 0) }
        }
        #expect(field[0, 0] == .zero && field[20, 2] == .zero)
    }

    @Test func tinyPicturesHaveVectorsToo() throws {
        for size in [Resolution(2, 2), Resolution(16, 16), Resolution(15, 40), Resolution(63, 200)] {
            var texture = Texture(size: size, cells: 1...3)
            var search = MotionSearch(size)
            _ = try search.search(try texture.frame())
            texture.move(x: 1, y: 0)
            let field = try search.search(try texture.frame())
            #expect((field.rows, field.columns) == MotionField.shape(of: size))
        }
    }

    @Test func wrongFramesAreRefused() throws {
        var search = MotionSearch(Resolution(64, 48))
        let error = #expect(throws: CameraError.self) {
            var texture = Texture(size: Resolution(64, 64), cells: 1...2)
            _ = try search.search(try texture.frame())
        }
        #expect(error?.code == .invalidValue)
        var texture = Texture(size: Resolution(64, 48), cells: 1...2)
        let short = try texture.frame()
        let frame = Frame(
            format: .grey, size: short.size, color: short.color, info: short.info,
            planes: [Frame.Plane(baseAddress: short.plane(0).baseAddress, byteCount: 64 * 47, stride: 64)], owner: short
        )
        #expect(throws: CameraError.self) { _ = try search.search(frame) }
    }
}

extension MotionField {
    /// The vectors of all blocks.
    fileprivate var vectors: [MotionVector] {
        (0..<rows).flatMap { row in (0..<columns - 1).map { self[row, $0] } }
    }
}

/// A random picture that is seen through a window.
private struct Texture {
    let size: Resolution
    var gain = 1.0
    var offset = 0
    private let noise: Int
    private let samples: [UInt8]
    private let width: Int
    private var left = 140
    private var top = 140
    private var random: SeededRandom

    /// Makes a picture of cells of 2 to the power of each of `cells` pixels.
    init(size: Resolution, cells: ClosedRange<Int>, noise: Int = 0, seed: UInt64 = 42) {
        self.size = size
        self.noise = noise
        width = size.width + 280
        let height = size.height + 280
        var random = SeededRandom(seed: seed)
        var sums = [Int](repeating: 128 << 16, count: width * height)
        for order in cells {
            let cell = 1 << order
            let across = width / cell + 2
            let grid = (0..<across * (height / cell + 2)).map { _ in Int.random(in: -30...30, using: &random) << 16 }
            for y in 0..<height {
                let (row, down) = (y >> order, y & (cell - 1))
                for x in 0..<width {
                    let (column, right) = (x >> order, x & (cell - 1))
                    let first = row * across + column
                    let upper = grid[first] * (cell - right) + grid[first + 1] * right
                    let lower = grid[first + across] * (cell - right) + grid[first + across + 1] * right
                    sums[y * width + x] += (upper * (cell - down) + lower * down) >> (2 * order)
                }
            }
        }
        samples = sums.map { UInt8(min(max($0 >> 16, 0), 255)) }
        self.random = random
    }

    /// Moves the window, at most by 140 pixels from where it began.
    mutating func move(x: Int, y: Int) {
        left += x
        top += y
    }

    mutating func frame(_ format: PixelFormat = .grey) throws -> Frame {
        var luma: [UInt8] = []
        for y in 0..<size.height {
            for x in 0..<size.width {
                var value = Int((Double(sample(x, y)) * gain).rounded()) + offset
                if noise > 0 { value += Int.random(in: -noise...noise, using: &random) }
                luma.append(UInt8(min(max(value, 0), 255)))
            }
        }
        return try makeFrame(luma, format)
    }

    /// A grey frame with parts of another picture, which go with their places.
    func frame(with other: Texture, at regions: [PixelRegion]) throws -> Frame {
        var luma: [UInt8] = []
        for y in 0..<size.height {
            for x in 0..<size.width {
                let pixel = PixelRegion(x: x, y: y, size: Resolution(1, 1))
                let region = regions.first { $0.contains(pixel) }
                luma.append(region.map { other.sample(x - $0.x, y - $0.y) } ?? sample(x, y))
            }
        }
        return try makeFrame(luma, .grey)
    }

    /// Blocks with the pan's vector, and blocks that can have it.
    func count(_ field: MotionField, x: Int, y: Int) -> (right: Int, all: Int) {
        var (right, all) = (0, 0)
        for row in 0..<field.rows {
            for column in 0..<field.columns - 1 {
                let place = (x: min(16 * column, size.width - 16) + x, y: min(16 * row, size.height - 16) + y)
                guard (0...size.width - 16).contains(place.x), (0...size.height - 16).contains(place.y) else {
                    continue
                }
                all += 1
                let vector = field[row, column]
                if Int(vector.x) == x, Int(vector.y) == y { right += 1 }
            }
        }
        return (right, all)
    }

    private func sample(_ x: Int, _ y: Int) -> UInt8 { samples[(y + top) * width + x + left] }

    private func makeFrame(_ luma: [UInt8], _ format: PixelFormat) throws -> Frame {
        let count = try #require(format.byteCount(of: size))
        let bytes = try #require(BytePool().take(count))
        bytes.baseAddress.initializeMemory(as: UInt8.self, repeating: 128, count: count)
        luma.withUnsafeBytes {
            UnsafeMutableRawBufferPointer(start: bytes.baseAddress, count: count).copyMemory(from: $0)
        }
        return Frame(
            packed: format, size: size, color: .bt601,
            info: FrameInfo(timestamp: .now, wallTime: .now, sequence: 0), bytes: bytes)
    }
}
