// SPDX-License-Identifier: MIT

#if X264
import CameraKit
import Foundation
import TestSupport
import Testing

/// `camera record` to playlists.
@Suite struct HLSToolTests {
    private static let camera = ["--camera", "test:numbered", "--size", "64x48"]
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.path("live"), withIntermediateDirectories: true)
    }

    private func numbers(in name: String) throws -> [Int] {
        if name.hasSuffix(".m3u8") {
            // ffmpeg would wait for more.
            try #require(try String(contentsOf: folder.file(name), encoding: .utf8).hasSuffix("#EXT-X-ENDLIST\n"))
        }
        let video = try NumberedVideo(decoding: folder.path(name), size: Resolution(64, 48))
        #expect(video.complaints.isEmpty, "\(name): \(video.complaints)")
        return video.numbers.map { $0.map(Int.init) ?? -1 }
    }

    private func lines() throws -> [String] {
        try String(contentsOf: folder.file("live/index.m3u8"), encoding: .utf8).split(separator: "\n").map(String.init)
    }

    private func durations() throws -> [Double] {
        try lines().filter { $0.hasPrefix("#EXTINF:") }.compactMap { Double($0.dropFirst(8).dropLast()) }
    }

    /// The key frames come when they are asked for, so that the segments are about as long as they should be.
    @Test(arguments: ["h264", "h265"]) func recordsAllPictures(format: String) throws {
        guard Codecs.available.contains(where: { $0.format.rawValue == format }) else { return }
        let result = try Tool.run(
            ["record", "live/index.m3u8", "--format", format, "--frames", "400", "--fps", "25", "--pace", "none"]
                + ["--preset", "fast", "--tune", "none"] + Self.camera, in: folder)
        #expect(result.status == 0, "\(result.errors)")
        #expect(try numbers(in: "live/index.m3u8") == Array(0..<400))
        let durations = try durations()
        #expect(abs(durations.reduce(0, +) - 16) < 1e-4)
        // The first one tells how long a key frame takes to come.
        for duration in durations.dropFirst().dropLast() { #expect(duration > 1 && duration < 3) }
        #expect(try lines().last == "#EXT-X-ENDLIST")
    }

    @Test func aPlaylistBesideAFileAndFilesBesideAPlaylist() throws {
        for outputs in [["a.mp4", "--also", "live/index.m3u8"], ["live/index.m3u8", "--also", "a.mp4"]] {
            let result = try Tool.run(
                ["record"] + outputs + ["--frames", "120", "--pace", "none"] + Self.camera, in: folder)
            #expect(result.status == 0, "\(result.errors)")
            #expect(try numbers(in: "a.mp4") == Array(0..<120))
            #expect(try numbers(in: "live/index.m3u8") == Array(0..<120))
        }
    }

    /// A recording that splits leaves the playlist that was added as it is.
    @Test func aPlaylistGoesOnThroughSplits() throws {
        let result = try Tool.run(
            ["record", "c-{counter}.mp4", "--split", "30frames", "--also", "live/index.m3u8", "--frames", "120"]
                + ["--pace", "none"] + Self.camera, in: folder)
        #expect(result.status == 0, "\(result.errors)")
        #expect(try numbers(in: "live/index.m3u8") == Array(0..<120))
        #expect(folder.names == ["c-1.mp4", "c-2.mp4", "c-3.mp4", "c-4.mp4", "live"])
    }

    @Test func aKilledRecordingLeavesAListThatPlaysAndTheNextGoesOnBehindIt() throws {
        let tool = try RunningTool(
            ["record", "live/index.m3u8", "--fps", "25", "--save-pts", "times.pts"] + Self.camera, in: folder)
        #expect(eventually { (try? durations().count) ?? 0 >= 2 })
        tool.send(SIGKILL)
        _ = tool.end()
        try (lines() + ["#EXT-X-ENDLIST\n"]).joined(separator: "\n")
            .write(to: folder.file("live/copy.m3u8"), atomically: false, encoding: .utf8)
        let before = try numbers(in: "live/copy.m3u8")
        let written = try WrittenPictures(folder.file("times.pts"), at: 25).numbers
        #expect(before.count >= 50 && before.count <= written.count)
        #expect(zip(before, written).allSatisfy { $0 - (before.first ?? 0) == $1 })
        let result = try Tool.run(
            ["record", "live/index.m3u8", "--frames", "100", "--fps", "50", "--pace", "none"] + Self.camera, in: folder)
        #expect(result.status == 0, "\(result.errors)")
        #expect(try numbers(in: "live/index.m3u8") == Array(0..<100))
        #expect(try lines().contains("#EXT-X-DISCONTINUITY"))
        #expect(try lines().contains("#EXT-X-MAP:URI=\"index-init-1.mp4\""))
    }

    @Test func aSignalEndsTheList() throws {
        let tool = try RunningTool(["record", "live/index.m3u8", "--fps", "25"] + Self.camera, in: folder)
        #expect(eventually { folder.hasBytes("live/index-init-0.mp4") })
        tool.send(SIGINT)
        #expect(tool.end().status == 130)
        #expect(try lines().last == "#EXT-X-ENDLIST" && durations().count >= 1)
    }

    /// A disk that fails ends the recording, and the list behind the last segment that is complete.
    @Test(
        .enabled(
            if: !Machine.isEmulated && !Machine.isSanitized, "they have other calls"),
        arguments: [
            "write index-0-2.m4s 1 ENOSPC", "write index-0-2.m4s 1 EIO", "open index-0-2.m4s 1 EIO",
            "close index-0-2.m4s 1 EIO", "write .new 3 ENOSPC", "open .new 3 EMFILE", "rename index.m3u8 3 EIO",
        ])
    func whatADiskFailsAtIsToldAndTheRestPlays(fault: String) throws {
        let faults = try FaultLibrary()
        // Its file is there as long as it is.
        defer { withExtendedLifetime(faults) {} }
        let words = ["record", "live/index.m3u8", "--frames", "400", "--fps", "25", "--pace", "none"] + Self.camera
        let result = try TestSupport.run(Tool.path, words, in: folder.url, environment: faults.environment(fault))
        #expect(result.status == 1 && result.errors.contains("'live/index"), "\(result.errors)")
        #expect(try lines().last == "#EXT-X-ENDLIST")
        let found = try numbers(in: "live/index.m3u8")
        #expect(found.count >= 80 && found == Array(0..<found.count))
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path("live"))
        #expect(!names.contains { $0.hasSuffix(".new") })
    }

    @Test(
        .enabled(if: !Machine.isEmulated && !Machine.isSanitized, "they have other calls")
    )
    func aWriteThatIsShortCostsNothing() throws {
        let faults = try FaultLibrary()
        // Its file is there as long as it is.
        defer { withExtendedLifetime(faults) {} }
        let words = ["record", "live/index.m3u8", "--frames", "300", "--fps", "25", "--pace", "none"] + Self.camera
        let result = try TestSupport.run(
            Tool.path, words, in: folder.url, environment: faults.environment("write .m4s 2 short"))
        #expect(result.status == 0, "\(result.errors)")
        #expect(try numbers(in: "live/index.m3u8") == Array(0..<300))
    }

    @Test(arguments: [
        (["l-{counter}.m3u8", "--split", "5s"], "a playlist is no file of a series"),
        (["l.m3u8", "--circular", "5s"], "a playlist is no file of a series"),
        (["l.m3u8", "--format", "mjpeg"], "h264"), (["l-{counter}.m3u8"], "--split"),
        (["a.mp4", "--also", "l-{counter}.m3u8"], "plain name"), (["a.mjpeg", "--also", "l.m3u8"], "h264"),
    ])
    func whatCannotBeIsWrongUsage(arguments: [String], reason: String) throws {
        let result = try Tool.run(["record"] + arguments + ["--frames", "5"] + Self.camera, in: folder)
        #expect(result.status == 64 && result.errors.contains(reason), "\(result.errors)")
        #expect(result.errors.split(separator: "\n").count == 1)
        #expect(folder.names == ["live"])
    }

    @Test func aFolderThatIsMissingIsAnError() throws {
        let result = try Tool.run(["record", "none/index.m3u8", "--frames", "5"] + Self.camera, in: folder)
        #expect(result.status == 1)
        #expect(result.errors.contains("'none/index.m3u8': its folder does not exist; create it first"))
    }
}
#endif
