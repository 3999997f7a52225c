// SPDX-License-Identifier: MIT

#if X264
import CameraCodecs
import CameraCore
import Foundation
import TestSupport
import Testing

/// What the options of the H.264 encoder do, and how it refuses them.
@Suite struct X264OptionTests {
    private static let frames = TestFrames(size: Resolution(176, 144))

    private static func run(
        _ frames: TestFrames = frames, count: Int = 30, keyFrames: Set<Int> = [], frameRate: FrameRate = 30,
        before: (Int, any Codec) throws -> Void = { _, _ in }, _ set: (inout EncoderOptions) -> Void
    ) throws -> CodecRun {
        try CodecRun(
            CodecConfiguration(.h264, frames, frameRate: frameRate, set), frames, count: count, keyFrames: keyFrames,
            before: before)
    }

    private static func refusal(
        size: Resolution = Resolution(1920, 1080), frameRate: FrameRate = 30, _ set: (inout EncoderOptions) -> Void
    ) -> CameraError? {
        let codec = X264Codec()
        defer { codec.close() }
        do throws(CameraError) {
            let frames = TestFrames(size: size)
            _ = try codec.configure(CodecConfiguration(.h264, frames, frameRate: frameRate, set)) { _ in }
            return nil
        } catch {
            return error
        }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let code: CameraError.Code
        let words: [String]
        let set: @Sendable (inout EncoderOptions) -> Void
        var testDescription: String { words.joined(separator: " ") }

        init(
            _ code: CameraError.Code, _ words: String..., set: @escaping @Sendable (inout EncoderOptions) -> Void
        ) {
            self.code = code
            self.words = words
            self.set = set
        }

        static let all = [
            Refusal(.invalidValue, "preset", "'turbo'", "ultrafast, superfast") { $0.preset = "turbo" },
            Refusal(.invalidValue, "tune", "'blockbuster'", "zerolatency") { $0.tune = "blockbuster" },
            Refusal(.invalidValue, "tune", "''") { $0.tune = "" },
            Refusal(.invalidValue, "tune", "film,grain", "one of them") { $0.tune = "film,grain" },
            Refusal(.unsupported, "profile", "extended", "baseline", "main", "high") { $0.profile = "extended" },
            Refusal(.invalidValue, "profile", "'ultra'") { $0.profile = "ultra" },
            Refusal(.invalidValue, "profile", "lossless") {
                $0.profile = "high"
                $0.quality = 0
            },
            Refusal(.invalidValue, "level", "'7'", "1b", "6.2") { $0.level = "7" },
            Refusal(.invalidValue, "bitRate", "0 does not") { $0.bitRate = 0 },
            Refusal(.invalidValue, "bitRate", "-5") { $0.bitRate = -5 },
            Refusal(.invalidValue, "bitRate", "9223372036854775807") { $0.bitRate = .max },
            Refusal(.invalidValue, "quality", "52", "0...51") { $0.quality = 52 },
            Refusal(.invalidValue, "quality", "-1") { $0.quality = -1 },
            Refusal(.invalidValue, "vbv", "cap") {
                $0.quality = 20
                $0.bitRate = 1_000_000
                $0.vbv = EncoderOptions.VBV.none
            },
            Refusal(.invalidValue, "keyFrameInterval", "-1") { $0.keyFrameInterval = -1 },
            Refusal(.invalidValue, "keyFrameInterval", "4294967296") { $0.keyFrameInterval = 1 << 32 },
            Refusal(.unsupported, "spsTiming", "always") { $0.spsTiming = false },
            Refusal(.invalidValue, "threads", "0", "1...128") { $0.threads = 0 },
            Refusal(.unknownOption, "restartInterval", "h264") { $0.restartInterval = 1 },
            Refusal(.unknownOption, "warp-speed", "no such parameter") { $0.parameters = ["warp-speed": "9"] },
            Refusal(.invalidValue, "ref", "'many'") { $0.parameters = ["ref": "many"] },
            Refusal(.unsupported, "bitrate", "'bitRate'") { $0.parameters = ["bitrate": "100"] },
            Refusal(.unsupported, "repeat_headers", "'inlineHeaders'") { $0.parameters = ["repeat_headers": "0"] },
            Refusal(.unsupported, "no-annexb", "itself") { $0.parameters = ["no-annexb": "1"] },
            Refusal(.unsupported, "interlaced", "progressive") {
                $0.parameters = ["interlaced": "1"]
                $0.profile = "baseline"
            },
        ]
    }

