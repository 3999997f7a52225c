// SPDX-License-Identifier: MIT

import CameraCodecs
import CameraCore
import CameraImaging
import Foundation
import Synchronization
import TestSupport
import Testing

/// What the JPEG encoder makes, by the judgement of libjpeg's own programs.
@Suite struct JPEGTests {
    private static func pictures(
        _ frames: TestFrames, count: Int = 1, format: MediaFormat = .mjpeg, _ set: (inout EncoderOptions) -> Void
    ) throws -> [Data] {
        try CodecRun(CodecConfiguration(format, frames, set), frames, count: count).packets.map(\.bytes)
    }

    private static func refusal(
        format: MediaFormat = .mjpeg, size: Resolution = Resolution(320, 240), _ set: (inout EncoderOptions) -> Void
    ) -> CameraError? {
        let codec = JPEGCodec()
        defer { codec.close() }
        do throws(CameraError) {
            _ = try codec.configure(CodecConfiguration(format, TestFrames(size: size), set)) { _ in }
            return nil
        } catch {
            return error
        }
    }

    // MARK: - Against cjpeg and jpegtran

    @Test(arguments: [1, 30, 50, 85, 95, 100], [Resolution(320, 240), Resolution(175, 143), Resolution(1, 1)])
    func writesGreyPicturesAsCjpegDoes(quality: Int, size: Resolution) throws {
        let frames = TestFrames(format: .grey, size: size, color: .jpeg)
        let ours = try Self.pictures(frames) { $0.quality = quality }
        let input = Data("P5\n\(size.width) \(size.height)\n255\n".utf8) + frames.packed(0)
        let theirs = try run("cjpeg", ["-quality", "\(quality)", "-grayscale", "-baseline"], input: input)
        #expect(theirs.status == 0)
        #expect(ours == [theirs.output])
    }

