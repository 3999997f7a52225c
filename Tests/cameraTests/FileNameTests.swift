// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// The names of the files of a series, of those beside them, and what is there already.
@Suite struct FileNameTests {
    private static let frameBytes = 64 * 48 * 3 / 2

    private func run(_ words: [String], in folder: TemporaryFolder, camera: [String] = Tool.fastCamera) throws -> String
    {
        let result = try Tool.run(words + camera, in: folder)
        #expect(result.status == 0, "\(result.errors)")
        return result.errors
    }

    // MARK: Nothing is overwritten

    @Test func picturesOfOneSecondGetNamesOfTheirOwn() throws {
        let folder = try TemporaryFolder()
        let camera = ["--camera", "test", "--size", "64x48"]
        let errors = try run(
            ["timelapse", "{timestamp:%Y}.jpg", "--interval", "20ms", "--count", "5"], in: folder, camera: camera)
        #expect(folder.names.count == 5)
        let first = try #require(folder.names.last?.dropLast(4))
        let names: [String] = (2...5).map { "\(first)-\($0).jpg" }
        #expect(folder.names == (names + ["\(first).jpg"]).sorted())
        // Said once.
        #expect(errors.components(separatedBy: "is there already").count == 2, "\(errors)")
    }

    @Test func filesOfOneMomentLoseNoFrame() throws {
        let folder = try TemporaryFolder()
        let errors = try run(
            ["record", "{timestamp:%Y}.yuv420", "--split", "4frames", "--frames", "20"], in: folder)
        #expect(folder.names.count == 5)
        for name in folder.names { #expect(try Data(contentsOf: folder.file(name)).count == 4 * Self.frameBytes) }
        #expect(errors.components(separatedBy: "is there already").count == 2, "\(errors)")
    }

    @Test(arguments: [
        ["record", "h-{counter:03d}.yuv420", "--split", "2frames", "--frames", "6"],
        ["record", "h-{counter:03d}.yuv420", "--circular", "2frames", "--frames", "6"],
        ["still", "h-{counter:03d}.yuv420", "--format", "yuv420"],
        ["timelapse", "h-{counter:03d}.yuv420", "--format", "yuv420", "--interval", "100ms", "--count", "3"],
    ])
    func anotherRunGoesOnBehindAndACounterThatIsGivenReplaces(_ words: [String]) throws {
        let folder = try TemporaryFolder()
        try Data("old".utf8).write(to: folder.file("h-007.yuv420"))
        _ = try run(words, in: folder)
        let count = folder.names.count - 1
        let numbers = 7...(7 + count)
        let names = numbers.map { String(format: "h-%03d.yuv420", $0) }
        #expect(folder.names == names)
        #expect(try Data(contentsOf: folder.file("h-007.yuv420")) == Data("old".utf8))
        _ = try run(words + ["--counter", "7"], in: folder)
        #expect(try Data(contentsOf: folder.file("h-007.yuv420")).count >= Self.frameBytes)
        #expect(folder.names.count == count + 1)
    }

    @Test func aPlainNameIsReplaced() throws {
        let folder = try TemporaryFolder()
        _ = try run(["record", "a.yuv420", "--frames", "6"], in: folder)
        _ = try run(["record", "a.yuv420", "--frames", "2"], in: folder)
        #expect(try Data(contentsOf: folder.file("a.yuv420")).count == 2 * Self.frameBytes)
    }

    /// The largest number that there is leads nowhere.
    @Test(arguments: ["still", "timelapse", "record"]) func aHugeNumberEndsNothing(_ verb: String) throws {
        let folder = try TemporaryFolder()
        try Data("old".utf8).write(to: folder.file("l-9223372036854775807.yuv420"))
        var words = [verb, "l-{counter}.yuv420", "--format", "yuv420"]
        if verb == "timelapse" { words += ["--interval", "10ms", "--count", "1"] }
        if verb == "record" { words += ["--split", "9frames", "--frames", "3"] }
        _ = try run(words, in: folder)
        #expect(folder.names == ["l-1.yuv420", "l-9223372036854775807.yuv420"])
        #expect(
            try Tool.run([verb, "l-{counter}.yuv420", "--counter", "9223372036854775807"], in: folder).status == 64)
    }

    // MARK: Moments