    @Test(arguments: Refusal.all)
    func refusesWhatItCannotDo(_ test: Refusal) throws {
        let error = try #require(Self.refusal(test.set))
        #expect(error.code == test.code)
        for word in test.words { #expect(error.description.contains(word), "\(error)") }
    }

    @Test(arguments: [Resolution(1, 1), Resolution(175, 144), Resolution(176, 143)])
    func wantsEvenSizes(_ size: Resolution) {
        let error = Self.refusal(size: size) { _ in }
        #expect(error?.code == .invalidValue)
        #expect(error?.description.contains("even") == true)
    }

    /// What x264 itself refuses is told in its words.
    @Test func tellsWhatTheLibrarySays() {
        let error = Self.refusal { $0.parameters = ["crop-rect": "2000,0,0,0"] }
        #expect(error?.code == .invalidValue)
        #expect(error?.description.contains("invalid crop-rect") == true)
    }

    @Test(arguments: [Resolution(2, 2), Resolution(16, 2), Resolution(18, 16), Resolution(4096, 16)])
    func encodesSmallAndOddlyShapedPictures(_ size: Resolution) throws {
        let frames = TestFrames(size: size)
        let run = try Self.run(frames, count: 3) { $0.quality = 20 }
        let pictures = try decode(
            run.stream, .h264, as: "yuv420p", pictureByteCount: frames.packed(0).count)
        #expect(pictures.count == 3)
    }

    // MARK: - Levels

    struct LevelCase: Sendable, CustomTestStringConvertible {
        let level: String
        let size: Resolution
        let rate: FrameRate
        let bitRate: Int?
        let profile: String?
        /// What the refusal names; nil where there is none.
        let refusal: String?
        var testDescription: String { "\(level) \(size) \(rate) \(bitRate ?? 0) \(profile ?? "") \(refusal ?? "fits")" }

        init(
            _ level: String, _ size: Resolution, _ rate: FrameRate, bitRate: Int? = nil, profile: String? = nil,
            refusal: String? = nil
        ) {
            self.level = level
            self.size = size
            self.rate = rate
            self.bitRate = bitRate
            self.profile = profile
            self.refusal = refusal
        }

        static let all = [
            LevelCase("4", .hd1080p, 30),
            LevelCase("4", .hd1080p, 31, refusal: "252960 macroblocks per second, but the level allows 245760"),
            LevelCase("4.2", .hd1080p, 60),
            LevelCase("4.2", .hd1080p, 65, refusal: "level 5 or higher"),
            LevelCase("4.0", .hd1080p, FrameRate(30000, 1001)),
            LevelCase("3", .hd720p, 1, refusal: "3600 macroblocks, but the level allows 1620"),
            LevelCase("3.1", .hd720p, 30),
            LevelCase("1b", Resolution(176, 144), 15),
            LevelCase("1", Resolution(176, 144), 16, refusal: "level 1.1 or higher"),
            // 64 macroblocks are few, but as one row longer than the square root of 8 x 99.
            LevelCase("1", Resolution(1024, 16), 1, refusal: "28 in a row or column"),
            LevelCase("4", .hd1080p, 30, bitRate: 20_000_000, profile: "baseline"),
            LevelCase("4", .hd1080p, 30, bitRate: 20_000_001, profile: "main", refusal: "20000000"),
            LevelCase("4", .hd1080p, 30, bitRate: 25_000_000, profile: "high"),
            LevelCase("4", .hd1080p, 30, bitRate: 25_000_001, refusal: "level 4.1 or higher"),
            LevelCase("4.1", .hd1080p, 30, bitRate: 62_500_000),
            LevelCase("6.2", Resolution(8192, 4320), 120),
        ]
    }

    @Test(arguments: LevelCase.all)
    func keepsToTheLimitsOfTheLevel(_ test: LevelCase) throws {
        let error = Self.refusal(size: test.size, frameRate: test.rate) {
            $0.level = test.level
            $0.bitRate = test.bitRate
            $0.profile = test.profile
        }
        guard let refusal = test.refusal else {
            #expect(error == nil, "\(String(describing: error))")
            return
        }
        #expect(error?.code == .invalidValue)
        #expect(error?.description.contains(refusal) == true, "\(String(describing: error))")
    }

    @Test(arguments: [("3.1", 31), ("1b", 11), ("5.2", 52)])
    func writesTheLevel(name: String, expected: Int) throws {
        let run = try Self.run(count: 2, frameRate: 15) { $0.level = name }
        #expect(try probe(run.stream, "level", demuxer: "h264") == "\(expected)")
    }

    @Test func choosesTheLowestLevelThatFits() throws {
        let run = try Self.run(TestFrames(size: .hd720p), count: 2) { $0.bitRate = 4_000_000 }
        #expect(try probe(run.stream, "level", demuxer: "h264") == "31")
    }

    // MARK: - Headers and messages

    @Test func repeatsHeadersInFrontOfKeyFrames() throws {
        let run = try Self.run(keyFrames: [10]) { $0.keyFrameInterval = 15 }
        let units = try nalUnitTypes(run.stream)
        for (packet, types) in zip(run.packets, units) {
            #expect((packet.headerByteCount > 0) == (packet.type == .key))
            #expect(types.contains(7) == (packet.type == .key))
        }
        #expect(units.first == [7, 8, 5])
        let first = try #require(run.packets.first)
        #expect(first.bytes.starts(with: run.headers))
        #expect(first.headerByteCount == run.headers.count)
        let second = try #require(run.packets.first { $0.index == 10 })
        #expect(second.bytes.prefix(second.headerByteCount) == Data(run.headers))
    }

    @Test(arguments: [nil, false, true] as [Bool?])
    func leavesHeadersToTheFile(sei: Bool?) throws {
        let run = try Self.run {
            $0.inlineHeaders = false
            $0.keyFrameInterval = 10
            $0.sei = sei
        }
        #expect(run.packets.allSatisfy { $0.headerByteCount == 0 })
        let units = try nalUnitTypes(Data(run.headers) + run.stream)
        #expect(units.first == (sei == true ? [7, 8, 6, 5] : [7, 8, 5]))
        #expect(units.dropFirst().allSatisfy { $0.count == 1 })
        // The headers make any key frame decodable.
        let start = try #require(run.packets.lastIndex { $0.type == .key })
        let rest = run.packets[start...].reduce(Data(run.headers)) { $0 + $1.bytes }
        #expect(
            try decode(rest, .h264, as: "yuv420p", pictureByteCount: Self.frames.packed(0).count).count == 10)
    }

