// SPDX-License-Identifier: MIT

import CameraCore
import CameraImaging
import Foundation
import TestSupport
import Testing

/// JPEG pictures, made by cjpeg and decoded by djpeg for comparison.
@Suite struct JPEGTests {
    static let samplings: [(JPEGHeader.Subsampling, [String])] = [
        (.yuv444, ["-sample", "1x1"]), (.yuv422, ["-sample", "2x1"]), (.yuv420, ["-sample", "2x2"]),
        (.yuv440, ["-sample", "1x2"]), (.yuv411, ["-sample", "4x1"]), (.grey, ["-grayscale"]),
    ]
    static let sizes = [
        Resolution(64, 48), Resolution(33, 17), Resolution(1, 1), Resolution(8, 40), Resolution(161, 99),
    ]

    private func jpeg(_ size: Resolution, _ options: [String]) throws -> Data {
        let frame = try Frame.laidDown(Picture.soft(size.width, size.height), .rgb24)
        let ppm = Data("P6 \(size.width) \(size.height) 255\n".utf8) + frame.packedData
        let result = try run("cjpeg", ["-quality", "95"] + options, input: ppm)
        try #require(result.status == 0, "\(result.errors)")
        return result.output
    }

    /// The pixels of a PNM picture.
    private func pixels(_ pnm: Data, _ count: Int) -> Data { Data(pnm.suffix(count)) }

    private func header(_ data: Data) throws(CameraError) -> JPEGHeader {
        let bytes = [UInt8](data)
        return try JPEGHeader(parsing: bytes.span.bytes)
    }

    @Test(arguments: samplings, sizes)
    func headerTellsSizeAndSampling(_ sampling: (JPEGHeader.Subsampling, [String]), _ size: Resolution) throws {
        let header = try header(jpeg(size, sampling.1))
        #expect(header.size == size)
        #expect(header.subsampling == sampling.0)
        #expect(header.color == .jpeg)
    }

    @Test(arguments: samplings, sizes)
    func decodesAsDjpegDoes(_ sampling: (JPEGHeader.Subsampling, [String]), _ size: Resolution) throws {
        let data = try jpeg(size, sampling.1)
        let converter = FrameConverter(pool: BytePool())
        let frame = try Frame.jpeg(data, size)
        let grey = try #require(try converter.convert(frame, to: .grey, size: size, color: .jpeg))
        let theirGrey = try run("djpeg", ["-grayscale"], input: data).output
        #expect(grey.packedData == pixels(theirGrey, size.pixelCount))

        let rgb = try #require(try converter.convert(frame, to: .rgb24, size: size, color: .sRGB))
        let theirRGB = try Frame.packed(
            pixels(try run("djpeg", ["-rgb", "-nosmooth"], input: data).output, size.pixelCount * 3), .rgb24, size,
            .sRGB)
        for channel in 0..<3 {
            // Ours interpolates 4:1:1 and 4:4:0.
            let tolerance = sampling.0 == .yuv411 ? 20.0 : sampling.0 == .yuv440 ? 4 : 2
            #expect(difference(rgb.samples(channel), theirRGB.samples(channel)).largest <= tolerance)
        }
    }

    @Test(arguments: samplings, layouts)
    func decodesIntoEveryLayout(_ sampling: (JPEGHeader.Subsampling, [String]), _ layout: PixelFormat) throws {
        let converter = FrameConverter(pool: BytePool())
        for size in Self.sizes {
            let frame = try Frame.jpeg(try jpeg(size, sampling.1), size)
            for color in layout.isRGB ? [ColorSpace.sRGB] : [.jpeg, .bt601, .bt709] {
                let result = try #require(try converter.convert(frame, to: layout, size: size, color: color))
                var expected = Picture.soft(size.width, size.height)
                if sampling.0 == .grey {
                    let luma = expected.recolored(.jpeg).planes[0]
                    expected = Picture(planes: [luma, luma, luma], color: .sRGB, sharing: (1, 1))
                }
                expected = expected.recolored(color).shared(layout.sharing.across, layout.sharing.down)
                for channel in 0..<layout.channelCount {
                    let found = difference(result.samples(channel), expected.planes[channel])
                    #expect(found.mean <= 3 && found.largest <= 24, "channel \(channel) of \(size): \(found)")
                }
            }
        }
    }

    @Test func compressedFramesPassAsTheyAre() throws {
        let size = Resolution(64, 48)
        let frame = try Frame.jpeg(try jpeg(size, []), size)
        let converter = FrameConverter(pool: BytePool(limit: 0))
        #expect(try converter.convert(frame, to: .mjpeg, size: size, color: .bt601) === frame)
    }

