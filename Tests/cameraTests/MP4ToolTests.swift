// SPDX-License-Identifier: MIT

#if X264
import CameraKit
import Foundation
import TestSupport
import Testing

/// `camera record` to MP4 files, and `camera repair`.
@Suite struct MP4ToolTests {
    private static let camera = ["--camera", "test:numbered", "--size", "64x48"]
    private static let size = Resolution(64, 48)
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func numbers(in name: String) throws -> [Int] {
        let video = try NumberedVideo(decoding: folder.path(name), size: Self.size)
        #expect(video.complaints.isEmpty, "\(name): \(video.complaints)")
        return video.numbers.map { $0.map(Int.init) ?? -1 }
    }

    @Test func recordsAllPicturesAtTheirTimes() throws {
        let result = try Tool.run(
            ["record", "a.mp4", "--frames", "50", "--fps", "12.5", "--pace", "none"] + Self.camera, in: folder)
        #expect(result.status == 0, "\(result.errors)")
        #expect(try numbers(in: "a.mp4") == Array(0..<50))
        let facts = try TestSupport.run(
            "ffprobe",
            [
                "-v", "error", "-show_entries", "stream=nb_frames,avg_frame_rate,duration", "-of", "csv=p=0",
                folder.path("a.mp4"),
            ]
        ).text
        #expect(facts == "25/2,4.000000,50\n")
    }

    /// Every file begins with a key frame and its own time 0, and no picture is lost between two.
    @Test func splitsWithoutALoss() throws {
        let result = try Tool.run(
            ["record", "c-{counter:03d}.mp4", "--split", "3frames", "--frames", "300", "--pace", "none"] + Self.camera,
            in: folder)
        #expect(result.status == 0, "\(result.errors)")
        let names = folder.names
        try #require(names.count == 100)
        let videos = try NumberedVideo.decode(names.map { (folder.path($0), Self.size) })
        #expect(videos.flatMap(\.numbers).compactMap(\.self).map(Int.init) == Array(0..<300))
        #expect(videos[0].complaints.isEmpty)
    }

    /// Killed at any moment it loses the picture that it is writing: each whose time was written before is there.
    @Test func aKilledRecordingLosesNothingThatWasWritten() throws {
        let rounds = ProcessInfo.processInfo.environment["KILL_ROUNDS"].flatMap(Int.init) ?? 8
        for round in 0..<rounds {
            let (video, times) = ("k\(round).mp4", "k\(round).pts")
            let tool = try RunningTool(
                ["record", video, "--save-pts", times, "--fps", "\(Machine.quickFrameRate)"] + Self.camera, in: folder)
            #expect(eventually { folder.hasBytes(video) })
            usleep(UInt32.random(in: 0...400_000))
            tool.send(SIGKILL)
            _ = tool.end()
            let told = try WrittenPictures(folder.file(times)).numbers
            let found = try numbers(in: video)
            #expect(found.count >= told.count)
            #expect(zip(found, told).allSatisfy { $0 - (found.first ?? 0) == $1 })
            let repaired = try Tool.run(["repair", video], in: folder)
            #expect(repaired.status == 0)
            #expect(
                repaired.errors
                    == "camera: repaired \(video), \(found.count == 1 ? "1 frame" : "\(found.count) frames")\n")
            #expect(try numbers(in: video) == found)
            #expect(try Tool.run(["repair", video], in: folder).errors == "camera: \(video) is whole\n")
        }
    }

    @Test func oneFileThatCannotBeRepairedIsOneError() throws {
        try Data("text".utf8).write(to: folder.file("t.mp4"))
        #expect(
            try Tool.run(["record", "a.mp4", "--frames", "3", "--pace", "none"] + Self.camera, in: folder).status == 0)
        let result = try Tool.run(["repair", "none.mp4", "t.mp4", "a.mp4"], in: folder)
        #expect(result.status == 1)
        let lines = result.errors.split(separator: "\n")
        try #require(lines.count == 3)
        #expect(lines[0].contains("none.mp4") && lines[1].contains("t.mp4") && lines[2] == "camera: a.mp4 is whole")
    }

    /// A recording that goes on behind a file whose writer was killed makes an ordinary one of it, and of no other file.
    @Test func anInterruptedFileIsRepairedByTheNextRecording() throws {
        let tool = try RunningTool(
            ["record", "d-{counter}.mp4", "--split", "1000frames", "--fps", "50"] + Self.camera, in: folder)
        // An empty file is none yet.
        #expect(eventually { folder.hasBytes("d-1.mp4") && (try? numbers(in: "d-1.mp4").count) ?? 0 > 20 })
        tool.send(SIGKILL)
        _ = tool.end()
        let before = try numbers(in: "d-1.mp4")
        try Data("not an MP4 file".utf8).write(to: folder.file("d-0.mp4"))
        let words = ["record", "d-{counter}.mp4", "--split", "1000frames", "--frames", "30", "--fps", "50"]
        let next = words + Self.camera
        let result = try Tool.run(next, in: folder)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.errors.contains("'d-1.mp4' was interrupted, and is whole now with \(before.count) frames"))
        #expect(try numbers(in: "d-1.mp4") == before)
        #expect(try Tool.run(["repair", "d-1.mp4"], in: folder).errors.contains("is whole"))
        #expect(try Data(contentsOf: folder.file("d-0.mp4")) == Data("not an MP4 file".utf8))
        #expect(try numbers(in: "d-2.mp4").count == 30)
        // What is whole is not told again.
        #expect(try !Tool.run(next, in: folder).errors.contains("interrupted"))
    }

    @Test func whatAnMP4CannotHoldIsAnError() throws {
        let result = try Tool.run(
            ["record", "a.mp4", "--format", "mjpeg", "--frames", "3", "--pace", "none"] + Self.camera, in: folder)
        #expect(result.status == 64 && result.errors.split(separator: "\n").count == 1)
        #expect(result.errors.contains("a.mp4") && result.errors.contains("h264"), "\(result.errors)")
        #expect(folder.names.isEmpty)
    }
}
#endif
