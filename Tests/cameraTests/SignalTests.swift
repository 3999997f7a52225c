// SPDX-License-Identifier: MIT

// The recordings here are H.264; WithoutX264Tests is for builds that have none.
#if X264
import CameraKit
import Foundation
import TestSupport
import Testing

/// Signals end a recording, and its files are finished before.
@Suite struct SignalTests {
    private static let camera = ["--camera", "test:numbered", "--size", "64x48", "--fps", "100"]
    /// Raw, one of these is more than a FIFO holds: writing the first does not end.
    private static let largePictures = ["--camera", "test", "--size", "320x240", "--pace", "none"]

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP]) func finishesTheFile(_ signal: Int32) throws {
        let folder = try TemporaryFolder()
        let tool = try RunningTool(["record", "out.h264", "--stats", "s.json"] + Self.camera, in: folder)
        #expect(eventually { folder.hasBytes("out.h264") })
        tool.send(signal)
        let end = tool.end()
        #expect(end.status == 128 + signal)
        let video = try NumberedVideo(decoding: folder.path("out.h264"), size: Resolution(64, 48))
        #expect(video.complaints.isEmpty)
        #expect(!video.numbers.isEmpty && !video.numbers.contains(nil))
        #expect(video.numbers.compactMap(\.self) == video.numbers.compactMap(\.self).sorted())
        let statistics = try folder.statistics("s.json")
        let encoder = try #require(statistics.encoders[1])
        #expect(video.numbers.count == encoder.packetsWritten)
        #expect(
            encoder.framesReceived == video.numbers.count + encoder.framesDropped + encoder.framesDamaged
                + encoder.packetsDropped)
        #expect(statistics.source.framesCaptured == encoder.framesReceived + statistics.source.framesUnused)
    }

    /// As timeout(1) does: to the process, then to its group; as systemd does.
    @Test(arguments: [(SIGTERM, SIGTERM), (SIGHUP, SIGHUP), (SIGTERM, SIGHUP)])
    func takesATwinSignalForOne(_ first: Int32, _ second: Int32) throws {
        let folder = try TemporaryFolder()
        let tool = try RunningTool(["record", "out.h264", "--stats", "s.json"] + Self.camera, in: folder)
        #expect(eventually { folder.hasBytes("out.h264") })
        tool.send(first)
        tool.send(second)
        let end = tool.end()
        // Of two that wait together the kernel hands out the lower number first.
        #expect([128 + first, 128 + second].contains(end.status))
        // Written at the very end.
        #expect(try folder.statistics("s.json").encoders[1]?.packetsWritten ?? 0 > 0)
    }

    @Test func writesTheRingWhenItsTerminalCloses() throws {
        let folder = try TemporaryFolder()
        let tool = try RunningTool(["record", "ring.h264", "--circular", "2s"] + Self.camera, in: folder)
        #expect(eventually { tool.hasThread("record-wait") })
        // The first picture is in the ring soon after.
        usleep(300_000)
        tool.send(SIGHUP)
        #expect(tool.end().status == 129)
        #expect(try pictureCount(of: folder.path("ring.h264")) ?? 0 > 0)
    }

    /// Started by nohup it goes on, and ends by itself.
    @Test func goesOnWhenHangingUpIsIgnored() throws {
        let folder = try TemporaryFolder()
        let tool = try RunningTool(["record", "out.h264", "--frames", "200"] + Self.camera, in: folder, by: "nohup")
        #expect(eventually { folder.hasBytes("out.h264") })
        tool.send(SIGHUP)
        #expect(tool.end().status == 0)
        #expect(try pictureCount(of: folder.path("out.h264")) == 200)
    }

    @Test(.timeLimit(.minutes(5))) func endsThoughNobodyReads() throws {
        let folder = try TemporaryFolder()
        let reader = try Self.makeFIFO(folder)
        defer { close(reader) }
        let tool = try RunningTool(
            ["record", "fifo", "--format", "yuv420", "--stop-timeout", "500ms"] + Self.largePictures, in: folder)
        #expect(eventually { Self.waitingBytes(reader) >= 32768 })
        tool.send(SIGTERM)
        let end = tool.end()
        #expect(end.status == 1)
        #expect(end.errors.troubles.count == 1 && end.errors.contains("fifo"), "\(end.errors)")
    }

    /// What ends by itself does not wait for a reader that sleeps either; nor does the ring, which is written at the end.
    @Test(.timeLimit(.minutes(5)), arguments: [[], ["--circular", "2frames"]])
    func endsByItselfThoughNobodyReads(_ options: [String]) throws {
        let folder = try TemporaryFolder()
        let reader = try Self.makeFIFO(folder)
        defer { close(reader) }
        let result = try Tool.run(
            ["record", "fifo", "--format", "yuv420", "--frames", "3", "--stop-timeout", "500ms", "--stats", "s.json"]
                + options + Self.largePictures, in: folder)
        #expect(result.status == 1)
        #expect(result.errors.contains("fifo") && result.errors.contains("0.5 seconds"), "\(result.errors)")
        #expect(folder.hasBytes("s.json"))
    }

    @Test(.timeLimit(.minutes(5))) func endsAtOnceBySecondSignal() throws {
        let folder = try TemporaryFolder()
        let reader = try Self.makeFIFO(folder)
        defer { close(reader) }
        let tool = try RunningTool(
            ["record", "fifo", "--format", "yuv420", "--stop-timeout", "1h"] + Self.largePictures, in: folder)
        #expect(eventually { Self.waitingBytes(reader) >= 32768 })
        // Stopping would take an hour. A machine that is busy may take two for more than a second apart.
        while tool.isRunning {
            tool.send(SIGINT)
            usleep(200_000)
        }
        let end = tool.end()
        #expect(end.status == 130)
        // A machine that is busy may need as long as makes the output a slow one.
        let words = end.errors.troubles.filter { !$0.contains("the output has taken") }
        #expect(words == [])
    }

    @Test(.timeLimit(.minutes(5))) func endsWhileNobodyOpensTheFIFO() throws {
        let folder = try TemporaryFolder()
        try #require(mkfifo(folder.path("fifo"), 0o600) == 0)
        let tool = try RunningTool(["record", "fifo", "--format", "h264"] + Self.camera, in: folder)
        #expect(eventually { tool.hasThread("fifo-open") })
        tool.send(SIGINT)
        let end = tool.end()
        #expect(end.status == 130)
        #expect(end.errors.isEmpty)
        #expect(folder.names == ["fifo"])
    }

    @Test func writesTheRingWhenAsked() throws {
        let folder = try TemporaryFolder()
        let tool = try RunningTool(
            ["record", "ring-{counter}.h264", "--circular", "2s", "--keyframe-interval", "1"] + Self.camera, in: folder)
        #expect(eventually { tool.hasThread("record-wait") })
        #expect(
            eventually {
                tool.send(SIGUSR1)
                return folder.hasBytes("ring-1.h264")
            })
        tool.send(SIGINT)
        #expect(tool.end().status == 130)
        let names = folder.names
        #expect(names.count >= 2)
        for name in names {
            let video = try NumberedVideo(decoding: folder.path(name), size: Resolution(64, 48))
            #expect(video.complaints.isEmpty && !video.numbers.isEmpty && !video.numbers.contains(nil), "\(name)")
        }
    }

    /// Two signals close together are one event; a third that comes later is another.
    @Test func aSignalIsAnEventThatTheNextProlongs() throws {
        let folder = try TemporaryFolder()
        let tool = try RunningTool(
            ["record", "event-{counter}.mp4", "--circular", "1s", "--after", "400ms", "--json"] + Self.camera,
            in: folder)
        #expect(eventually { tool.hasThread("record-wait") })
        tool.send(SIGUSR1)
        #expect(eventually { folder.hasBytes("event-1.mp4") })
        tool.send(SIGUSR1)
        #expect(eventually { !tool.hasThread("circular-write") })
        #expect(folder.names == ["event-1.mp4"])
        tool.send(SIGUSR1)
        #expect(eventually { folder.hasBytes("event-2.mp4") })
        tool.send(SIGINT)
        let end = tool.end()
        #expect(end.status == 130, "\(end.errors)")
        #expect(folder.names == ["event-1.mp4", "event-2.mp4"])
        for name in folder.names {
            let video = try NumberedVideo(decoding: folder.path(name), size: Resolution(64, 48))
            #expect(video.complaints.isEmpty && video.numbers.count > 3 && !video.numbers.contains(nil), "\(name)")
        }
    }

    /// Enter at a terminal, which script(1) makes, is the same as the signal.
    @Test func enterWritesTheRing() throws {
        let folder = try TemporaryFolder()
        let words = ["record", "ring-{counter}.h264", "--circular", "2s", "--frames", "400"] + Self.camera
        let command = ([Tool.path] + words.map { "'\($0)'" }).joined(separator: " ")
        let presses = "until [ -s ring-1.h264 ]; do sleep 0.02; echo; done"
        let result = try run("bash", ["-c", "(\(presses)) | script -qec \"\(command)\" /dev/null"], in: folder.url)
        #expect(result.status == 0)
        #expect(result.text.contains("press Enter"))
        // One or more when Enter was pressed, one in the end.
        let names = folder.names
        #expect(names.count >= 2)
        for name in names {
            #expect(try NumberedVideo(decoding: folder.path(name), size: Resolution(64, 48)).complaints.isEmpty)
        }
    }

    @Test func endsATimelapse() throws {
        let folder = try TemporaryFolder()
        let tool = try RunningTool(
            ["timelapse", "{counter}.jpg", "--interval", "1h"] + Self.camera, in: folder)
        #expect(eventually { folder.hasBytes("1.jpg") })
        tool.send(SIGTERM)
        #expect(tool.end().status == 143)
        #expect(folder.names == ["1.jpg"])
        #expect(try run("djpeg", ["-outfile", "/dev/null", folder.path("1.jpg")]).errors.isEmpty)
    }

    /// A FIFO and its reading end, which nobody reads from.
    private static func makeFIFO(_ folder: TemporaryFolder) throws -> Int32 {
        try #require(mkfifo(folder.path("fifo"), 0o600) == 0)
        let reader = open(folder.path("fifo"), O_RDONLY | O_NONBLOCK)
        try #require(reader >= 0)
        return reader
    }

    private static func waitingBytes(_ descriptor: Int32) -> Int32 {
        var count: Int32 = 0
        return ioctl(descriptor, UInt(FIONREAD), &count) == 0 ? count : 0
    }
}
#endif
