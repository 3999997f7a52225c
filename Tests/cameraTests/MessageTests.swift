// SPDX-License-Identifier: MIT

// The recordings here are H.264; WithoutX264Tests is for builds that have none.
#if X264
import Foundation
import TestSupport
import Testing

/// What the program says to who has misspelt something, and to who watches it work.
@Suite struct MessageTests {
    @Test(arguments: [
        ("recrod clip.mp4", "there is no verb 'recrod'; did you mean 'record'? ('camera --help' tells more)"),
        ("help recrod", "did you mean 'record'?"),
        ("sing", "the verbs are list, doctor, record, still, timelapse, controls, repair, serve"),
        ("record a.mp4 --fromat h264", "Did you mean '--format'? ('camera record --help' tells more)"),
        ("record a.mp4 --camera test --format h246", "did you mean 'h264'?"),
        ("record a.mp4 --camera test --format mp4", "that is a container, which the file's name tells (clip.mp4)"),
        ("record a.mp4 --camera test --preset ultrafst", "did you mean 'ultrafast'?"),
        ("record a.mp4 --camera test --tune zerolatncy", "did you mean 'zerolatency'?"),
        ("record a.mp4 --camera test --pace rael", "did you mean 'real'?"),
        ("record a.mp4 --camera test --vbv non", "did you mean 'none'?"),
        ("record a.mp4 --camera test --effect negatve", "did you mean 'negative'?"),
        ("record a.mp4 --camera test --raw-format nv1", "did you mean 'nv12'?"),
        ("record a.mp4 --camera test --on-disconnect wai", "did you mean 'wait'?"),
        ("record a.mp4 --camera tset", "did you mean 'test'?"),
        ("record a.mp4 --camera 0", "neither a camera nor a file of this name; did you mean '/dev/video0'?"),
        ("record a.jpg --camera test", "video is not written to a .jpg file; end it in .mp4"),
        ("timelapse a.mp4 --interval 1s --camera test", "a picture is not written to a .mp4 file; end it in .jpg"),
        ("still a.jpg --qualty 5", "Did you mean '--quality'? ('camera still --help' tells more)"),
    ])
    func namesWhatWasMeant(line: String, words: String) throws {
        let folder = try TemporaryFolder()
        let result = try Tool.run(line.split(separator: " ").map(String.init), in: folder)
        let isMissing = line.hasSuffix("tset") || line.hasSuffix(" 0")
        #expect(result.status == (isMissing ? 1 : 64))
        #expect(result.errors.contains(words), "\(result.errors)")
        #expect(result.errors.split(separator: "\n").count == 1 && folder.names.isEmpty, "\(result.errors)")
    }

    /// What is being read and written by one program names no other one that would have to be closed.
    @Test func doesNotBlameAnotherProgram() throws {
        let folder = try TemporaryFolder()
        try folder.writeGreys("in.y4m", count: 3)
        let result = try Tool.run(["record", "in.y4m", "--format", "yuv420", "--camera", "in.y4m"], in: folder)
        #expect(result.status == 1)
        #expect(result.errors.hasSuffix("by this program; choose another name\n"), "\(result.errors)")
    }

    @Test func extensionsHaveTheNamesOfFormats() throws {
        let folder = try TemporaryFolder()
        for name in ["a.yuv", "a.rgb", "a.hevc"] {
            #expect(try Tool.run(["record", name, "--frames", "2"] + Tool.fastCamera, in: folder).status == 0)
        }
        #expect(try Data(contentsOf: folder.file("a.yuv")).count == 2 * 64 * 48 * 3 / 2)
        #expect(try Data(contentsOf: folder.file("a.rgb")).count == 2 * 64 * 48 * 3)
    }

    /// A service's log has the start, each file and the end.
    @Test func aRecordingThatRotatesTellsEachFile() throws {
        let folder = try TemporaryFolder()
        let words = ["record", "{counter}.mp4", "--split", "10frames", "--frames", "25"] + Tool.fastCamera
        let result = try Tool.run(words, in: folder)
        let lines = result.errors.split(separator: "\n")
        try #require(lines.count == 5, "\(lines)")
        #expect(lines[0].hasPrefix("camera: recording test, 64x48 at 30 frames per second, as h264"))
        #expect(lines[1].hasPrefix("camera: 1.mp4: 10 frames, 0.3 s, "))
        #expect(lines[3].hasPrefix("camera: 3.mp4: 5 frames, "))
        #expect(lines[4].hasPrefix("camera: recorded 25 frames, 0.8 s, "))
        #expect(!result.errors.contains("\u{1B}") && !result.errors.contains("\r"))
        #expect(try Tool.run(words + ["--quiet"], in: folder).errors.isEmpty)
        // With JSON that is the account.
        let json = try Tool.run(words + ["--json"], in: folder)
        #expect(json.errors.isEmpty)
        let summary = try #require(JSONSerialization.jsonObject(with: json.output) as? [String: Any])
        let files = try #require(summary["files"] as? [[String: Any]])
        // A third of a second has no end in decimal figures, and 30 of them are a second.
        #expect(json.text.contains(#""duration":0.333333,"#) && files.count == 3, "\(files)")
    }

    /// script(1) gives it a terminal.
    @Test(arguments: [["--duration", "2500ms"], ["--frames", "75"]])
    func aTerminalShowsTheTimeLeft(_ limit: [String]) throws {
        let folder = try TemporaryFolder()
        let words = [Tool.path, "record", "a.mp4", "--camera", "test", "--size", "64x48"] + limit
        let result = try run("script", ["-qec", words.joined(separator: " "), "/dev/null"], in: folder.url)
        #expect(result.status == 0)
        // How many frames a machine that is busy drops is its own matter.
        #expect(result.text.contains(#/ dropped  00:0\d left/#), "\(result.text)")
        #expect(result.text.contains("camera: recorded "), "\(result.text)")
    }

    @Test func aFileThatIsPlayedBackHasItsLength() throws {
        let folder = try TemporaryFolder()
        try folder.writeGreys("in.y4m", count: 50, rate: 25)
        let made = try Tool.run(["record", "in.mp4", "--camera", "in.y4m", "--pace", "none"], in: folder)
        #expect(made.status == 0)
        for name in ["in.y4m", "in.mp4"] {
            let line = "'\(Tool.path)' record out.h264 --camera \(name)"
            let result = try run("script", ["-qec", line, "/dev/null"], in: folder.url)
            #expect(result.status == 0 && result.text.contains(" left"), "\(result.text)")
        }
    }

    /// The words that shells offer are those that the encoders know.
    @Test(arguments: [("preset", "is not one of "), ("tune", "is not 'none' or of ")])
    func completionsAreWhatThereIs(option: String, words: String) throws {
        let folder = try TemporaryFolder()
        let refused = try Tool.run(["record", "a.h264", "--\(option)", "?"] + Tool.fastCamera, in: folder)
        let list = try #require(refused.errors.firstMatch(of: Regex("\(words)([a-z, ]+)"))).output[1].substring ?? ""
        let names = list.split(separator: ", ").map { $0.trimmingCharacters(in: .whitespaces) }
        #expect(names.count > 6)
        let script = try Tool.run(["--generate-completion-script", "fish"], in: folder).text
        let offered = try #require(script.split(separator: "\n").first { $0.contains("-l '\(option)'") })
        let missing = names.filter { !offered.contains($0) }
        #expect(missing.isEmpty, "\(missing) in \(offered)")
    }
}
#endif
