// SPDX-License-Identifier: MIT

import CameraCore
import CameraImaging
import Foundation
import Testing

/// Pictures behind a filter of one colour over each pixel, against a plain reference.
@Suite struct BayerTests {
    static let sizes = [Resolution(16, 12), Resolution(17, 9), Resolution(2, 2), Resolution(5, 3)]

    /// Lays samples down, in guarded memory with padded rows.
    private func frame(
        _ format: PixelFormat, _ size: Resolution, padding: Int = 6, _ sample: (_ row: Int, _ column: Int) -> Int
    ) throws -> Frame {
        let pattern = try #require(format.bayer)
        let stride = try #require(format.layout(ofPlane: 0)).rowBytes(width: size.width) + padding
        let memory = GuardedMemory()
        let byteCount = stride * size.height - padding
        let block = try memory.allocate(byteCount)
        func put(_ value: Int, _ offset: Int) {
            block.storeBytes(of: UInt8(truncatingIfNeeded: value), toByteOffset: offset, as: UInt8.self)
        }
        for row in 0..<size.height {
            for group in Swift.stride(from: 0, to: size.width, by: 4) where pattern.isPacked {
                let samples = (0..<4).map { group + $0 < size.width ? sample(row, group + $0) : 0 }
                let start = row * stride + group / 4 * 5
                for (index, value) in samples.enumerated() { put(value >> 2, start + index) }
                put(samples.enumerated().reduce(0) { $0 | ($1.element & 3) << (2 * $1.offset) }, start + 4)
            }
            for column in 0..<size.width where !pattern.isPacked {
                if pattern.bits == 8 {
                    put(sample(row, column), row * stride + column)
                } else {
                    put(sample(row, column), row * stride + 2 * column)
                    put(sample(row, column) >> 8, row * stride + 2 * column + 1)
                }
            }
        }
        return Frame(
            format: format, size: size, color: .sRGB, info: Frame.testInfo,
            planes: [Frame.Plane(baseAddress: block, byteCount: byteCount, stride: stride)], owner: memory)
    }

    /// The colour of a pixel, by the letters of the format's name.
    private func channel(_ format: PixelFormat, _ row: Int, _ column: Int) -> Int {
        let letter = Array(format.name)[row % 2 * 2 + column % 2]
        return ["r": 0, "g": 1, "b": 2][letter] ?? -1
    }

    /// Numbers without a pattern.
    private func noise(_ row: Int, _ column: Int, bits: Int) -> Int {
        var value = UInt32(truncatingIfNeeded: row &* 7919 &+ column &* 104_729 &+ 12345)
        value ^= value << 13
        value ^= value >> 17
        value ^= value << 5
        return Int(value) % (1 << bits)
    }

    /// What a pixel should be: its own number, or the mean of the neighbours of that colour, mirrored at the edges.
    private func expected(
        _ format: PixelFormat, _ size: Resolution, _ row: Int, _ column: Int, _ wanted: Int, bits: Int
    ) -> UInt16 {
        if channel(format, row, column) == wanted { return UInt16(noise(row, column, bits: bits)) }
        func mirrored(_ place: Int, _ count: Int) -> Int {
            place < 0 ? -place : place >= count ? 2 * count - 2 - place : place
        }
        var found: [Int] = []
        for down in -1...1 {
            for across in -1...1 {
                let (y, x) = (mirrored(row + down, size.height), mirrored(column + across, size.width))
                if channel(format, y, x) == wanted { found.append(noise(y, x, bits: bits)) }
            }
        }
        return UInt16((found.reduce(0, +) + found.count / 2) / found.count)
    }

    @Test func formatsAreNamed() {
        #expect(PixelFormat.bayerFormats.count == 20)
        #expect(Set(PixelFormat.bayerFormats.map(\.rawValue)).count == 20)
        let codes: [(String, String)] = [
            ("bggr8", "BA81"), ("rggb8", "RGGB"), ("gbrg10", "GB10"), ("grbg10", "BA10"), ("grbg12", "BA12"),
            ("bggr16", "BYR2"), ("rggb16", "RG16"), ("grbg10p", "pgAA"), ("rggb10p", "pRAA"),
        ]
        for (name, code) in codes {
            #expect(PixelFormat(name: name) == PixelFormat(code: code))
            #expect(PixelFormat(code: code)?.name == name)
        }
        #expect(PixelFormat.rggb10p.libcameraName == "SRGGB10_CSI2P")
        #expect(PixelFormat.bggr16.libcameraName == "SBGGR16")
        #expect(PixelFormat.rggb10p.byteCount(of: Resolution(640, 2)) == 1600)
        #expect(PixelFormat.rggb12.byteCount(of: Resolution(640, 2)) == 2560)
        #expect(PixelFormat.rggb8.isRGB && !PixelFormat.rggb8.hasSubsampledChroma)
        #expect(PixelFormat.rgb24.bayer == nil)
    }

    @Test(arguments: PixelFormat.bayerFormats, sizes)
    func samplesAreTheSensors(format: PixelFormat, size: Resolution) throws {
        let pattern = try #require(format.bayer)
        let array = try frame(format, size) { noise($0, $1, bits: pattern.bits) }.bayerPixels()
        #expect(array.rows == size.height && array.columns == size.width && array.channels == 1)
        for row in 0..<size.height {
            for column in 0..<size.width {
                #expect(Int(array[row, column, 0]) == noise(row, column, bits: pattern.bits))
            }
        }
    }

