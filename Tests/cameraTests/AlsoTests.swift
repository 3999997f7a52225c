// SPDX-License-Identifier: MIT

#if X264
import CameraKit
import Foundation
import TestSupport
import Testing

/// Further outputs of a recording, and commands for finished files.
@Suite struct AlsoTests {
    private let folder: TemporaryFolder
    private static let camera = ["--camera", "test", "--size", "160x120", "--pace", "none"]

    init() throws { folder = try TemporaryFolder() }

    @Test func allOutputsHaveTheSamePictures() throws {
        let result = try Tool.run(
            ["record", "a.h264", "--frames", "60", "--also", "b.h264", "--also", "c.mp4", "--also", "-"] + Self.camera,
            in: folder)
        #expect(result.status == 0, "\(result.errors)")
        let first = try Data(contentsOf: folder.file("a.h264"))
        #expect(try Data(contentsOf: folder.file("b.h264")).elementsEqual(first))
        #expect(result.output.elementsEqual(first))
        let copied = try TestSupport.run(
            "ffmpeg", ["-v", "error", "-i", folder.path("c.mp4"), "-c", "copy", "-f", "h264", "-"])
        #expect(copied.output.elementsEqual(first))
        #expect(result.errors.contains("recorded 60 frames"))
    }

    /// Splits are of the first output's files alone.
    @Test func aFurtherOutputIsOneFileForAllSplits() throws {
        let result = try Tool.run(
            ["record", "a-{counter}.h264", "--split", "20frames", "--frames", "60", "--also", "all.h264"] + Self.camera,
            in: folder)
        #expect(result.status == 0, "\(result.errors)")
        let parts = try (1...3).map { try Data(contentsOf: folder.file("a-\($0).h264")) }
        #expect(try Data(contentsOf: folder.file("all.h264")).elementsEqual(parts.joined()))
    }

    @Test func oneThatFailsIsToldAndTheOthersAreWhole() throws {
        let result = try Tool.run(
            ["record", "a.h264", "--frames", "60", "--also", "/dev/full", "--also", "b.h264"] + Self.camera, in: folder)
        #expect(result.status == 1)
        #expect(result.errors.contains("/dev/full"))
        #expect(result.errors.contains("Recorded: 60 frames"))
        let first = try Data(contentsOf: folder.file("a.h264"))
        #expect(first.count > 1000)
        #expect(try Data(contentsOf: folder.file("b.h264")).elementsEqual(first))
    }

    @Test(arguments: [
        ["a.h264", "--also", "a.h264"], ["a.h264", "--also", "b.mjpeg"], ["a.h264", "--also", "b-{counter}.h264"],
        ["a.mjpeg", "--also", "b.mp4"], ["a.h264", "--also", "b.h264", "--circular", "2s"],
        ["a.h264", "--also", "b.h264", "--save-pts", "b.h264"],
    ])
    func whatCannotBeIsWrongUsage(arguments: [String]) throws {
        let result = try Tool.run(["record"] + arguments + Self.camera + ["--frames", "5"], in: folder)
        #expect(result.status == 64)
        #expect(folder.names == [])
    }

    @Test func anOutputThatIsTheSameFileIsRefused() throws {
        try Data("old".utf8).write(to: folder.file("a.h264"))
        let result = try Tool.run(
            ["record", "a.h264", "--also", "./a.h264", "--frames", "5"] + Self.camera, in: folder)
        #expect(result.status == 1)
        #expect(try Data(contentsOf: folder.file("a.h264")).elementsEqual("old".utf8))
    }

    // MARK: Commands

    @Test func aCommandRunsForEachFileInItsOrder() throws {
        let command = """
            echo "$CAMERA_FILE $CAMERA_FRAMES $CAMERA_BYTES $CAMERA_DURATION" >> log; echo noise; cat; \
            test $(stat -c %s "$CAMERA_FILE") = "$CAMERA_BYTES"
            """
        let result = try Tool.run(
            ["record", "a-{counter}.h264", "--split", "3frames", "--frames", "30", "--also", "-", "--on-file", command]
                + Self.camera, in: folder)
        #expect(result.status == 0, "\(result.errors)")
        let lines = try String(contentsOf: folder.file("log"), encoding: .utf8).split(separator: "\n")
        let expected = try (1...10).map { number in
            let bytes = try Data(contentsOf: folder.file("a-\(number).h264"))
            return "a-\(number).h264 3 \(bytes.count) 0.100000"
        }
        #expect(lines.map(String.init) == expected)
        // What the command prints is not in the footage, and none failed.
        let parts = try (1...10).map { try Data(contentsOf: folder.file("a-\($0).h264")) }
        #expect(result.output.elementsEqual(parts.joined()))
        #expect(!result.errors.contains("the command for"))
    }

    @Test func aCommandThatFailsIsTold() throws {
        let result = try Tool.run(
            ["record", "a.h264", "--frames", "5", "--on-file", "exit 3"] + Self.camera, in: folder)
        #expect(result.status == 0)
        #expect(result.errors.contains("the command for 'a.h264' ended with status 3"))
        let killed = try Tool.run(
            ["record", "a.h264", "--frames", "5", "--on-file", "kill -9 $$"] + Self.camera, in: folder)
        #expect(killed.errors.contains("was ended by signal 9"))
    }

    /// Ctrl-C reaches the recording, not the command of a file, whose signals are as usual.
    @Test func aCommandIsNotDisturbedByTheRecordingsEnd() throws {
        let command = "trap 'echo hit >> log' INT TERM HUP; sleep 1; echo done >> log"
        let tool = try RunningTool(
            ["record", "a-{counter}.h264", "--split", "5frames", "--on-file", command, "--camera", "test"], in: folder)
        #expect(eventually { folder.hasBytes("a-2.h264") })
        tool.send(SIGINT)
        #expect(tool.end().status == 130)
        let log = try String(contentsOf: folder.file("log"), encoding: .utf8)
        #expect(!log.contains("hit") && log.contains("done"))
    }

    @Test func oneThatDoesNotEndIsLeftBehindAndTold() throws {
        let result = try Tool.run(
            [
                "record", "a-{counter}.h264", "--split", "5frames", "--frames", "15", "--stop-timeout", "100ms",
                "--on-file", "echo $$ > pid; exec sleep 1000 > /dev/null 2>&1",
            ] + Self.camera, in: folder)
        #expect(result.status == 1)
        #expect(result.errors.contains("'a-1.h264'"))
        #expect(result.errors.contains("2 more files"))
        let number = try String(contentsOf: folder.file("pid"), encoding: .utf8)
        let process = try #require(pid_t(number.trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(kill(process, SIGKILL) == 0)
    }
}
#endif
