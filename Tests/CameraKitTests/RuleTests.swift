// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import TestSupport
import Testing

@Suite struct RuleTests {
    private func numbers(in folder: TemporaryFolder) throws -> [(String, [UInt64])] {
        try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted().map { name in
            let bytes = [UInt8](try Data(contentsOf: folder.file(name)))
            return (name, NumberedSource.numbers(in: bytes, frameByteCount: 384))
        }
    }

    private func record(_ count: UInt64, _ length: SplitRule.Length, frameRate: FrameRate = 30) throws
        -> (files: [(String, [UInt64])], statistics: EncoderStatistics?)
    {
        let folder = try TemporaryFolder()
        let camera = try Camera(.source(NumberedSource(frameRate: frameRate, limit: count)))
        defer { camera.close() }
        try camera.startRecording(to: .path(folder.path("f-{counter:03d}.yuv420")), splitting: .every(length))
        #expect(try camera.waitRecording() == .ended)
        try camera.stopRecording()
        return (try numbers(in: folder), camera.statistics.encoders[1])
    }

    @Test(arguments: [1, 7, 40]) func filesHaveExactlyTheFramesOfTheRule(_ length: Int) throws {
        let (files, statistics) = try record(200, .frames(length))
        let expected = stride(from: 0, to: 200, by: length).map { start in
            Array(UInt64(start)..<UInt64(min(start + length, 200)))
        }
        #expect(files.map(\.1) == expected)
        #expect(files.map(\.0) == expected.indices.map { String(format: "f-%03d.yuv420", $0 + 1) })
        #expect(statistics?.lateCuts == 0)
    }

    /// The frames are 33.333333 ms apart: the cuts come at the first frame from each second on.
    @Test func secondsAreCountedFromTheStartWithoutDrift() throws {
        let (files, _) = try record(200, .seconds(.seconds(1)))
        #expect(files.map { $0.1.first } == [0, 31, 61, 91, 121, 151, 181])
    }

    @Test func bytesCutAfterTheSizeWasReached() throws {
        let (files, _) = try record(100, .bytes(3840))
        #expect(files.flatMap(\.1) == Array(0..<100))
        #expect(files.dropLast().allSatisfy { $0.1.count >= 10 })
    }

    #if X264
    /// A codec that looks ahead gives the bytes of a file when frames behind the cut are in it already: there is one cut all
    /// the same.
    @Test func bytesCutOnceBehindACodecThatKeepsFrames() throws {
        let folder = try TemporaryFolder()
        let camera = try Camera(.source(NumberedSource(size: Resolution(96, 64), limit: 600)))
        defer { camera.close() }
        let options = EncoderOptions {
            $0.preset = "medium"
            $0.tune = "film"
        }
        try camera.startRecording(
            to: .path(folder.path("f-{counter:03d}.h264")), splitting: .every(.bytes(1500)), options: options)
        #expect(try camera.waitRecording() == .ended)
        try camera.stopRecording()
        let sizes = try folder.names.map { try Data(contentsOf: folder.file($0)).count }
        #expect(sizes.count > 2 && sizes.dropLast().allSatisfy { $0 >= 1500 }, "\(sizes)")
    }
    #endif

    @Test func ruleAndSplitsByHandGoTogether() throws {
        let folder = try TemporaryFolder()
        let source = NumberedSource()
        let camera = try Camera(.source(source))
        defer { camera.close() }
        try camera.startRecording(to: .path(folder.path("f-{counter:03d}.yuv420")), splitting: .every(.frames(10)))
        try camera.splitRecording(to: .path(folder.path("by-hand.yuv420")))
        try camera.waitRecording(.milliseconds(10))
        try camera.stopRecording()
        let files = try numbers(in: folder)
        #expect(files.flatMap(\.1).sorted() == Array(0..<UInt64(files.flatMap(\.1).count)))
        #expect(files.allSatisfy { $0.1.count <= 10 })
        #expect(files.contains { $0.0 == "by-hand.yuv420" })
    }

    /// A live camera does not wait for a file that cannot be opened: the recording goes on in the old one.
    @Test func lateCutsAreCountedAndLoseNothing() throws {
        let folder = try TemporaryFolder()
        let source = LiveSource()
        let camera = try Camera(.source(source), stallLimit: .seconds(3600))
        defer { camera.close() }
        let inner = folder.url.appendingPathComponent("2")
        let first = folder.url.appendingPathComponent("1")
        try FileManager.default.createDirectory(at: first, withIntermediateDirectories: true)
        try camera.startRecording(to: .path(folder.path("{counter}/f.yuv420")), splitting: .every(.frames(5)))
        for number in 1...20 {
            source.sendFrame()
            #expect(eventually { camera.statistics.encoders[1]?.packetsWritten == number })
        }
        #expect(camera.statistics.encoders[1]?.lateCuts == 1)
        #expect(!FileManager.default.fileExists(atPath: inner.path))
        let error = #expect(throws: CameraError.self) { try camera.stopRecording() }
        #expect(error?.code == .output)
        let bytes = [UInt8](try Data(contentsOf: first.appendingPathComponent("f.yuv420")))
        #expect(NumberedSource.numbers(in: bytes, frameByteCount: 384) == Array(0..<20))
    }

    /// Syncing goes on behind the recording, but stopping waits for it: no file is open any more.
    @Test(arguments: [SyncPolicy.none, .onSplit, .every(.milliseconds(5))])
    func allFilesAreFinishedWhenStoppingReturns(_ sync: SyncPolicy) throws {
        let folder = try TemporaryFolder()
        let camera = try Camera(.source(NumberedSource(limit: 100)))
        defer { camera.close() }
        try camera.startRecording(
            to: .path(folder.path("f-{counter:03d}.yuv420")), splitting: .every(.frames(10)), sync: sync)
        #expect(try camera.waitRecording() == .ended)
        try camera.stopRecording()
        let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap {
            try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")
        }
        #expect(!open.contains { $0.hasPrefix(folder.url.path) })
        #expect(try numbers(in: folder).flatMap(\.1) == Array(0..<100))
    }

    @Test(arguments: [
        ("60s", SplitRule.every(.seconds(.seconds(60)))), ("1.5m", .every(.seconds(.seconds(90)))),
        ("1800frames", .every(.frames(1800))), ("100MB", .every(.bytes(100_000_000))),
    ])
    func rulesAreRead(text: String, rule: SplitRule) throws {
        #expect(try SplitRule(parsing: text) == rule)
    }

    @Test(arguments: ["", "60", "s", "-5s", "0s", "1.5frames", "5x", "1e99s", "nan s"])
    func malformedRulesAreRefused(text: String) {
        #expect(throws: CameraError.self) { try SplitRule(parsing: text) }
    }
}
