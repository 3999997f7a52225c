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

    /// A port that nobody listens at now.
    private static func freePort() throws -> Int {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        try #require(listener >= 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(listener, generic, length) == 0 ? getsockname(listener, generic, &length) : -1
            }
        }
        try #require(status == 0)
        return Int(UInt16(bigEndian: address.sin_port))
    }

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
        let table = (try? String(contentsOfFile: "/proc/net/tcp", encoding: .utf8)) ?? ""
        let hex = String(port, radix: 16, uppercase: true)
        let local = ":" + String(repeating: "0", count: 4 - hex.count) + hex + " "
        // State 0A is LISTEN.
        return table.split(separator: "\n").contains { $0.contains(local) && $0.contains(" 0A ") }
    }

    private static let size = Resolution(160, 120)
    private static let camera = ["--camera", "test:numbered", "--size", "160x120", "--fps", "50"]

    private func numbers(in name: String) throws -> [Int] {
        try NumberedVideo.decode([(folder.path(name), Self.size)])[0].numbers.compactMap(\.self).map(Int.init)
    }

    /// Beside the file the receiver gets each picture, also those that were encoded while it was connected to.
    @Test(arguments: ["tcp", "rtmp"]) func aReceiverGetsEachPicture(scheme: String) throws {
        let port = try Self.freePort()
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
        #expect(try numbers(in: "a.mp4") == Array(0..<100))
        // A receiver finds out what comes by the first pictures, and shows all of them.
        #expect(try numbers(in: "got.mkv") == Array(0..<100))
    }

    /// The recording itself may go to an address.
    @Test func aStreamCanBeTheOnlyOutput() throws {
        let port = try Self.freePort()
        let server = try receiver("tcp://127.0.0.1:\(port)?listen=1", ["-f", "mpegts"], into: "got.mkv")
        defer { server.terminate() }
        #expect(eventually { isListening(port) })
        let result = try Tool.run(
            ["record", "tcp://127.0.0.1:\(port)", "--frames", "60"] + Self.camera, in: folder)
        #expect(result.status == 0, "\(result.errors)")
        server.waitUntilExit()
        #expect(try numbers(in: "got.mkv") == Array(0..<60))
    }

    /// It is connected to again, and begins with a key frame; the file beside it has lost nothing.
    @Test func aReceiverThatGoesAwayIsComeBackTo() throws {
        let port = try Self.freePort()
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
        #expect(end.errors.contains("none lost"))
        second.waitUntilExit()
        let local = try numbers(in: "a.mp4")
        #expect(local == Array(0..<local.count))
        let again = try numbers(in: "second.mkv")
        let start = try #require(again.first)
        #expect(start > 0)
        #expect(again == Array(start..<start + again.count))
        #expect(again.count > 10)
    }

    @Test func oneThatNeverWasIsToldAtTheEnd() throws {
        let port = try Self.freePort()
        let result = try Tool.run(
            ["record", "a.mp4", "--also", "tcp://127.0.0.1:\(port)", "--frames", "30"] + Self.camera, in: folder)
        #expect(result.status == 1)
        #expect(result.errors.contains("nobody answers"))
        #expect(try numbers(in: "a.mp4") == Array(0..<30))
    }

    /// A receiver that takes nothing holds up neither the file nor the end for long.
    @Test func oneThatTakesNothingCostsTheFileNothing() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        try #require(listener >= 0)
        defer { close(listener) }
        var small: Int32 = 4096
        setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &small, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(listener, generic, length) == 0 && listen(listener, 1) == 0
                    ? getsockname(listener, generic, &length) : -1
            }
        }
        try #require(status == 0)
        let port = UInt16(bigEndian: address.sin_port)
        let result = try Tool.run(
            [
                "record", "a.mp4", "--also", "tcp://127.0.0.1:\(port)", "--frames", "2000", "--pace", "none",
                "--stop-timeout", "500ms", "--camera", "test:numbered", "--size", "160x120",
            ], in: folder)
        #expect(result.status == 1)
        #expect(result.errors.contains("tcp://127.0.0.1:\(port)"))
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
