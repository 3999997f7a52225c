// SPDX-License-Identifier: MIT

#if X265
import CameraCodecs
import CameraCore
import Foundation
import TestSupport
import Testing

/// The packets are byte for byte what the x265 program writes for the same frames and parameters.
@Suite struct X265IdentityTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let arguments: [String]
        let set: @Sendable (inout EncoderOptions) -> Void
        var testDescription: String { arguments.joined(separator: " ") }

        init(_ arguments: String, _ set: @escaping @Sendable (inout EncoderOptions) -> Void) {
            self.arguments = arguments.split(separator: " ").map(String.init)
            self.set = set
        }

        static let all = [
            Case(
                "--preset ultrafast --tune zerolatency --bitrate 600 --vbv-maxrate 600 --vbv-bufsize 600 --pools none "
                    + "--frame-threads 1"
            ) {
                $0.bitRate = 600_000
                $0.threads = 1
            },
            Case("--preset medium --crf 24 --pools none --frame-threads 1") {
                $0.preset = "medium"
                $0.tune = "none"
                $0.quality = 24
                $0.threads = 1
            },
            Case("--preset superfast --tune zerolatency --crf 24 --pools 2 --keyint 12 --profile main --level-idc 4") {
                $0.preset = "superfast"
                $0.quality = 24
                $0.threads = 2
                $0.keyFrameInterval = 12
                $0.profile = "main"
                $0.level = "4.0"
            },
            Case("--preset veryfast --tune grain --crf 26 --pools none --frame-threads 1 --aq-mode 3 --psy-rd 1.5") {
                $0.preset = "veryfast"
                $0.tune = "grain"
                $0.quality = 26
                $0.threads = 1
                $0.parameters = ["aq-mode": "3", "psy-rd": "1.5"]
            },
        ]
    }

    @Test(arguments: Case.all)
    func writesWhatTheProgramWrites(_ test: Case) throws {
        let frames = TestFrames(format: .yuv420, size: Resolution(176, 144), color: .unspecified)
        let count = 30
        let configuration = CodecConfiguration(.h265, frames) {
            test.set(&$0)
            // The program's identification names options that only a program has.
            $0.sei = false
        }
        let run = try CodecRun(configuration, frames, count: count)
        let folder = try TemporaryFolder()
        try y4m((0..<count).map(frames.packed), size: frames.size, frameRate: 30).write(to: folder.file("in.y4m"))
        // What this package always sets: key frames that files can be cut at, and the description of colours.
        let fixed = [
            "--no-info", "--no-open-gop", "--repeat-headers", "--range", "limited", "--colorprim", "2", "--transfer",
            "2",
        ]
        // From a pipe, so that it does not know the number of frames, which its rate control would use.
        let command = (["x265"] + test.arguments + fixed + ["--colormatrix", "2"]).joined(separator: " ")
        let result = try TestSupport.run(
            "sh", ["-c", "cat \(folder.path("in.y4m")) | \(command) --y4m -o \(folder.path("out.265")) -"])
        #expect(result.status == 0, "\(result.errors)")
        let expected = try Data(contentsOf: folder.file("out.265"))
        #expect(!expected.isEmpty)
        #expect(run.stream == expected)
    }
}
#endif
