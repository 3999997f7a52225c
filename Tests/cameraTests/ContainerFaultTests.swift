// SPDX-License-Identifier: MIT

#if X264 && Containers
import CameraKit
import Foundation
import TestSupport
import Testing

/// Disks that fail under a container: everything that was written plays, and nothing hangs.
@Suite struct ContainerFaultTests {
    private static let size = Resolution(64, 48)
    private static let camera = ["--camera", "test:numbered", "--size", "64x48"]
    private let folder: TemporaryFolder
    private let faults: FaultLibrary

    init() throws {
        folder = try TemporaryFolder()
        faults = try FaultLibrary()
    }

    private func record(_ name: String, meeting fault: String, _ words: [String]) throws -> ProgramResult {
        try TestSupport.run(
            Tool.path, ["record", name] + words + Self.camera, in: folder.url, environment: faults.environment(fault))
    }

    private func numbers(in name: String) throws -> [Int] {
        let video = try NumberedVideo(decoding: folder.path(name), size: Self.size)
        #expect(video.complaints.isEmpty, "\(name): \(video.complaints)")
        return video.numbers.map { $0.map(Int.init) ?? -1 }
    }

    @Test(
        .enabled(if: !Machine.isSanitized, "sanitizers take the signal of a limit for a crash"),
        arguments: ["mp4", "ts", "mkv"], ["EIO", "ENOSPC", "EDQUOT", "EFBIG"])
    func whatWasWrittenBeforeAFailurePlays(suffix: String, kind: String) throws {
        let name = "a.\(suffix)"
        // Matroska writes a second at once.
        let result = try record(
            name, meeting: "write \(name) \(suffix == "mkv" ? 3 : 21)+ \(kind)",
            ["--frames", "100", "--fps", "25", "--pace", "none"])
        #expect(result.status == 1 && result.errors.contains(name), "\(result.errors)")
        let found = try numbers(in: name)
        #expect(found == Array(0..<found.count))
        #expect(suffix == "mkv" ? !found.isEmpty : found.count == 20)
        guard suffix == "mp4" else { return }
        #expect(try Tool.run(["repair", name], in: folder).status == 0)
        #expect(try numbers(in: name) == found)
    }

    @Test(arguments: ["mp4", "ts", "mkv"], ["short", "EINTR", "EAGAIN"]) func whatIsNoFailureCostsNothing(
        suffix: String, kind: String
    ) throws {
        let name = "a.\(suffix)"
        let result = try record(
            name, meeting: "write \(name) \(kind == "short" ? "2+" : "2") \(kind)",
            ["--frames", "100", "--fps", "25", "--pace", "none"])
        #expect(result.status == 0, "\(result.errors)")
        #expect(try numbers(in: name) == Array(0..<100))
    }

    /// A failure in the end, of the movie or of the head over the pictures, leaves a file that plays and can be finished.
    @Test(arguments: ["write a.mp4 51+ EIO", "write a.mp4 51+ ENOSPC", "overwrite a.mp4 1+ EIO", "sync a.mp4 1+ EIO"])
    func anMP4WhoseEndFailsPlays(fault: String) throws {
        let words = ["--frames", "50", "--pace", "none"] + (fault.hasPrefix("sync") ? ["--sync", "split"] : [])
        let result = try record("a.mp4", meeting: fault, words)
        #expect(result.status == 1 && result.errors.contains("a.mp4"), "\(result.errors)")
        #expect(try numbers(in: "a.mp4") == Array(0..<50))
        #expect(try Tool.run(["repair", "a.mp4"], in: folder).errors == "camera: repaired a.mp4, 50 frames\n")
        #expect(try numbers(in: "a.mp4") == Array(0..<50))
    }

    /// A disk that is really full: the pictures that it had room for play, and a movie that had no room for its end can
    /// be finished where there is some.
    @Test(.enabled(if: SmallDisk.isPossible, SmallDisk.reason), arguments: ["mp4", "ts", "mkv", "h264"])
    func whatAFullDiskHadRoomForPlays(suffix: String) throws {
        let name = "a.\(suffix)"
        let result = try SmallDisk.record(
            [name, "--frames", "3000", "--pace", "none", "--bitrate", "4M", "--quiet"] + Self.camera, size: "1m",
            in: folder)
        #expect(result.status == 1, "\(result.errors)")
        #expect(result.errors.contains(name) && result.errors.contains("the disk or quota is full"))
        #expect(try String(contentsOf: folder.file("free"), encoding: .utf8).hasPrefix("0 "))
        let found = try NumberedVideo.numbers(ofCut: folder.path("kept/\(name)"), size: Self.size)
        #expect(found.count > 300 && found == Array(0..<found.count))
        let told = try #require(result.errors.firstMatch(of: /Recorded: (\d+) frames/))
        let count = try #require(Int(told.1))
        // Of one picture there is a part; Matroska keeps a second of pictures back.
        if suffix != "mkv" { #expect(found.count - count == 0 || found.count - count == 1) }
        guard suffix == "mp4" else { return }
        let repaired = try Tool.run(["repair", "kept/a.mp4"], in: folder)
        #expect(repaired.errors == "camera: repaired kept/a.mp4, \(count) frames\n")
        #expect(try numbers(in: "kept/a.mp4") == Array(0..<count))
    }

    /// A write that takes two seconds delays the pictures behind it, and no more.
    @Test(arguments: ["mp4", "ts", "mkv"]) func aStallCostsNothing(suffix: String) throws {
        let name = "a.\(suffix)"
        let result = try record(
            name, meeting: "write \(name) 3 slow", ["--frames", "60", "--fps", "\(Machine.quickFrameRate / 4)"])
        #expect(result.status == 0, "\(result.errors)")
        let found = try numbers(in: name)
        #expect(found.count == 60 && found == Array(found[0]..<found[0] + 60))
    }

    /// A folder that goes away takes its file along; the recording goes on, and says that the next file cannot be opened.
    @Test(arguments: ["mp4", "ts", "mkv"]) func aFolderThatVanishesEndsNothing(suffix: String) throws {
        let command = "rm -r clips"
        try FileManager.default.createDirectory(at: folder.file("clips"), withIntermediateDirectories: false)
        let result = try Tool.run(
            [
                "record", "clips/{counter}.\(suffix)", "--split", "10frames", "--frames", "40", "--on-file", command,
                "--fps", "20",
            ] + Self.camera, in: folder)
        #expect(result.status == 1 && result.errors.contains("its folder does not exist"), "\(result.errors)")
        #expect(folder.names.isEmpty)
    }
}
#endif
