// SPDX-License-Identifier: MIT

// The recordings here are H.264; WithoutX264Tests is for builds that have none.
#if X264
import CameraKit
import Foundation
import TestSupport
import Testing

/// `camera record` from files and from the test camera, to its end.
@Suite struct RecordTests {
    @Test(arguments: ["out.h264", "out.mjpeg"]) func recordsAFile(_ output: String) throws {
        let folder = try TemporaryFolder()
        try folder.writeGreys("in.y4m", count: 30)
        let result = try Tool.run(
            ["record", output, "--camera", "in.y4m", "--pace", "none", "--quality", output == "out.h264" ? "5" : "95"],
            in: folder)
        #expect(result.status == 0)
        // The last line has the totals.
        let lines = result.errors.split(separator: "\n")
        #expect(lines.last?.contains("30 frames, 1.0 s,") == true && lines.last?.contains("none lost") == true)
        #expect(result.errors.troubles.isEmpty, "\(result.errors)")
        #expect(result.output.isEmpty)
        let decoded = try #require(try lumas(of: folder.path(output)))
        #expect(decoded.count == 30)
        #expect(zip(decoded, 0..<30).allSatisfy { abs($0 - (16 + 2 * $1)) <= 2 }, "\(decoded)")
    }

    @Test func recordsARawFileToAnother() throws {
        let folder = try TemporaryFolder()
        try folder.writeGreys("in.y4m", count: 4)
        let options = ["--pace", "none", "--format", "yuv420"]
        #expect(try Tool.run(["record", "a.yuv", "--camera", "in.y4m"] + options, in: folder).status == 0)
        let raw = ["--camera", "a.yuv", "--raw-format", "yuv420", "--size", "64x48"]
        #expect(try Tool.run(["record", "b.yuv"] + raw + options, in: folder).status == 0)
        let bytes = try Data(contentsOf: folder.file("a.yuv"))
        #expect(bytes.count == 4 * 64 * 48 * 3 / 2)
        #expect(try Data(contentsOf: folder.file("b.yuv")) == bytes)
    }

    /// The same bytes are other pictures by one span of numbers than by the other.
    @Test(arguments: [([], 64), (["--raw-range", "limited"], 64), (["--raw-range", "full"], 71)])
    func takesARawFilesNumbersForWhatTheyAreSaidToBe(options: [String], luma: Int) throws {
        let folder = try TemporaryFolder()
        let picture = Data(repeating: 64, count: 64 * 48) + Data(repeating: 128, count: 64 * 48 / 2)
        try picture.write(to: folder.file("in.yuv"))
        let raw = ["--camera", "in.yuv", "--raw-format", "yuv420", "--size", "64x48", "--pace", "none"]
        #expect(try Tool.run(["record", "out.mjpeg"] + raw + options, in: folder).status == 0)
        #expect(try lumas(of: folder.path("out.mjpeg")) == [luma])
    }

    /// The test camera makes no such call, but the trace is there, and a wrong file is told before anything is recorded.
    @Test func tracesToAFile() throws {
        let folder = try TemporaryFolder()
        let arguments = ["record", "out.mjpeg", "--frames", "3"] + Tool.fastCamera
        let result = try Tool.run(arguments + ["--trace-v4l2", "trace.txt", "--quiet"], in: folder)
        #expect(result.status == 0 && result.errors.isEmpty)
        let trace = try String(contentsOf: folder.file("trace.txt"), encoding: .utf8)
        #expect(trace.hasPrefix("# V4L2 calls, format 1"))
        try FileManager.default.removeItem(at: folder.file("out.mjpeg"))
        let refused = try Tool.run(arguments + ["--trace-v4l2", "/dev/null"], in: folder)
        #expect(refused.status == 1)
        #expect(refused.errors.split(separator: "\n").count == 1)
        #expect(folder.names == ["trace.txt"])
        #expect(try Tool.run(arguments + ["--trace-v4l2", "out.mjpeg"], in: folder).status == 64)
        #expect(try Tool.run(arguments + ["--raw-format", "mjpeg"], in: folder).status == 64)
    }