    @Test(arguments: [true, false])
    func leavesMessagesOut(inlineHeaders: Bool) throws {
        let run = try Self.run {
            $0.sei = false
            $0.intraRefresh = .cyclic
            $0.keyFrameInterval = 10
            $0.inlineHeaders = inlineHeaders
        }
        let stream = inlineHeaders ? run.stream : Data(run.headers) + run.stream
        let units = try nalUnitTypes(stream)
        #expect(units.allSatisfy { !$0.contains(6) })
        #expect(units.first == [7, 8, 5])
        // Each access unit begins with a start code of four bytes, also where a message was in front.
        #expect(run.packets.allSatisfy { $0.bytes.starts(with: [0, 0, 0, 1]) })
        #expect(stream.range(of: Data("x264".utf8)) == nil)
    }

    /// picamera's `sei` is off by default, too.
    @Test(arguments: [nil, true] as [Bool?])
    func namesItselfOnlyWhenAsked(sei: Bool?) throws {
        let run = try Self.run { $0.sei = sei }
        let stream = Data(run.headers) + run.stream
        #expect((stream.range(of: Data("x264".utf8)) != nil) == (sei == true))
        #expect(try nalUnitTypes(run.stream).first == (sei == true ? [7, 8, 6, 5] : [7, 8, 5]))
    }