    @Test(arguments: PixelFormat.bayerFormats, sizes)
    func missingColorsAreTheMeanOfTheirNeighbours(format: PixelFormat, size: Resolution) throws {
        let pattern = try #require(format.bayer)
        let frame = try frame(format, size) { noise($0, $1, bits: pattern.bits) }
        let array = try frame.bayerPixels().demosaiced(pattern)
        let bytes = try frame.rgbPixels()
        #expect(array.channels == 3 && bytes.channels == 3)
        var wrong = 0
        for row in 0..<size.height {
            for column in 0..<size.width {
                for color in 0..<3 {
                    let wanted = expected(format, size, row, column, color, bits: pattern.bits)
                    if array[row, column, color] != wanted { wrong += 1 }
                    if UInt16(bytes[row, column, color]) != wanted >> (pattern.bits - 8) { wrong += 1 }
                }
            }
        }
        #expect(wrong == 0)
    }

    @Test(arguments: PixelFormat.bayerFormats, sizes)
    func oneColorStaysExact(format: PixelFormat, size: Resolution) throws {
        let pattern = try #require(format.bayer)
        let color = [200, 100, 50].map { $0 << (pattern.bits - 8) | 1 }
        let frame = try frame(format, size) { color[channel(format, $0, $1)] }
        let pixels = (0..<size.pixelCount).flatMap { _ in color.map(UInt16.init) }
        #expect(try frame.bayerPixels().demosaiced(pattern).elements == pixels)
        #expect(try frame.rgbPixels().elements == pixels.map { UInt8($0 >> (pattern.bits - 8)) })
    }

    @Test(arguments: [PixelFormat.bggr8, .gbrg10, .grbg12, .rggb16])
    func gradientsStay(format: PixelFormat) throws {
        let pattern = try #require(format.bayer)
        let size = Resolution(40, 30)
        func color(_ row: Int, _ column: Int, _ channel: Int) -> Int {
            [20 + 4 * column, 10 + 3 * row, 230 - 2 * row - 3 * column][channel]
        }
        let array = try frame(format, size) { color($0, $1, channel(format, $0, $1)) }.bayerPixels().demosaiced(pattern)
        for row in 0..<size.height {
            for column in 0..<size.width {
                // A mirror bends a gradient, by at most its slope.
                let isInside = (1..<size.height - 1).contains(row) && (1..<size.width - 1).contains(column)
                for channel in 0..<3 {
                    let error = Int(array[row, column, channel]) - color(row, column, channel)
                    #expect(abs(error) <= (isInside ? 1 : 5), "\(row) \(column) \(channel)")
                }
            }
        }
    }

    @Test(arguments: [Resolution(1, 1), Resolution(1, 4), Resolution(5, 1)])
    func aSingleRowOrColumnIsRead(size: Resolution) throws {
        for format in PixelFormat.bayerFormats {
            let frame = try frame(format, size) { _, _ in 64 }
            #expect(try frame.rgbPixels().elements.count == 3 * size.pixelCount)
        }
    }

    @Test(arguments: layouts) func everyLayoutIsMadeOfTheColors(target: PixelFormat) throws {
        let converter = FrameConverter(pool: BytePool())
        let size = Resolution(64, 48)
        let frame = try frame(.grbg10, size) { noise($0 / 8, $1 / 8, bits: 10) }
        let colors = try #require(try converter.convert(frame, to: .rgb24, size: size, color: .sRGB))
        for (wanted, crop) in [(size, nil), (Resolution(32, 20), PixelRegion(x: 4, y: 6, size: Resolution(40, 30)))] {
            let direct = try converter.convert(frame, to: target, size: wanted, color: .bt601, crop: crop)
            let indirect = try converter.convert(colors, to: target, size: wanted, color: .bt601, crop: crop)
            #expect(direct?.packedData == indirect?.packedData)
            #expect(direct?.color.matrix == indirect?.color.matrix)
        }
    }

    @Test func aFrameThatIsAsWantedStays() throws {
        let converter = FrameConverter(pool: BytePool())
        let size = Resolution(16, 8)
        let frame = try frame(.rggb10, size) { _, _ in 7 }
        #expect(try converter.convert(frame, to: .rggb10, size: size, color: .bt601) === frame)
        for (format, size) in [(PixelFormat.rggb8, size), (.bggr10, size), (.rggb10, Resolution(8, 8))] {
            let error = #expect(throws: CameraError.self) {
                try converter.convert(frame, to: format, size: size, color: .sRGB)
            }
            #expect(error?.code == .unsupported)
        }
    }

    @Test func whatIsNoSensorsPictureIsRefused() throws {
        let color = try Frame.laidDown(Picture.soft(8, 8), .rgb24)
        #expect(#expect(throws: CameraError.self) { try color.bayerPixels() }?.code == .unsupported)
        let raw = try frame(.rggb8, Resolution(8, 8)) { _, _ in 1 }
        #expect(#expect(throws: CameraError.self) { try raw.pixels() }?.code == .unsupported)
        let short = Frame(
            format: .rggb16, size: raw.size, color: .sRGB, info: raw.info, planes: [raw.plane(0)], owner: raw)
        #expect(#expect(throws: CameraError.self) { try short.bayerPixels() }?.code == .corruptData)
        let colors = PixelArray<UInt16>(rows: 2, columns: 2, channels: 3, repeating: 0)
        let pattern = BayerPattern(.rggb, bits: 8)
        #expect(#expect(throws: CameraError.self) { try colors.demosaiced(pattern) }?.code == .invalidValue)
    }
}