    @Test func writesToStandardOutput() throws {
        let folder = try TemporaryFolder()
        let result = try Tool.run(
            ["record", "-", "--format", "rgb24", "--frames", "3", "--quiet"] + Tool.fastCamera, in: folder)
        #expect(result.status == 0 && result.errors.isEmpty)
        #expect(result.output.count == 3 * 64 * 48 * 3)
    }

    @Test func tellsOfAReaderThatLeaves() throws {
        let folder = try TemporaryFolder()
        let tool = try RunningTool(["record", "-", "--format", "h264"] + Tool.fastCamera, in: folder)
        _ = try tool.output.fileHandleForReading.read(upToCount: 100)
        try tool.output.fileHandleForReading.close()
        let (status, errors) = tool.end()
        #expect(status == 1)
        #expect(errors.troubles.count == 1 && errors.contains("standard output"), "\(errors)")
    }

    @Test(arguments: [["--frames", "100"], ["--duration", "2s"], ["--frames", "100", "--duration", "1m"]])
    func endsAfterTheLimit(_ limit: [String]) throws {
        let folder = try TemporaryFolder()
        let result = try Tool.run(
            ["record", "out.h264", "--fps", "50", "--stats", "s.json"] + limit + Tool.fastCamera, in: folder)
        #expect(result.status == 0)
        #expect(try pictureCount(of: folder.path("out.h264")) == 100)
        let statistics = try folder.statistics("s.json")
        // The frame that shows that the time is over is nobody's.
        #expect(statistics.source.framesCaptured - statistics.source.framesUnused == 100)
        #expect(statistics.encoders[1]?.packetsWritten == 100)
    }

    /// A frame each four seconds: three seconds without one are no stall, unless that is asked for.
    @Test func recordsSlowly() throws {
        let folder = try TemporaryFolder()
        let camera = ["--camera", "test", "--size", "64x48", "--fps", "0.25", "--frames", "2"]
        let result = try Tool.run(["record", "slow.h264"] + camera, in: folder)
        #expect(result.status == 0, "\(result.errors)")
        #expect(try pictureCount(of: folder.path("slow.h264")) == 2)
        let impatient = try Tool.run(["record", "out.h264", "--stall", "500ms"] + camera, in: folder)
        #expect(impatient.status == 1)
        #expect(impatient.errors.contains("0.5 seconds") && impatient.errors.contains("--stall"), "\(impatient.errors)")
        #expect(try Tool.run(["record", "out.h264", "--stall", "0s"] + camera, in: folder).status == 64)
    }

    @Test func tellsWhatEncodes() throws {
        let folder = try TemporaryFolder()
        for (name, codec) in [("out.h264", "libx264"), ("out.mjpeg", "libjpeg-turbo"), ("out.nv12", nil)] {
            let result = try Tool.run(
                ["record", name, "--frames", "2", "--stats", "s.json", "--codec-device", "none"] + Tool.fastCamera,
                in: folder)
            #expect(result.status == 0, "\(result.errors)")
            #expect(try folder.statistics("s.json").encoders[1]?.codec == codec)
        }
    }

    @Test func countsTheFramesOfALiveCamera() throws {
        let folder = try TemporaryFolder()
        let result = try Tool.run(
            [
                "record", "out.h264", "--camera", "test", "--size", "64x48", "--fps", "200", "--frames", "20",
                "--stats",
                "s.json",
            ], in: folder)
        #expect(result.status == 0)
        let encoder = try #require(try folder.statistics("s.json").encoders[1])
        #expect(encoder.packetsWritten == 20)
        #expect(encoder.framesReceived == 20 + encoder.framesDropped)
        #expect(try pictureCount(of: folder.path("out.h264")) == 20)
    }