    @Test func marksOnlyTrueKeyFramesWithIntraRefresh() throws {
        let run = try Self.run(keyFrames: [17]) {
            $0.intraRefresh = .cyclic
            $0.keyFrameInterval = 10
        }
        #expect(run.packets.filter { $0.type == .key }.map(\.index) == [0, 17])
        // The recovery points are there nonetheless, with headers in front.
        #expect(run.packets.filter { $0.headerByteCount > 0 }.map(\.index) == [0, 10, 17, 27])
    }

    @Test func makesNoKeyFramesButTheFirstAndThoseAskedFor() throws {
        // A cut to other content in the middle, which would otherwise be a key frame.
        let codec = X264Codec()
        let deliveries = Deliveries()
        _ = try codec.configure(
            CodecConfiguration(.h264, Self.frames) {
                $0.keyFrameInterval = 0
                $0.preset = "medium"
            }
        ) { deliveries.take($0) }
        var other = Self.frames
        other.noise = 60
        for number in 0..<300 {
            let frame = number / 100 % 2 == 0 ? Self.frames.frame(number % 7) : other.frame(number % 5 + 100)
            try codec.encode(frame, index: Int64(number), asKeyFrame: number == 151)
        }
        try codec.drain()
        #expect(try deliveries.packets().filter { $0.type == .key }.map(\.index) == [0, 151])
    }

    // MARK: - Colour and timing

    @Test(arguments: [
        (ColorSpace.bt709, ["tv", "bt709", "bt709", "bt709"]),
        (.bt601, ["tv", "smpte170m", "smpte170m", "smpte170m"]),
        (.jpeg, ["pc", "smpte170m", "iec61966-2-1", "bt709"]),
        (.unspecified, ["unknown", "unknown", "unknown", "unknown"]),
    ])
    func writesTheColor(color: ColorSpace, expected: [String]) throws {
        var frames = Self.frames
        frames.color = color
        let run = try Self.run(frames, count: 2) { _ in }
        let entries = ["color_range", "color_space", "color_transfer", "color_primaries"]
        #expect(try entries.map { try probe(run.stream, $0, demuxer: "h264") } == expected)
    }

    @Test func takesColorsThatItCanWrite() {
        let codec = X264Codec()
        #expect(codec.inputColor(for: .jpeg) == .jpeg)
        #expect(codec.inputColor(for: .sRGB).matrix == .bt601)
        #expect(codec.inputColor(for: .sRGB).range == .limited)
        #expect(codec.inputColor(for: .sRGB).primaries == .bt709)
    }

    /// A frame takes two ticks of H.264 (E.2.1).
    @Test(arguments: [(FrameRate(30), (1, 60)), (FrameRate(30000, 1001), (1001, 60000)), (FrameRate(1, 3), (3, 2))])
    func writesTheFrameRate(rate: FrameRate, ticks: (Int, Int)) throws {
        let run = try Self.run(count: 4, frameRate: rate) { $0.spsTiming = true }
        let folder = try TemporaryFolder()
        try run.stream.write(to: folder.file("a.h264"))
        let trace = try TestSupport.run(
            "ffmpeg", ["-i", folder.path("a.h264"), "-c", "copy", "-bsf:v", "trace_headers", "-f", "null", "-"]
        ).errors
        func value(_ name: String) -> Int? {
            let line = trace.split(separator: "\n").first { $0.contains(" \(name) ") }
            return line?.split(separator: " ").last.flatMap { Int($0) }
        }
        #expect(value("num_units_in_tick") == ticks.0)
        #expect(value("time_scale") == ticks.1)
    }

    // MARK: - Bit rate

    /// Bytes of pictures that never have enough bits, at 30 frames a second.
    private static func byteCounts(
        count: Int, before: (Int, any Codec) throws -> Void = { _, _ in }, _ set: (inout EncoderOptions) -> Void
    ) throws -> [Int] {
        var frames = frames
        frames.noise = 40
        return try run(frames, count: count, before: before, set).packets.map(\.bytes.count)
    }

