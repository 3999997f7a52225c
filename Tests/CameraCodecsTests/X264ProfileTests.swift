// SPDX-License-Identifier: MIT

#if X264
import CameraCodecs
import CameraCore
import Foundation
import TestSupport
import Testing

/// A profile that is asked for is a promise, whatever the preset leaves out.
@Suite struct X264ProfileTests {
    private static let frames = TestFrames(size: Resolution(176, 144))
    private static let presets = [
        "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow",
    ]

    private static func run(_ set: (inout EncoderOptions) -> Void) throws -> CodecRun {
        try CodecRun(CodecConfiguration(.h264, frames, set), frames, count: 2)
    }

    private static func refusal(_ set: (inout EncoderOptions) -> Void) -> CameraError? {
        do {
            _ = try run(set)
            return nil
        } catch {
            return error as? CameraError
        }
    }

    /// A number in the stream's headers, as ffmpeg reads them: "entropy_coding_mode_flag".
    private static func header(_ name: String, of stream: Data) throws -> Int? {
        let folder = try TemporaryFolder()
        try stream.write(to: folder.file("in.h264"))
        let arguments = ["-v", "verbose", "-i", folder.path("in.h264"), "-c", "copy", "-bsf:v", "trace_headers"]
        let lines = try TestSupport.run("ffmpeg", arguments + ["-f", "null", "-"]).errors.split(separator: "\n")
        let line = lines.first { $0.contains(" \(name) ") }
        return line?.split(separator: " ").last.flatMap { Int($0) }
    }

    @Test(
        arguments: presets,
        [
            ("baseline", "Constrained Baseline"), ("constrained", "Constrained Baseline"), ("main", "Main"),
            ("high", "High"),
        ])
    func isKeptWithEveryPreset(_ preset: String, _ profile: (name: String, expected: String)) throws {
        let run = try Self.run {
            $0.profile = profile.name
            $0.preset = preset
        }
        #expect(try probe(run.stream, "profile", demuxer: "h264") == profile.expected)
        let hasCABAC = profile.name == "main" || profile.name == "high"
        #expect(try Self.header("entropy_coding_mode_flag", of: run.stream) == (hasCABAC ? 1 : 0))
        // Baseline and main have no such flag.
        let has8x8 = try Self.header("transform_8x8_mode_flag", of: run.stream)
        #expect(profile.name == "high" ? has8x8 == 1 : has8x8 != 1)
    }

    @Test(arguments: ["fastdecode", "zerolatency", "none", "stillimage", "fastdecode,zerolatency"])
    func isKeptWithEveryTune(_ tune: String) throws {
        for (name, expected) in [("main", "Main"), ("high", "High")] {
            let run = try Self.run {
                $0.profile = name
                $0.tune = tune
            }
            #expect(try probe(run.stream, "profile", demuxer: "h264") == expected)
        }
    }

    @Test func isThePresetsOwnUnlessGiven() throws {
        for (preset, expected) in [("ultrafast", "Constrained Baseline"), ("superfast", "High")] {
            let run = try Self.run { $0.preset = preset }
            #expect(try probe(run.stream, "profile", demuxer: "h264") == expected)
        }
    }

    /// Parameters by x264's names count; where they break the promise, that is told.
    @Test(arguments: [("main", "cabac", "Constrained Baseline"), ("high", "8x8dct", "Main")])
    func parametersAgainstItAreAnError(profile: String, parameter: String, made: String) throws {
        let error = try #require(
            Self.refusal {
                $0.profile = profile
                $0.parameters = [parameter: "0"]
            })
        #expect(error.code == .invalidValue && error.description.contains(profile))
        #expect(error.description.contains(made), "\(error)")
    }

    @Test func parametersWithinItAreTaken() throws {
        let run = try Self.run {
            $0.profile = "high"
            $0.parameters = ["cabac": "0"]
        }
        #expect(try probe(run.stream, "profile", demuxer: "h264") == "High")
        #expect(try Self.header("entropy_coding_mode_flag", of: run.stream) == 0)
    }

    /// Level 4 allows 25 Mb/s in the profile high alone, which the preset would not make.
    @Test func isHighWhereTheLevelsBitRateNeedsIt() throws {
        for (bitRate, expected) in [(20_000_000, "Constrained Baseline"), (20_000_001, "High"), (25_000_000, "High")] {
            let run = try Self.run {
                $0.level = "4"
                $0.bitRate = bitRate
            }
            #expect(try probe(run.stream, "profile", demuxer: "h264") == expected, "\(bitRate)")
        }
    }

    /// A live bit rate keeps to what the stream's own profile allows.
    @Test func aLiveBitRateKeepsToTheProfile() throws {
        func change(to bitRate: Int, profile: String?) throws(CameraError) {
            let codec = X264Codec()
            defer { codec.close() }
            _ = try codec.configure(
                CodecConfiguration(.h264, Self.frames) {
                    $0.level = "4"
                    $0.profile = profile
                    $0.bitRate = 1_000_000
                }
            ) { _ in }
            try codec.setBitRate(bitRate)
        }
        try change(to: 25_000_000, profile: "high")
        try change(to: 20_000_000, profile: nil)
        #expect(throws: CameraError.self) { try change(to: 20_000_001, profile: nil) }
    }
}
#endif