    /// What is dropped on the way is not recorded, and does not count.
    @Test func countsTheFramesThatAreWritten() throws {
        let folder = try TemporaryFolder()
        // An encoder that is slower than the camera.
        let result = try Tool.run(
            [
                "record", "out.h264", "--camera", "test", "--size", "320x240", "--fps", "500", "--frames", "40",
                "--preset", "veryslow", "--stats", "s.json",
            ], in: folder)
        #expect(result.status == 0)
        let encoder = try #require(try folder.statistics("s.json").encoders[1])
        #expect(encoder.framesDropped > 0)
        #expect(encoder.packetsWritten == 40)
        #expect(try pictureCount(of: folder.path("out.h264")) == 40)
    }

    @Test func aRecordingWithoutAPictureSaysWhy() throws {
        let folder = try TemporaryFolder()
        try folder.writeGreys("in.y4m", count: 0)
        for output in ["out.h264", "out-{counter}.h264"] {
            let split = output == "out.h264" ? [] : ["--split", "2frames"]
            let result = try Tool.run(["record", output, "--camera", "in.y4m", "--pace", "none"] + split, in: folder)
            #expect(result.status == 1)
            #expect(result.errors.troubles.count == 1, "\(result.errors)")
            #expect(folder.names == ["in.y4m"])
        }
    }

    /// Motion JPEG in no container does not say how fast it is.
    @Test func playsItsOwnMotionJPEGAtTheRateThatIsSaid() throws {
        let folder = try TemporaryFolder()
        let recorded = try Tool.run(
            ["record", "a.mjpeg", "--fps", "10", "--frames", "12"] + Tool.fastCamera, in: folder)
        #expect(recorded.status == 0)
        let options = ["--camera", "a.mjpeg", "--pace", "none", "--fps", "10"]
        let played = try Tool.run(
            ["record", "b.h264", "--duration", "500ms", "--save-pts", "b.pts"] + options, in: folder)
        #expect(played.status == 0, "\(played.errors)")
        let times = try String(contentsOf: folder.file("b.pts"), encoding: .utf8)
        #expect(times == "# timestamp format v2\n0.000\n100.000\n200.000\n300.000\n400.000\n")
        // What has a rate of its own keeps it.
        try folder.writeGreys("in.y4m", count: 3)
        let refused = try Tool.run(["record", "c.h264", "--camera", "in.y4m", "--fps", "10"], in: folder)
        #expect(refused.status == 1 && refused.errors.contains("a file has its own"))
    }

    @Test func splitsWithoutLosingAFrame() throws {
        let folder = try TemporaryFolder()
        try folder.writeGreys("in.y4m", count: 100)
        let result = try Tool.run(
            [
                "record", "clip-{counter:02d}.h264", "--camera", "in.y4m", "--pace", "none", "--split", "40frames",
                "--quality", "5", "--save-pts", "clip-{counter}.pts", "--json",
            ], in: folder)
        #expect(result.status == 0)
        #expect(
            folder.names == [
                "clip-01.h264", "clip-02.h264", "clip-03.h264", "clip-1.pts", "clip-2.pts", "clip-3.pts", "in.y4m",
            ])
        var decoded: [[Int]] = []
        for number in 1...3 { decoded.append(try #require(try lumas(of: folder.path("clip-0\(number).h264")))) }
        #expect(decoded.map(\.count) == [40, 40, 20])
        #expect(zip(decoded.joined(), 0..<100).allSatisfy { abs($0 - (16 + 2 * $1)) <= 1 })
        let summary = try #require(JSONSerialization.jsonObject(with: result.output) as? [String: Any])
        let files = try #require(summary["files"] as? [[String: Any]])
        #expect(files.compactMap { $0["path"] as? String } == ["clip-01.h264", "clip-02.h264", "clip-03.h264"])
        #expect(files.compactMap { $0["frames"] as? Int } == [40, 40, 20])
        // Each file's times begin at 0.
        let times = try String(contentsOf: folder.file("clip-3.pts"), encoding: .utf8).split(separator: "\n")
        #expect(times.count == 21 && times[1] == "0.000")
    }

    @Test func savesThePicturesTimes() throws {
        let folder = try TemporaryFolder()
        try folder.writeGreys("in.y4m", count: 4, rate: 25)
        let result = try Tool.run(
            ["record", "out.h264", "--camera", "in.y4m", "--pace", "none", "--save-pts", "t.pts"], in: folder)
        #expect(result.status == 0)
        #expect(
            try String(contentsOf: folder.file("t.pts"), encoding: .utf8)
                == "# timestamp format v2\n0.000\n40.000\n80.000\n120.000\n")
    }

