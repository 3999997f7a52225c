// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import TestSupport
import Testing

/// `camera record --keep-…`, and disks that are full.
@Suite struct RetentionToolTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// What `--json` tells that matters here.
    private struct Summary: Decodable {
        struct File: Decodable {
            let path: String
            let frames: Int
        }
        struct Removal: Decodable {
            let path: String
            let bytes: Int
            let reason: String
        }
        let files: [File]
        let removed: [Removal]
        let statistics: Statistics
    }

    @Test func eachRemovedFileIsToldOnALineOfItsOwn() throws {
        let result = try Tool.run(
            ["record", "{counter:02d}.yuv420", "--split", "2frames", "--frames", "20", "--keep-files", "3", "--json"]
                + Tool.fastCamera, in: folder)
        #expect(result.status == 0, "\(result.errors)")
        #expect(folder.names == ["08.yuv420", "09.yuv420", "10.yuv420"])
        let summary = try JSONDecoder().decode(Summary.self, from: result.output)
        #expect(summary.files.map(\.frames) == Array(repeating: 2, count: 10))
        #expect(summary.removed.map(\.path) == (1...7).map { "0\($0).yuv420" })
        #expect(summary.removed.allSatisfy { $0.reason == "files" && $0.bytes == 9216 })
        let lines = result.errors.split(separator: "\n")
        #expect(lines.count == 7, "\(lines)")
        for (number, line) in zip(1...7, lines) {
            #expect(line.hasPrefix("camera: 0\(number).yuv420: deleted, 9.2 kB, since there are more"), "\(line)")
        }
    }

    @Test(arguments: [
        ["--keep-free", "100%"], ["--keep-free", "much"], ["--keep-size", "10%"], ["--keep-size", "0"],
        ["--keep-files", "0"], ["--keep-age", "-1d"], ["--keep-age", "7 days"],
    ])
    func valuesThatCannotBeAreRefused(option: [String]) throws {
        let result = try Tool.run(
            ["record", "{counter}.yuv420", "--split", "2frames", "--frames", "2"] + option + Tool.fastCamera, in: folder
        )
        #expect(result.status == 64, "\(result.errors)")
        #expect(folder.names.isEmpty)
    }

    @Test(arguments: [["one.yuv420"], ["one.yuv420", "--circular", "1s"], ["-", "--format", "yuv420"]])
    func filesThatAreNotSplitHaveNoneToDelete(output: [String]) throws {
        let result = try Tool.run(
            ["record"] + output + ["--keep-files", "5", "--frames", "2"] + Tool.fastCamera, in: folder)
        #expect(result.status == 64 && result.errors.contains("--keep-files"), "\(result.errors)")
        #expect(folder.names.isEmpty)
    }

    // MARK: Disks that are full

    /// What is recorded in all; `RETENTION_BYTES=200000000000` makes it last.
    private static let wholeBytes =
        ProcessInfo.processInfo.environment["RETENTION_BYTES"].flatMap { Int($0) } ?? 2_000_000_000

    private func record(
        _ arguments: [String], diskSize: String, after preparation: String = ":"
    ) throws -> (result: ProgramResult, free: Int) {
        let result = try SmallDisk.record(arguments, size: diskSize, after: preparation, in: folder)
        let free = try String(contentsOf: folder.file("free"), encoding: .utf8).split(whereSeparator: \.isWhitespace)
        return (result, free.compactMap { Int($0) }.reduce(1, *))
    }

    private var kept: [String] {
        let names = FileManager.default.subpaths(atPath: folder.path("kept")) ?? []
        return names.filter { $0.contains(".") }.sorted()
    }

    /// A hundred times what the disk holds, without a lost picture: what is left are the last ones, without a gap.
    @Test(.enabled(if: SmallDisk.isPossible, SmallDisk.reason), arguments: ["8MB", "0"])
    func aSmallDiskHoldsARecordingForAsLongAsItRuns(free: String) throws {
        let size = Resolution(640, 480)
        let frameBytes = 460_800
        let count = Self.wholeBytes / frameBytes
        let (result, freeBytes) = try record(
            [
                "{counter:05d}.yuv420", "--camera", "test:numbered", "--size", "\(size)", "--pace", "none", "--frames",
                "\(count)", "--split", "4frames", "--keep-free", free, "--json", "--quiet",
            ], diskSize: "20m")
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        let summary = try JSONDecoder().decode(Summary.self, from: result.output)
        let encoder = try #require(summary.statistics.encoders[1])
        #expect(encoder.framesReceived == count && encoder.packetsWritten == count && encoder.framesDropped == 0)
        #expect(encoder.lateCuts == 0)
        #expect(summary.files.reduce(0) { $0 + $1.frames } == count && summary.files.count == (count + 3) / 4)
        #expect(summary.removed.count > summary.files.count - 12)
        if free == "8MB" { #expect(freeBytes >= 8_000_000) }
        if free == "0" { #expect(summary.removed.allSatisfy { $0.reason == "fullDisk" }) }
        let numbers = try kept.flatMap { name in
            NumberedVideo.numbers(
                in: try Data(contentsOf: folder.file("kept/\(name)")), size: size, format: .yuv420)
        }
        #expect(numbers.count >= 4)
        #expect(numbers.map { $0.map(Int.init) ?? -1 } == Array(count - numbers.count..<count))
    }

    #if X264
    /// The end of an MP4 file, and the lines beside it, find room as its pictures do.
    @Test(.enabled(if: SmallDisk.isPossible, SmallDisk.reason)) func moviesAndTheirSidecarsFindRoomOnAFullDisk() throws
    {
        let count = 3000
        let (result, _) = try record(
            [
                "{timestamp:%Y}/{counter:05d}.mp4", "--metadata", "{counter:05d}.jsonl", "--save-pts",
                "t-{counter}.pts", "--camera", "test:numbered", "--size", "64x48", "--pace", "none", "--frames",
                "\(count)",
                "--split", "20frames", "--keep-free", "0", "--json", "--quiet",
            ], diskSize: "512k")
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        let summary = try JSONDecoder().decode(Summary.self, from: result.output)
        #expect(summary.files.reduce(0) { $0 + $1.frames } == count && summary.removed.count > 50)
        let movies = kept.filter { $0.hasSuffix(".mp4") }
        #expect(movies.count > 2 && movies.count == summary.files.count - summary.removed.count)
        #expect(kept.count == 3 * movies.count)
        let videos = try NumberedVideo.decode(movies.map { (folder.path("kept/\($0)"), Resolution(64, 48)) })
        let numbers = videos.flatMap(\.numbers).map { $0.map(Int.init) ?? -1 }
        #expect(numbers == Array(count - numbers.count..<count))
        #expect(videos[0].complaints.isEmpty)
    }
    #endif

    /// What is not the recording's own stays, and then the full disk is the error that it was before.
    @Test(.enabled(if: SmallDisk.isPossible, SmallDisk.reason)) func aDiskThatOthersFillEndsTheRecording() throws {
        let (result, _) = try record(
            [
                "{counter}.yuv420", "--split", "2frames", "--frames", "500", "--keep-free", "0", "--json", "--camera",
                "test", "--size", "640x480", "--pace", "none",
            ], diskSize: "2m", after: "head -c 1600000 /dev/zero > 7.yuv420.bak")
        #expect(result.status == 1, "\(result.errors)")
        #expect(result.errors.contains("the disk or quota is full"))
        #expect(kept.contains("7.yuv420.bak"))
    }
}
