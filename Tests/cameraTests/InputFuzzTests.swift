// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// Mutated files through the tool: whatever they are, it ends by itself, and says why where it has recorded nothing.
@Suite struct InputFuzzTests {
    /// A file that the tool reads, and how.
    private struct Input {
        let name: String
        let arguments: [String]
        let bytes: [UInt8]
    }

    private static func inputs(_ folder: TemporaryFolder) throws -> [Input] {
        var kinds: [(name: String, making: [String], arguments: [String])] = [
            ("a.y4m", ["-pix_fmt", "yuv420p"], []), ("b.y4m", ["-pix_fmt", "gray"], []),
            ("a.nv12", ["-pix_fmt", "nv12", "-f", "rawvideo"], ["--raw-format", "nv12", "--size", "64x48"]),
        ]
        #if Containers
        kinds += [
            ("a.mp4", ["-c:v", "mpeg4", "-bf", "1"], []), ("a.mkv", ["-c:v", "mpeg4"], []),
            ("a.ts", ["-c:v", "mpeg2video"], []), ("a.avi", ["-c:v", "mjpeg"], []), ("a.mjpeg", ["-c:v", "mjpeg"], []),
        ]
        #endif
        var inputs = try kinds.map { kind in
            let path = folder.path("seed-\(kind.name)")
            let source = ["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=64x48:rate=25", "-frames:v", "6"]
            let result = try run("ffmpeg", source + kind.making + [path])
            try #require(result.status == 0, "\(result.errors)")
            return Input(
                name: kind.name, arguments: ["--camera", kind.name] + kind.arguments,
                bytes: [UInt8](try Data(contentsOf: folder.file("seed-\(kind.name)"))))
        }
        #if Text
        let font = URL(fileURLWithPath: "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf")
        inputs.append(
            Input(
                name: "a.ttf",
                arguments: ["--camera", "test", "--size", "64x48", "--text", "Aj 0", "--font", "a.ttf"],
                bytes: [UInt8](try Data(contentsOf: font))))
        #endif
        return inputs
    }

    /// Runs the tool to its end; no status where it had to be killed.
    private func record(_ arguments: [String], in folder: TemporaryFolder) throws -> ProgramResult {
        try run("timeout", ["-s", "KILL", "300", Tool.path, "record"] + arguments, in: folder.url)
    }

    @Test func mutatedFilesEndTheToolByItself() throws {
        let seeds = try TemporaryFolder()
        let inputs = try Self.inputs(seeds)
        var recorded = 0
        try FuzzRun("files").rounds { random, repeating in
            for input in inputs {
                let folder = try TemporaryFolder()
                try Data(input.bytes.mutated(&random)).write(to: folder.file(input.name))
                let options = ["--pace", "none", "--frames", "6"] + input.arguments
                let result = try record(["out.mjpeg"] + options, in: folder)
                let kept = folder.names.contains("out.mjpeg")
                switch result.status {
                case 0:
                    #expect(folder.hasBytes("out.mjpeg"), "\(repeating), \(input.name): nothing was recorded")
                    recorded += 1
                // A font is an option's value.
                case 1,
                    64 where input.name == "a.ttf":
                    #expect(!result.errors.isEmpty, "\(repeating), \(input.name)")
                    #expect(!kept || folder.hasBytes("out.mjpeg"), "\(repeating), \(input.name): an empty file")
                default:
                    Issue.record("\(repeating), \(input.name): status \(result.status): \(result.errors)")
                }
            }
            return inputs.count
        }
        print("fuzz files: \(recorded) were recorded")
    }
}
