// SPDX-License-Identifier: MIT

#if X264
import CameraCodecs
import CameraCore
import Foundation
import TestSupport
import Testing

/// The packets are byte for byte what the x264 program writes for the same frames and parameters.
@Suite struct X264IdentityTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let arguments: [String]
        let set: @Sendable (inout EncoderOptions) -> Void
        var testDescription: String { arguments.joined(separator: " ") }

        init(_ arguments: String, _ set: @escaping @Sendable (inout EncoderOptions) -> Void) {
            self.arguments = arguments.split(separator: " ").map(String.init)
            self.set = set
        }

        static let all = [
            Case("--preset ultrafast --tune zerolatency --bitrate 600 --vbv-maxrate 600 --vbv-bufsize 600 --threads 1")
            {
                $0.bitRate = 600_000
            },
            Case("--preset ultrafast --tune zerolatency --bitrate 600 --threads 1") {
                $0.bitRate = 600_000
                $0.vbv = EncoderOptions.VBV.none
            },
            // Several threads without a VBV: with one they spend its bits as they come to them, and the program's own bytes
            // differ from run to run.
            Case("--preset ultrafast --tune zerolatency --bitrate 600 --threads 2") {
                $0.bitRate = 600_000
                $0.vbv = EncoderOptions.VBV.none
                $0.threads = 2
            },
            Case("--preset medium --crf 23 --threads 1") {
                $0.preset = "medium"
                $0.tune = "none"
                $0.quality = 23
            },
            Case("--preset medium --crf 23 --threads 2") {
                $0.preset = "medium"
                $0.tune = "none"
                $0.quality = 23
                $0.threads = 2
            },
            Case("--preset medium --tune zerolatency --bitrate 400 --threads 2") {
                $0.preset = "medium"
                $0.bitRate = 400_000
                $0.vbv = EncoderOptions.VBV.none
                $0.threads = 2
            },
            Case("--preset fast --tune film --bitrate 400 --threads 2") {
                $0.preset = "fast"
                $0.tune = "film"
                $0.bitRate = 400_000
                $0.vbv = EncoderOptions.VBV.none
                $0.threads = 2
            },
            Case("--preset fast --tune film --bitrate 400 --vbv-maxrate 400 --vbv-bufsize 400 --threads 1") {
                $0.preset = "fast"
                $0.tune = "film"
                $0.bitRate = 400_000
            },
            Case("--preset veryfast --tune zerolatency --crf 18 --vbv-maxrate 700 --vbv-bufsize 700 --threads 1") {
                $0.preset = "veryfast"
                $0.quality = 18
                $0.bitRate = 700_000
            },
            Case("--preset slow --crf 26 --profile main --level 3 --keyint 12 --threads 1") {
                $0.preset = "slow"
                $0.tune = "none"
                $0.quality = 26
                $0.profile = "main"
                $0.level = "3.0"
                $0.keyFrameInterval = 12
            },
            Case("--preset medium --crf 23 --profile baseline --threads 1") {
                $0.preset = "medium"
                $0.tune = "none"
                $0.quality = 23
                $0.profile = "constrained"
            },
            Case("--preset veryfast --crf 23 --keyint infinite --no-scenecut --threads 1") {
                $0.preset = "veryfast"
                $0.tune = "none"
                $0.quality = 23
                $0.keyFrameInterval = 0
            },
            Case("--preset faster --tune zerolatency --crf 23 --intra-refresh --keyint 10 --threads 1") {
                $0.preset = "faster"
                $0.quality = 23
                $0.intraRefresh = .cyclic
                $0.keyFrameInterval = 10
            },
            Case("--preset ultrafast --tune zerolatency --qp 0 --threads 1") {
                $0.quality = 0
            },
            Case("--preset medium --crf 23 --threads 1 --psy-rd 0.5:0.1 --aq-mode 3 --no-mbtree --sar 4:3 --aud") {
                $0.preset = "medium"
                $0.tune = "none"
                $0.quality = 23
                $0.parameters = ["psy-rd": "0.5:0.1", "aq_mode": "3", "no-mbtree": "1", "sar": "4:3", "aud": "1"]
            },
        ]
    }

    // A multiple of 128 across: at other widths x264's macroblock tree reads memory that it never wrote, and the program
    // itself writes different bytes from run to run (MALLOC_PERTURB_=85 shows it).
    private static let size = Resolution(256, 140)

    @Test(arguments: Case.all, [PixelFormat.yuv420, .nv12])
    func writesWhatTheProgramWrites(_ test: Case, format: PixelFormat) throws {
        try compare(test, TestFrames(format: format, size: Self.size, color: .unspecified))
    }

    @Test(arguments: [FrameRate(25), FrameRate(30000, 1001), FrameRate(1, 2), FrameRate(15, 2)])
    func writesTheSameAtOtherRates(_ rate: FrameRate) throws {
        let frames = TestFrames(size: Self.size, color: .unspecified)
        try compare(Case.all[0], frames, frameRate: rate)
        try compare(Case.all[3], frames, frameRate: rate)
    }

    @Test(arguments: [Resolution(2, 2), Resolution(16, 16), Resolution(18, 34), Resolution(322, 242)])
    func writesTheSameAtOtherSizes(_ size: Resolution) throws {
        try compare(Case.all[0], TestFrames(size: size, color: .unspecified))
    }

    /// The level allows six reference pictures, the preset would take eight.
    @Test func keepsToTheReferencesOfTheLevel() throws {
        let test = Case("--preset slower --crf 26 --level 1.1 --threads 1") {
            $0.preset = "slower"
            $0.tune = "none"
            $0.quality = 26
            $0.level = "1.1"
        }
        try compare(test, TestFrames(size: Self.size, color: .unspecified), frameRate: 15)
    }

    @Test func writesTheSameColorDescription() throws {
        for (color, arguments) in [
            (ColorSpace.bt709, "--colorprim bt709 --transfer bt709 --colormatrix bt709"),
            (.bt601, "--colorprim smpte170m --transfer smpte170m --colormatrix smpte170m"),
            (.jpeg, "--colorprim bt709 --transfer iec61966-2-1 --colormatrix smpte170m --input-range pc --range pc"),
        ] {
            let frames = TestFrames(size: Self.size, color: color)
            let test = Case("--preset ultrafast --tune zerolatency --crf 23 --threads 1 " + arguments) {
                $0.quality = 23
            }
            try compare(test, frames)
        }
    }

    private func compare(_ test: Case, _ frames: TestFrames, frameRate: FrameRate = 30) throws {
        let count = 45
        let configuration = CodecConfiguration(.h264, frames, frameRate: frameRate) {
            // The program writes its name and parameters.
            $0.sei = true
            test.set(&$0)
        }
        let run = try CodecRun(configuration, frames, count: count)
        let folder = try TemporaryFolder()
        try y4m((0..<count).map(frames.packed), size: frames.size, frameRate: frameRate)
            .write(to: folder.file("in.y4m"))
        let result = try TestSupport.run(
            "x264", test.arguments + ["-o", folder.path("out.264"), folder.path("in.y4m")])
        #expect(result.status == 0, "\(result.errors)")
        let expected = try Data(contentsOf: folder.file("out.264"))
        #expect(!expected.isEmpty)
        // Asked apart: of what is not equal the difference would be worked out, which takes all memory.
        let isSame = run.stream == expected
        if Machine.isEmulated, !isSame, !test.arguments.contains("--qp") {
            // Rates and constant quality are kept to by floating point, which ends in another digit on another processor than
            // the program's.
            #expect(abs(run.stream.count - expected.count) * 50 < expected.count)
        } else {
            #expect(isSame, "\(run.stream.count) bytes instead of \(expected.count)")
        }
    }
}
#endif