    @Test(arguments: [300_000, 600_000, 1_200_000])
    func keepsTheBitRate(_ bitRate: Int) throws {
        let sizes = try Self.byteCounts(count: 150) { $0.bitRate = bitRate }
        let measured = sizes[60...].reduce(0, +) * 8 / 3
        #expect(abs(measured - bitRate) < bitRate / 10, "\(measured)")
    }

    @Test(arguments: [nil, 20] as [Int?])
    func changesTheBitRateWhileItRuns(quality: Int?) throws {
        let sizes = try Self.byteCounts(count: 270) { number, codec in
            if number == 90 { try codec.setBitRate(300_000) }
            if number == 180 { try codec.setBitRate(1_500_000) }
        } _: {
            $0.bitRate = 1_000_000
            $0.quality = quality
        }
        // The second before each change: by then the buffer of a second has turned over.
        for (range, bitRate) in [(60..<90, 1_000_000), (150..<180, 300_000)] {
            let measured = sizes[range].reduce(0, +) * 8
            #expect(measured < bitRate * 12 / 10, "\(measured)")
            #expect(measured > bitRate / 2, "\(measured)")
        }
        #expect(sizes[240...].reduce(0, +) * 8 > 600_000)
    }

    @Test func saysWhyTheBitRateCannotChange() throws {
        let cases: [(word: String, set: (inout EncoderOptions) -> Void)] = [
            ("VBV", { $0.vbv = EncoderOptions.VBV.none }), ("cap", { $0.quality = 20 }),
            ("nal-hrd", { $0.parameters = ["nal-hrd": "vbr"] }),
        ]
        for (word, set) in cases {
            let error = #expect(throws: CameraError.self) {
                _ = try Self.run(
                    count: 2, before: { number, codec in if number == 1 { try codec.setBitRate(500_000) } }, set)
            }
            #expect(error?.code == .unsupported)
            #expect(error?.description.contains(word) == true, "\(String(describing: error))")
        }
    }

    @Test func goesOnAfterARefusedBitRate() throws {
        let run = try Self.run(before: { _, codec in
            for bitRate in [-1, 0, Int.max, 3_000_000] {
                let error = #expect(throws: CameraError.self) { try codec.setBitRate(bitRate) }
                #expect(error?.code == .invalidValue)
            }
        }) {
            $0.bitRate = 500_000
            $0.level = "2"
            $0.profile = "main"
        }
        #expect(run.packets.count == 30)
    }

    @Test func hasADefaultBitRate() throws {
        // One bit for eight pixels: 640x480 at 30 frames per second make 1.15 Mb/s.
        var frames = TestFrames(size: .vga)
        frames.noise = 40
        let sizes = try Self.run(frames, count: 120) { _ in }.packets.map(\.bytes.count)
        let measured = sizes[60...].reduce(0, +) * 8 / 2
        #expect(abs(measured - 1_152_000) < 172_800, "\(measured)")
    }

    /// Small and slow pictures get a megabit: more than one for eight pixels.
    @Test func hasASmallestDefaultBitRate() throws {
        var frames = TestFrames(size: Resolution(352, 288))
        frames.noise = 40
        let sizes = try Self.run(frames, count: 120) { _ in }.packets.map(\.bytes.count)
        let measured = sizes[60...].reduce(0, +) * 8 / 2
        #expect(abs(measured - 1_000_000) < 150_000, "\(measured)")
    }

    /// Standard error belongs to the program; the library's chatter is not to be in it.
    @Test func isQuiet() async throws {
        let result = try await #require(processExitsWith: .success, observing: [\.standardErrorContent]) {
            #expect(Self.refusal { $0.parameters = ["crop-rect": "2000,0,0,0"] } != nil)
            #expect(Self.refusal { $0.preset = "turbo" } != nil)
            #expect(Self.refusal { $0.tune = "turbo" } != nil)
            #expect(Self.refusal { $0.profile = "turbo" } != nil)
            #expect(
                Self.refusal {
                    $0.profile = "main"
                    $0.parameters = ["qp": "0"]
                } != nil)
            _ = try Self.run { $0.bitRate = 1000 }
        }
        #expect(result.standardErrorContent == [])
    }
}
#endif