    @Test func isAsGoodAsCjpeg() throws {
        let frames = TestFrames(format: .nv12, size: Resolution(320, 240), color: .jpeg)
        let original = frames.packed(0)
        let ours = try #require(try Self.pictures(frames) { _ in }.first)
        // The same picture as RGB, which is what cjpeg takes, by a program that knows full range.
        let folder = try TemporaryFolder()
        try original.write(to: folder.file("in.yuv"))
        let input = try run(
            "ffmpeg",
            [
                "-v", "error", "-f", "rawvideo", "-pix_fmt", "yuvj420p", "-s", "320x240", "-i", folder.path("in.yuv"),
                "-sws_flags", "accurate_rnd+full_chroma_int+bicubic", "-f", "image2pipe", "-c:v", "ppm", "-",
            ])
        let theirs = try run("cjpeg", ["-quality", "85", "-sample", "2x2"], input: input.output)
        func loss(_ picture: Data) throws -> Double {
            let decoded = try decode(picture, .mjpeg, as: "yuvj420p", pictureByteCount: original.count)
            return psnr(try #require(decoded.first), original)
        }
        // Only from below: cjpeg's picture went through RGB and lost a little there.
        #expect(try loss(ours) > loss(theirs.output) - 0.1)
    }

    @Test(arguments: [
        (PixelFormat.nv12, Resolution(320, 240)), (.yuv420, Resolution(175, 143)), (.yuv422, Resolution(161, 77)),
        (.grey, Resolution(97, 131)),
    ])
    func writesRestartMarkersAsJpegtranDoes(format: PixelFormat, size: Resolution) throws {
        let frames = TestFrames(format: format, size: size)
        let plain = try #require(try Self.pictures(frames) { $0.threads = 1 }.first)
        for rows in [1, 2, 3, 11, 200] {
            let marked = try Self.pictures(frames) {
                $0.restartInterval = rows
                $0.threads = 1
            }
            let expected = try run("jpegtran", ["-restart", "\(rows)", "-copy", "none"], input: plain)
            #expect(expected.status == 0)
            #expect(marked == [expected.output], "\(rows) rows")
        }
        #expect(try Self.pictures(frames) { $0.restartInterval = 0 } == [plain])
    }

    @Test func canBeReadByLibjpeg() throws {
        let frames = TestFrames(format: .nv12, size: Resolution(175, 143))
        for picture in try Self.pictures(frames, count: 3, { $0.restartInterval = 1 }) {
            let result = try run("djpeg", ["-pnm", "-strict"], input: picture)
            #expect(result.status == 0)
            #expect(result.errors == "")
            #expect(result.output.starts(with: Data("P6\n175 143\n255\n".utf8)))
        }
    }

    /// It stretches a range itself, but mixes no channels.
    @Test func asksForTheMatrixOfJPEG() {
        let codec = JPEGCodec()
        for color in [ColorSpace.bt709, .sRGB] { #expect(codec.inputColor(for: color) == .jpeg) }
        for color in [ColorSpace.bt601, .jpeg, .unspecified] { #expect(codec.inputColor(for: color) == color) }
    }

    @Test(
        arguments: [PixelFormat.nv12, .yuv420, .yuv422, .grey],
        [Resolution(320, 240), Resolution(175, 143), Resolution(1, 1)])
    func stretchesTheRangeAsConversionDoes(format: PixelFormat, size: Resolution) throws {
        let limited = TestFrames(format: format, size: size, color: .bt601)
        let converter = FrameConverter(pool: BytePool())
        let converted = try #require(try converter.convert(limited.frame(0), to: format, size: size, color: .jpeg))
        var configuration = CodecConfiguration(.jpeg, limited) { _ in }
        let ours = try Self.picture(of: limited.frame(0), configuration)
        configuration.color = .jpeg
        #expect(try ours == Self.picture(of: converted, configuration))
        // And not what it makes of numbers that are taken for the full range already.
        if size.width > 1 { #expect(try ours != Self.picture(of: limited.frame(0), configuration)) }
    }

    private static func picture(of frame: Frame, _ configuration: CodecConfiguration) throws -> [UInt8] {
        let made = Mutex<[UInt8]>([])
        let codec = JPEGCodec()
        defer { codec.close() }
        _ = try codec.configure(configuration) { result in
            guard case .success(let picture) = result else { return }
            made.withLock { $0 = picture.bytes.span.withUnsafeBytes { Array($0) } }
        }
        try codec.encode(frame, index: 0, asKeyFrame: true)
        try codec.drain()
        return made.withLock { $0 }
    }

    // MARK: - Options

    @Test func refusesWhatItCannotDo() throws {
        let cases: [(code: CameraError.Code, word: String, set: (inout EncoderOptions) -> Void)] = [
            (.invalidValue, "quality", { $0.quality = 0 }), (.invalidValue, "1...100", { $0.quality = 101 }),
            (.invalidValue, "threads", { $0.threads = 0 }), (.invalidValue, "threads", { $0.threads = 1000 }),
            (.invalidValue, "bitRate", { $0.bitRate = 0 }), (.invalidValue, "bitRate", { $0.bitRate = .max }),
            (.invalidValue, "restartInterval", { $0.restartInterval = -1 }),
            (.invalidValue, "restartInterval", { $0.restartInterval = 100_000 }),
            (.unknownOption, "profile", { $0.profile = "high" }),
            (.unknownOption, "psy-rd", { $0.parameters = ["psy-rd": "1"] }),
            (.unknownOption, "keyFrameInterval", { $0.keyFrameInterval = 1 }),
        ]
        for (code, word, set) in cases {
            let error = Self.refusal(set)
            #expect(error?.code == code)
            #expect(error?.description.contains(word) == true, "\(String(describing: error))")
        }
        #expect(Self.refusal(format: .jpeg) { $0.bitRate = 1_000_000 }?.code == .unknownOption)
        // 1024 units across, of which a marker's count holds 65535.
        #expect(Self.refusal(size: Resolution(16384, 16)) { $0.restartInterval = 64 }?.code == .invalidValue)
        #expect(Self.refusal(size: Resolution(16384, 16)) { $0.restartInterval = 63 } == nil)
    }

    @Test func saysWhyTheBitRateCannotChange() throws {
        let codec = JPEGCodec()
        _ = try codec.configure(CodecConfiguration(.mjpeg, TestFrames()) { $0.quality = 50 }) { _ in }
        let error = #expect(throws: CameraError.self) { try codec.setBitRate(1_000_000) }
        #expect(error?.code == .unsupported)
        #expect(error?.description.contains("constant quality") == true)
    }

    // MARK: - Threads

    @Test func makesTheSamePicturesWithAnyNumberOfThreads() throws {
        let frames = TestFrames(size: Resolution(176, 144))
        let one = try Self.pictures(frames, count: 40) { $0.threads = 1 }
        for threads in [2, 3, 8] {
            #expect(try Self.pictures(frames, count: 40) { $0.threads = threads } == one)
        }
    }

    /// With a bit rate the quality depends on earlier sizes, but never on which thread was faster.
    @Test func makesTheSamePicturesEachTimeWithABitRate() throws {
        let frames = TestFrames(size: Resolution(176, 144), noise: 10)
        func once() throws -> [Data] {
            try Self.pictures(frames, count: 60) {
                $0.threads = 3
                $0.bitRate = 1_000_000
            }
        }
        #expect(try once() == once())
    }

    /// The frames are let go as soon as they are compressed.
    @Test(arguments: [1, 3])
    func letsGoOfFrames(threads: Int) throws {
        let codec = JPEGCodec()
        _ = try codec.configure(CodecConfiguration(.mjpeg, TestFrames()) { $0.threads = threads }) { _ in }
        weak var last: Frame?
        for number in 0..<5 {
            let frame = TestFrames().frame(number)
            last = frame
            try codec.encode(frame, index: Int64(number), asKeyFrame: false)
        }
        try codec.drain()
        #expect(last == nil)
    }

    /// A delivery that closes the codec waits for nobody.
    @Test(arguments: [1, 3])
    func canBeClosedFromADelivery(threads: Int) throws {
        let codec = JPEGCodec()
        let deliveries = Deliveries()
        _ = try codec.configure(CodecConfiguration(.mjpeg, TestFrames()) { $0.threads = threads }) { [weak codec] in
            deliveries.take($0)
            if deliveries.count == 3 { codec?.close() }
        }
        for number in 0..<20 {
            guard (try? codec.encode(TestFrames().frame(number), index: Int64(number), asKeyFrame: false)) != nil else {
                break
            }
        }
        try codec.drain()
        #expect(deliveries.count == 3)
    }

    // MARK: - Bit rate

    /// Calm, then noisy, then calm pictures.
    private static func changing(_ number: Int) -> TestFrames {
        TestFrames(size: Resolution(320, 240), color: .jpeg, noise: [6, 25, 10][number / 90 % 3])
    }

    private static func sizes(
        count: Int, before: (Int, any Codec) throws -> Void = { _, _ in }, _ set: (inout EncoderOptions) -> Void
    ) throws -> [Int] {
        let codec = JPEGCodec()
        let deliveries = Deliveries()
        _ = try codec.configure(CodecConfiguration(.mjpeg, changing(0), set)) { deliveries.take($0) }
        for number in 0..<count {
            try before(number, codec)
            try codec.encode(changing(number).frame(number), index: Int64(number), asKeyFrame: false)
        }
        try codec.drain()
        return try deliveries.packets().map(\.bytes.count)
    }

    @Test(arguments: [2_500_000, 4_000_000], [1, 4])
    func keepsTheBitRateWhenTheContentChanges(bitRate: Int, threads: Int) throws {
        let sizes = try Self.sizes(count: 270) {
            $0.bitRate = bitRate
            $0.threads = threads
        }
        // The content changes at frames 90 and 180; within a second the bit rate is kept again.
        for start in [30, 45, 60, 120, 135, 150, 210, 225, 240] {
            let measured = sizes[start..<start + 30].reduce(0, +) * 8
            #expect(abs(measured - bitRate) < bitRate * 15 / 100, "\(measured) from frame \(start)")
        }
        // What a change cost is made up for.
        let average = sizes.reduce(0, +) * 8 / 9
        #expect(abs(average - bitRate) < bitRate * 5 / 100, "\(average)")
    }

    @Test func settlesOnAQuality() throws {
        let frames = TestFrames(size: Resolution(320, 240), color: .jpeg, noise: 10)
        let pictures = try Self.pictures(frames, count: 120) {
            $0.bitRate = 3_000_000
            $0.threads = 4
        }
        let qualities = try pictures[60...].map(quality)
        let (lowest, highest) = (try #require(qualities.min()), try #require(qualities.max()))
        #expect(highest - lowest <= 2, "\(qualities)")
    }

    @Test func followsAChangedBitRate() throws {
        let frames = TestFrames(size: Resolution(320, 240), color: .jpeg, noise: 10)
        let run = try CodecRun(
            CodecConfiguration(.mjpeg, frames) { $0.bitRate = 2_000_000 }, frames, count: 180,
            before: { number, codec in if number == 90 { try codec.setBitRate(4_000_000) } })
        let sizes = run.packets.map(\.bytes.count)
        for (range, bitRate) in [(60..<90, 2_000_000), (120..<150, 4_000_000), (150..<180, 4_000_000)] {
            let measured = sizes[range].reduce(0, +) * 8
            #expect(abs(measured - bitRate) < bitRate * 15 / 100, "\(measured) in \(range)")
        }
    }

    @Test func staysWithinItsQualities() throws {
        let frames = TestFrames(size: Resolution(176, 144), color: .jpeg)
        func qualities(_ set: (inout EncoderOptions) -> Void) throws -> [Int] {
            try Self.pictures(frames, count: 40, set).map(quality)
        }
        #expect(try qualities { $0.bitRate = 100_000_000 }.allSatisfy { $0 == 95 })
        #expect(try qualities { $0.bitRate = 1000 }.allSatisfy { $0 == 5 })
        let capped = try qualities {
            $0.bitRate = 100_000_000
            $0.quality = 60
        }
        #expect(capped.allSatisfy { $0 == 60 })
    }

    /// The quality that a picture was compressed with, from its first quantisation table.
    private func quality(of picture: Data) throws -> Int {
        let result = try run("identify", ["-format", "%Q", "jpeg:-"], input: picture)
        return try #require(Int(result.text))
    }
}