    /// The name tells the moment of the first picture, and what lies beside the pictures is cut with them.
    @Test(arguments: [["--split", "10frames"], ["--circular", "12frames"]])
    func namesTellTheMomentOfTheFirstPicture(_ options: [String]) throws {
        let folder = try TemporaryFolder()
        let beside = ["--metadata", "{timestamp:%M-%S-%f}.jsonl", "--save-pts", "{timestamp:%M-%S-%f}.pts"]
        let motion = options[0] == "--split" ? ["--motion", "{timestamp:%M-%S-%f}.motion"] : []
        _ = try run(
            ["record", "{timestamp:%M-%S-%f}.mjpeg", "--frames", "25", "--fps", "10"] + options + beside + motion,
            in: folder)
        let stems = folder.names.filter { $0.hasSuffix(".mjpeg") }.map { String($0.dropLast(6)) }
        #expect(stems.count == (options[0] == "--split" ? 3 : 1))
        let endings = ["jsonl", "mjpeg"] + (motion.isEmpty ? [] : ["motion"]) + ["pts"]
        #expect(folder.names == stems.flatMap { stem in endings.map { "\(stem).\($0)" } })
        for stem in stems {
            let text = try String(contentsOfFile: folder.path("\(stem).jsonl"), encoding: .utf8)
            let lines = text.split(separator: "\n")
            let line = try JSONSerialization.jsonObject(with: Data(try #require(lines.first).utf8)) as? [String: Any]
            let time = try #require(line?["wallTime"] as? String)
            // 2026-11-29T15:41:21.123456Z; the hours differ by the time zone.
            let moment = time.dropFirst(14).prefix(12).replacing(":", with: "-").replacing(".", with: "-")
            #expect(stem == moment)
            let times = try String(contentsOfFile: folder.path("\(stem).pts"), encoding: .utf8)
            #expect(times.split(separator: "\n").count == lines.count + 1)
        }
    }

    /// A file that is there keeps its name; the files that go together get the same addition.
    @Test func whatIsThereAlreadyMovesAllFilesThatGoTogether() throws {
        let folder = try TemporaryFolder()
        let year = try TestSupport.run("date", ["+%Y"]).text.trimmingCharacters(in: .whitespacesAndNewlines)
        try Data("old".utf8).write(to: folder.file("\(year).jsonl"))
        _ = try run(
            [
                "record", "{timestamp:%Y}.yuv420", "--split", "9frames", "--frames", "3", "--metadata",
                "{timestamp:%Y}.jsonl",
            ],
            in: folder)
        #expect(folder.names == ["\(year)-2.jsonl", "\(year)-2.yuv420", "\(year).jsonl"])
    }

    // MARK: Bytes

    /// Names are bytes: two that are no UTF-8 are two, and what they name is found again.
    @Test func namesNeedNotBeUTF8() throws {
        let folder = try TemporaryFolder()
        let script = """
            a=$(printf 'a\\344'); b=$(printf 'a\\366')
            "$CAMERA" record "$a.yuv420" --frames 3 --stats "$a.json" --metadata "$a.jsonl" --save-pts "$a.pts" $TEST &&
            "$CAMERA" record "$b.yuv420" --frames 4 --trace-v4l2 "$b.trace" $TEST &&
            "$CAMERA" record "$b-{counter}.yuv420" --frames 4 --split 2frames --motion "$b-{counter}.motion" $TEST &&
            "$CAMERA" still "$b.jpg" --latest "$b-latest" $TEST &&
            "$CAMERA" timelapse "$b-{timestamp:%Y}.jpg" --interval 10ms --count 2 $TEST &&
            "$CAMERA" record "$b.mkv.h264" --frames 4 --format mjpeg $TEST && mv "$b.mkv.h264" "$b.mjpeg" &&
            "$CAMERA" record copy.yuv420 --camera "$a.yuv420" --raw-format yuv420 --size 64x48 --pace none &&
            "$CAMERA" record movie.yuv420 --camera "$b.mjpeg" --pace none &&
            cp /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf "$a.ttf" &&
            "$CAMERA" still "$a.png" --text A --font "$a.ttf" $TEST &&
            "$CAMERA" still "$b.png" --overlay "$a.png" $TEST
            """
        let result = try TestSupport.run(
            "sh", ["-c", script], in: folder.url,
            environment: ProcessInfo.processInfo.environment.merging([
                "CAMERA": Tool.path, "TEST": Tool.fastCamera.joined(separator: " "), "LANG": "C.UTF-8",
            ]) { $1 })
        #expect(result.status == 0, "\(result.errors)")
        let list = try TestSupport.run("sh", ["-c", "LC_ALL=C ls -b"], in: folder.url).text
        let year = try TestSupport.run("date", ["+%Y"]).text.trimmingCharacters(in: .whitespacesAndNewlines)
        let expected = """
            a\\344.json a\\344.jsonl a\\344.png a\\344.pts a\\344.ttf a\\344.yuv420 a\\366-1.motion a\\366-1.yuv420
            a\\366-2.motion a\\366-2.yuv420 a\\366-YEAR-2.jpg a\\366-YEAR.jpg a\\366-latest a\\366.jpg a\\366.mjpeg
            a\\366.png a\\366.trace a\\366.yuv420 copy.yuv420 movie.yuv420
            """.replacing("YEAR", with: year).split(whereSeparator: \.isWhitespace).map(String.init)
        #expect(list.split(separator: "\n").map(String.init) == expected, "\(list)")
        #expect(try Data(contentsOf: folder.file("copy.yuv420")).count == 3 * Self.frameBytes)
    }

    /// Messages tell such bytes.
    @Test func messagesTellBytesThatAreNoText() throws {
        let folder = try TemporaryFolder()
        let result = try TestSupport.run(
            "sh", ["-c", "\(Tool.path) record x.yuv420 --camera \"$(printf 'no\\344such.y4m')\""], in: folder.url)
        #expect(result.status == 1)
        #expect(result.errors.contains("no\\xE4such.y4m"), "\(result.errors)")
    }
}