    /// Webcams leave the usual Huffman tables out and fill their buffers up with zeros.
    @Test func webcamsHabitsAreTaken() throws {
        let size = Resolution(64, 48)
        let whole = try jpeg(size, ["-sample", "2x1"])
        var bare = whole.prefix(2)
        var rest = whole.dropFirst(2)
        while rest[rest.startIndex + 1] != 0xDA {
            let length = 2 + (Int(rest[rest.startIndex + 2]) << 8) + Int(rest[rest.startIndex + 3])
            if rest[rest.startIndex + 1] != 0xC4 { bare += rest.prefix(length) }
            rest = rest.dropFirst(length)
        }
        bare += rest
        #expect(bare.count < whole.count - 400)
        let converter = FrameConverter(pool: BytePool())
        let pictures = try [whole, bare, whole + Data(count: 1000)].map { data in
            try #require(try converter.convert(try .jpeg(data, size), to: .yuv420, size: size, color: .jpeg)).packedData
        }
        #expect(Set(pictures).count == 1)
    }

    @Test func anotherSizeThanTheFramesIsRefused() throws {
        let frame = try Frame.jpeg(try jpeg(Resolution(64, 48), []), Resolution(64, 40))
        let error = #expect(throws: CameraError.self) {
            try FrameConverter(pool: BytePool()).convert(frame, to: .yuv420, size: frame.size, color: .jpeg)
        }
        #expect(error?.code == .corruptData)
        #expect((error?.underlying as? PictureFault)?.kind == .otherSize)
        #expect(error?.description.contains("64x48") == true && error?.description.contains("64x40") == true)
    }

    @Test func otherColorsAreRefused() throws {
        let size = Resolution(16, 16)
        let frame = try Frame.jpeg(try jpeg(size, ["-rgb"]), size)
        let error = #expect(throws: CameraError.self) {
            try FrameConverter(pool: BytePool()).convert(frame, to: .yuv420, size: size, color: .jpeg)
        }
        #expect(error?.code == .corruptData)
        #expect((error?.underlying as? PictureFault)?.kind == .unsupported)
    }

    /// Every length but the whole is damage, however the picture is coded.
    @Test(arguments: [[], ["-progressive"], ["-restart", "1B"], ["-arithmetic"]])
    func truncatedPicturesAreCorrupt(_ options: [String]) throws {
        let size = Resolution(65, 49)
        let data = try jpeg(size, options)
        let converter = FrameConverter(pool: BytePool())
        _ = try #require(try converter.convert(try .jpeg(data, size), to: .yuv420, size: size, color: .jpeg))
        for length in stride(from: 0, to: data.count - 2, by: max(1, data.count / 400)) {
            let frame = try Frame.jpeg(data.prefix(length), size)
            let error = #expect(throws: CameraError.self, "\(length) of \(data.count) bytes") {
                try converter.convert(frame, to: .yuv420, size: size, color: .jpeg)
            }
            #expect(error?.code == .corruptData)
        }
    }

    /// Damaged pictures are refused or decoded to something of the right size; nothing else happens.
    @Test(arguments: 0..<8)
    func damagedPicturesNeverCrash(_ seed: Int) throws {
        var random = Random(state: UInt64(seed) &* 977 &+ 1)
        let sampling = Self.samplings[seed % Self.samplings.count]
        let size = Resolution(65, 49)
        let whole = try jpeg(size, sampling.1 + (seed % 2 == 0 ? [] : ["-progressive"]))
        let converter = FrameConverter(pool: BytePool())
        for round in 0..<1000 {
            var data = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                // Half of the hits go to the header, where sizes and tables are.
                let limit = Bool.random(using: &random) ? min(700, data.count) : data.count
                let index = Int.random(in: 0..<limit, using: &random)
                data[index] =
                    round % 3 == 0 ? UInt8.random(in: 0...255, using: &random) : data[index] ^ (1 << (round % 8))
            }
            attempt(data, size, converter)
        }
        for length in 0..<64 {
            attempt(Data((0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }), size, converter)
            attempt(
                Data([0xFF, 0xD8, 0xFF]) + Data((0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }),
                size,
                converter)
        }
    }

    private func attempt(_ data: Data, _ size: Resolution, _ converter: FrameConverter) {
        do throws(CameraError) {
            // The damage may have changed the size, and then the frame is believed to have it.
            let found = try header(data).size
            let size = found.pixelCount < 1_000_000 ? found : size
            guard let frame = try? Frame.jpeg(data, size) else { return }
            let result = try converter.convert(frame, to: .yuv420, size: size, color: .bt601)
            #expect(result?.size == size)
        } catch {
            #expect(error.code == .corruptData || error.code == .unsupported || error.code == .invalidValue)
        }
    }
}

/// Numbers that are the same in every run.
private struct Random: RandomNumberGenerator {
    var state: UInt64

    /// Source: Sebastiano Vigna, splitmix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
