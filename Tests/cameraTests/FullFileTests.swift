// SPDX-License-Identifier: MIT

#if X264 && Containers
import CameraKit
import Foundation
import TestSupport
import Testing

/// File systems that have no file larger than a certain size, as vfat has none of 4 GiB: the next file of the template begins.
@Suite struct FullFileTests {
    private static let size = Resolution(64, 48)
    private static let camera = ["--camera", "test:numbered", "--size", "64x48", "--pace", "none"]
    /// Pictures of some 36 KB.
    private static let largeSize = Resolution(320, 240)
    private static let largeCamera = [
        "--camera", "test:numbered", "--size", "320x240", "--bitrate", "60M", "--pace", "none",
    ]
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Runs the tool by a shell after other commands.
    private func run(_ commands: String, _ words: [String]) throws -> ProgramResult {
        let words = ([Tool.path] + words).map { "'\($0)'" }.joined(separator: " ")
        return try TestSupport.run("sh", ["-c", "\(commands) exec \(words)"], in: folder.url)
    }

    /// A limit that is known beforehand: no picture is lost, each file is finished, and has room for its end.
    @Test(
        .enabled(
            if: !Machine.isEmulated && !Machine.isSanitized,
            "the emulator's own files count towards the limit of a file's size, and sanitizers take its signal for a crash"
        ), arguments: ["h264", "mp4", "mkv", "ts"])
    func nextFileBeginsBelowAKnownLimit(suffix: String) throws {
        // In blocks of 512 bytes.
        let result = try run(
            "ulimit -f 12000;",
            ["record", "f-{counter}.\(suffix)", "--split", "1h", "--frames", "500"] + Self.largeCamera)
        #expect(result.status == 0, "\(result.errors)")
        let names = folder.names
        #expect(names.count > 2)
        for name in names {
            let size = try Data(contentsOf: folder.file(name)).count
            #expect(size <= 6_144_000)
            if name != names.last { #expect(size > 5_000_000, "\(name): \(size)") }
        }
        let videos = try NumberedVideo.decode(names.map { (folder.path($0), Self.largeSize) })
        #expect(videos[0].complaints.isEmpty, "\(videos[0].complaints)")
        #expect(videos.flatMap(\.numbers).compactMap(\.self).map(Int.init) == Array(0..<500))
        guard suffix == "mp4" else { return }
        let repaired = try Tool.run(["repair"] + names, in: folder)
        #expect(repaired.errors == names.map { "camera: \($0) is whole\n" }.joined())
    }

    /// A limit that shows when it is met: what is written plays, and the next key frame begins the next file.
    @Test(
        .enabled(if: !Machine.isSanitized, "sanitizers take the signal of a limit for a crash"),
        arguments: ["h264", "mp4", "mkv", "ts"])
    func nextFileBeginsBehindALimitThatWasNotKnown(suffix: String) throws {
        let faults = try FaultLibrary()
        let result = try TestSupport.run(
            Tool.path,
            [
                "record", "f-{counter}.\(suffix)", "--split", "1h", "--frames", "300", "--keyframe-interval", "10",
                "--stats", "s.json",
            ] + Self.camera, in: folder.url, environment: faults.environment("write f-1.\(suffix) 6+ EFBIG"))
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.errors.contains("f-1.\(suffix)"))
        let names = folder.names.filter { $0 != "s.json" }
        try #require(names == ["f-1.\(suffix)", "f-2.\(suffix)"])
        let videos = try NumberedVideo.decode(names.map { (folder.path($0), Self.size) })
        #expect(videos[0].complaints.isEmpty, "\(videos[0].complaints)")
        let numbers = videos.map { $0.numbers.map { $0.map(Int.init) ?? -1 } }
        #expect(numbers[0] == Array(0..<numbers[0].count) && !numbers[0].isEmpty)
        let first = try #require(numbers[1].first)
        let end = first + numbers[1].count
        #expect(numbers[1] == Array(first..<end) && first > numbers[0].count)
        let counts = try #require(folder.statistics("s.json").encoders[1])
        #expect(counts.packetsWritten + counts.packetsDropped == end)
        // Matroska keeps a second of pictures back, which were counted as written when that fails.
        if suffix != "mkv" { #expect(counts.packetsWritten == numbers[0].count + numbers[1].count) }
    }

    /// Where each picture is a key frame none is lost.
    @Test(.enabled(if: !Machine.isSanitized, "sanitizers take the signal of a limit for a crash"))
    func nothingIsLostWhereEachPictureIsAKeyFrame() throws {
        let faults = try FaultLibrary()
        let result = try TestSupport.run(
            Tool.path, ["record", "f-{counter}.yuv420", "--split", "1h", "--frames", "30"] + Self.camera,
            in: folder.url, environment: faults.environment("write f-1.yuv420 6+ EFBIG"))
        #expect(result.status == 0, "\(result.errors)")
        let counts = try folder.names.map { try Data(contentsOf: folder.file($0)).count / 4608 }
        #expect(folder.names == ["f-1.yuv420", "f-2.yuv420"] && counts == [5, 25])
    }
}
#endif
