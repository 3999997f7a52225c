// SPDX-License-Identifier: MIT

#if X264 && Containers
import CameraKit
import Foundation
import TestSupport
import Testing

/// Streams to programs that listen: ffmpeg takes the part of the server.
@Suite(.timeLimit(.minutes(5))) struct StreamingTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// ffmpeg that waits for a stream at an address and copies it into a file.
    private func receiver(_ url: String, _ options: [String], into name: String) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["ffmpeg", "-v", "error", "-nostdin", "-y"] + options + ["-i", url, "-c", "copy", name]
        process.currentDirectoryURL = folder.url
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// Whether the receiver has got to listening.
    private func isListening(_ port: Int) -> Bool {
        // To its end: reading it as a file's contents stops where the kernel gives less than was asked for, after 27 lines.
        let bytes = FileHandle(forReadingAtPath: "/proc/net/tcp")?.readDataToEndOfFile()
        let table = bytes.map { String(decoding: $0, as: UTF8.self) } ?? ""
        let hex = String(port, radix: 16, uppercase: true)
        let local = ":" + String(repeating: "0", count: 4 - hex.count) + hex + " "
        // State 0A is LISTEN.
        return table.split(separator: "\n").contains { $0.contains(local) && $0.contains(" 0A ") }
    }

    private static let size = Resolution(160, 120)
    // A sanitizer makes the encoder slow, which would lose frames at its start.
    private static let camera = [
        "--camera", "test:numbered", "--size", "160x120", "--fps", Machine.isSanitized ? "10" : "50",
    ]

    private func numbers(in name: String) throws -> [Int] {
        try NumberedVideo.decode([(folder.path(name), Self.size)])[0].numbers.compactMap(\.self).map(Int.init)
    }

    /// The numbers of a camera whose frames a slow machine may lose before anybody has them.
    private func ascending(in name: String) throws -> [Int] {
        let found = try numbers(in: name)
        #expect(zip(found, found.dropFirst()).allSatisfy(<))
        return found
    }

    /// Beside the file the receiver gets each picture, also those that were encoded while it was connected to.
    @Test(arguments: ["tcp", "rtmp"]) func aReceiverGetsEachPicture(scheme: String) throws {
        let port = try TCPListener.freePort()
        let url = "\(scheme)://127.0.0.1:\(port)" + (scheme == "rtmp" ? "/live/a" : "")
        let options = scheme == "rtmp" ? ["-listen", "1", "-f", "flv"] : ["-f", "mpegts"]
        let listening = scheme == "rtmp" ? url : url + "?listen=1"
        let server = try receiver(listening, options, into: "got.mkv")
        defer { server.terminate() }
        #expect(eventually { isListening(port) })
        let result = try Tool.run(
            ["record", "a.mp4", "--also", url, "--frames", "100", "--keyframe-interval", "25"] + Self.camera, in: folder
        )
        #expect(result.status == 0, "\(result.errors)")
        server.waitUntilExit()
        let recorded = try numbers(in: "a.mp4")
        #expect(recorded.count == 100)
        // A receiver finds out what comes by the first pictures, and shows all of them.
        #expect(try numbers(in: "got.mkv") == recorded)
    }

    /// The recording itself may go to an address.
    @Test func aStreamCanBeTheOnlyOutput() throws {
        let port = try TCPListener.freePort()
        let server = try receiver("tcp://127.0.0.1:\(port)?listen=1", ["-f", "mpegts"], into: "got.mkv")
        defer { server.terminate() }
        #expect(eventually { isListening(port) })
        let result = try Tool.run(
            ["record", "tcp://127.0.0.1:\(port)", "--frames", "60"] + Self.camera, in: folder)
        #expect(result.status == 0, "\(result.errors)")
        server.waitUntilExit()
        #expect(try ascending(in: "got.mkv").count == 60)
    }

    /// It is connected to again, and begins with a key frame; the file beside it has lost nothing.
    @Test func aReceiverThatGoesAwayIsComeBackTo() throws {
        let port = try TCPListener.freePort()
        let url = "tcp://127.0.0.1:\(port)"
        let first = try receiver(url + "?listen=1", ["-f", "mpegts"], into: "first.ts")
        #expect(eventually { isListening(port) })
        let tool = try RunningTool(
            ["record", "a.mp4", "--also", url, "--keyframe-interval", "1000"] + Self.camera, in: folder)
        #expect(eventually { folder.hasBytes("first.ts") })
        kill(first.processIdentifier, SIGKILL)
        first.waitUntilExit()
        let second = try receiver(url + "?listen=1", ["-f", "mpegts"], into: "second.mkv")
        defer { second.terminate() }
        #expect(eventually { folder.hasBytes("second.mkv") })
        usleep(500_000)
        tool.send(SIGINT)
        let end = tool.end()
        #expect(end.status == 130)
        #expect(!end.errors.contains("dropped"), "\(end.errors)")
        second.waitUntilExit()
        let local = try ascending(in: "a.mp4")
        let again = try numbers(in: "second.mkv")
        let start = try #require(again.first)
        #expect(start > 0)
        #expect(again == Array(local.drop { $0 < start }.prefix(again.count)))
        #expect(again.count > 10)
    }

    /// Nobody listens, nobody answers, or somebody takes the connection and says nothing: the file has all pictures, the end
    /// waits no longer than it may, and names the address.
    @Test(arguments: ["tcp", "rtmp", "rtsp", "srt"], Absence.allCases)
    func oneThatNeverWasIsToldAtTheEnd(scheme: String, absence: Absence) throws {
        let listener = try TCPListener(backlog: absence == .silent ? 0 : 8)
        let filling = absence == .silent ? try listener.fill() : nil
        defer { withExtendedLifetime((listener, filling)) {} }
        let port = absence == .refused ? try TCPListener.freePort() : listener.port
        let url = "\(scheme)://127.0.0.1:\(port)" + (scheme == "rtmp" || scheme == "rtsp" ? "/live/a" : "")
        let result = try Tool.run(
            ["record", "a.mp4", "--also", url, "--frames", "30", "--stop-timeout", "500ms"] + Self.camera, in: folder)
        // What goes without a greeting is with the kernel of the one who will read it, for all that can be known.
        let isWithKernel = scheme == "tcp" && absence == .mute
        #expect(result.status == (isWithKernel ? 0 : 1), "\(result.errors)")
        if !isWithKernel { #expect(result.errors.contains(url), "\(result.errors)") }
        #expect(try ascending(in: "a.mp4").count == 30)
    }

    enum Absence: CaseIterable { case refused, silent, mute }

    /// A receiver that takes nothing holds up neither the file nor the end for long.
    @Test func oneThatTakesNothingCostsTheFileNothing() throws {
        let listener = try TCPListener()
        let url = "tcp://127.0.0.1:\(listener.port)"
        let result = try Tool.run(
            [
                "record", "a.mp4", "--also", url, "--frames", "2000", "--pace", "none", "--stop-timeout", "500ms",
                "--camera", "test:numbered", "--size", "160x120",
            ], in: folder)
        #expect(result.status == 1)
        #expect(result.errors.contains(url))
        #expect(try numbers(in: "a.mp4") == Array(0..<2000))
    }

    @Test(arguments: [
        ["ftp://host/a"], ["a.mp4", "--also", "ftp://host/a"], ["rtmp://host/a", "--format", "mjpeg"],
        ["a.flv", "--format", "h265"], ["a.ts", "--format", "mjpeg"], ["a.mp4", "--format", "mjpeg"],
        ["a.mjpeg", "--also", "a.ts"], ["a.avi"], ["a.webm"],
    ])
    func whatCannotBeIsWrongUsage(arguments: [String]) throws {
        let result = try Tool.run(["record"] + arguments + ["--frames", "5"] + Self.camera, in: folder)
        #expect(result.status == 64, "\(result.errors)")
        #expect(folder.names == [])
    }
}
#endif