    /// Vectors and metadata beside one file, and beside each file of a series.
    @Test func writesVectorsAndMetadataBesideThePictures() throws {
        let folder = try TemporaryFolder()
        let source = ["--camera", "test", "--size", "64x48", "--pace", "none", "--frames", "25"]
        let single = try Tool.run(
            ["record", "one.mjpeg", "--motion", "one.motion", "--metadata", "one.jsonl"] + source, in: folder)
        #expect(single.status == 0, "\(single.errors)")
        let series = try Tool.run(
            [
                "record", "{counter}.mjpeg", "--split", "10frames", "--motion", "{counter}.motion", "--metadata",
                "{counter}.jsonl",
            ] + source, in: folder)
        #expect(series.status == 0, "\(series.errors)")
        for (name, count) in [("one", 25), ("1", 10), ("2", 10), ("3", 5)] {
            #expect(try Data(contentsOf: folder.file("\(name).motion")).count == count * 3 * 5 * 4)
            let lines = try String(contentsOf: folder.file("\(name).jsonl"), encoding: .utf8).split(separator: "\n")
            #expect(lines.count == count)
            let sizes = try lines.map { line in
                let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                return try #require(object?["size"] as? Int)
            }
            #expect(try Data(contentsOf: folder.file("\(name).mjpeg")).count == sizes.reduce(0, +))
        }
        let parts = try (1...3).map { try Data(contentsOf: folder.file("\($0).motion")) }
        #expect(parts.reduce(Data(), +) == (try Data(contentsOf: folder.file("one.motion"))))
    }

    @Test func keepsTheEndInARing() throws {
        let folder = try TemporaryFolder()
        try folder.writeGreys("in.y4m", count: 110, rate: 25)
        let result = try Tool.run(
            ["record", "out.h264", "--camera", "in.y4m", "--pace", "none", "--circular", "2s", "--quality", "5"],
            in: folder)
        #expect(result.status == 0)
        let decoded = try #require(try lumas(of: folder.path("out.h264")))
        // Two seconds, and what there is from the key frame before on: there is one every second.
        #expect((50...75).contains(decoded.count))
        let last = (0..<110).suffix(decoded.count).map { 16 + 2 * $0 }
        #expect(zip(decoded, last).allSatisfy { abs($0 - $1) <= 1 })
    }

    @Test(arguments: ["none", "split", "1s"]) func syncs(_ policy: String) throws {
        let folder = try TemporaryFolder()
        let result = try Tool.run(
            ["record", "out.h264", "--frames", "10", "--sync", policy] + Tool.fastCamera, in: folder)
        #expect(result.status == 0)
        #expect(try pictureCount(of: folder.path("out.h264")) == 10)
    }

    @Test func resizes() throws {
        let folder = try TemporaryFolder()
        let result = try Tool.run(
            ["record", "out.h264", "--frames", "3", "--resize", "96x80"] + Tool.fastCamera, in: folder)
        #expect(result.status == 0)
        let probe = try run(
            "ffprobe",
            ["-v", "error", "-show_entries", "stream=width,height", "-of", "csv=p=0", folder.path("out.h264")])
        #expect(probe.text == "96,80\n")
    }
}
#endif
