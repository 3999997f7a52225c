// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import TestSupport
import Testing

/// What the program says about what it records, recorded and lost, when nobody looks at a terminal.
@Suite struct TotalsTests {
    private func lines(_ arguments: [String], in folder: TemporaryFolder, status: Int32 = 0) throws -> [String] {
        let result = try Tool.run(arguments, in: folder)
        #expect(result.status == status, "\(result.errors)")
        return result.errors.split(separator: "\n").map(String.init)
    }

    @Test func theLastLineHasTheTotals() throws {
        let folder = try TemporaryFolder()
        let told = try lines(["record", "a.yuv420", "--frames", "12"] + Tool.fastCamera, in: folder)
        #expect(
            told == [
                "camera: recording test, 64x48 at 30 frames per second, as yuv420 to a.yuv420",
                "camera: a.yuv420: 12 frames, 0.4 s, 55.3 kB",
                "camera: recorded 12 frames, 0.4 s, 55.3 kB; none lost",
            ])
        let one = try lines(["record", "a.yuv420", "--frames", "1"] + Tool.fastCamera, in: folder)
        #expect(one.last?.contains("recorded 1 frame,") == true)
        #expect(try lines(["record", "a.yuv420", "--frames", "3", "--quiet"] + Tool.fastCamera, in: folder).isEmpty)
    }

    /// A failure is still one line behind that of the start.
    @Test func aFailureHasTheTotalsToo() throws {
        let folder = try TemporaryFolder()
        let all = try lines(
            ["record", "/dev/full", "--format", "yuv420", "--frames", "3"] + Tool.fastCamera, in: folder, status: 1)
        let told = all.filter { !$0.hasPrefix("camera: recording ") }
        #expect(told.count == 1)
        // How many frames had come when the first write failed is the machine's matter.
        let totals = try #require(told.first?.firstMatch(of: /Recorded: 0 frames, [\d.]+ s, 0 B; [123] dropped\./))
        #expect(told[0].contains("/dev/full") && totals.range.upperBound == told[0].endIndex, "\(told)")
    }

    /// Nobody reads until frames are dropped: how many were is told when that is over, and in the last line.
    @Test(.timeLimit(.minutes(5))) func dropsAreToldWithTheirNumber() throws {
        let folder = try TemporaryFolder()
        try #require(mkfifo(folder.path("fifo"), 0o600) == 0)
        let reader = open(folder.path("fifo"), O_RDONLY | O_NONBLOCK)
        try #require(reader >= 0)
        try Data().write(to: folder.file("errors"))
        let tool = Process()
        tool.executableURL = URL(fileURLWithPath: Tool.path)
        tool.arguments = [
            "record", "fifo", "--camera", "test", "--size", "1280x720", "--fps", "100", "--format", "yuv420", "--stats",
            "s.json",
        ]
        tool.currentDirectoryURL = folder.url
        tool.standardError = try FileHandle(forWritingTo: folder.file("errors"))
        try tool.run()
        func told() throws -> [Substring] {
            try String(contentsOf: folder.file("errors"), encoding: .utf8).split(separator: "\n")
        }
        #expect(try eventually { try told().contains { $0.contains("frames are being dropped") } })
        let reading = try WorkerThread("reader") {
            var place = [UInt8](repeating: 0, count: 1 << 16)
            _ = fcntl(reader, F_SETFL, 0)
            while read(reader, &place, place.count) > 0 {}
        }
        kill(tool.processIdentifier, SIGINT)
        tool.waitUntilExit()
        reading.join()
        close(reader)
        let encoder = try #require(try folder.statistics("s.json").encoders[1])
        let lines = try told()
        #expect(encoder.framesDropped > 0)
        #expect(lines.contains { $0.contains(" \(encoder.framesDropped) in all") }, "\(lines)")
        #expect(lines.last?.contains("\(encoder.framesDropped + encoder.packetsDropped) dropped") == true, "\(lines)")
    }

    @Test(arguments: [
        (["--circular", "25s"], "3.1 s of this video, not 25.0 s"),
        (["--circular", "2000frames"], "92 frames of this video, not 2000"),
        (["--circular", "3s"], nil), (["--circular", "300MB"], nil),
    ])
    func aRingThatIsTooSmallIsToldAtTheStart(_ options: [String], _ told: String?) throws {
        let folder = try TemporaryFolder()
        let camera = ["--camera", "test", "--size", "1280x720", "--fps", "30", "--pace", "none", "--frames", "1"]
        let lines = try lines(["record", "a.yuv420"] + options + camera, in: folder)
        #expect(lines.count == (told == nil ? 3 : 4))
        if let told { #expect(lines[0].contains(told) && lines[0].contains("128.0 MB"), "\(lines)") }
    }

    /// How many bits pictures need is known only when they were made; then it is told when the ring is written.
    @Test func aRingThatWasTooSmallIsToldWhenItIsWritten() throws {
        let folder = try TemporaryFolder()
        let camera = ["--camera", "test", "--size", "1920x1080", "--fps", "30", "--pace", "none", "--frames", "110"]
        let lines = try lines(
            ["record", "a.mjpeg", "--circular", "100frames", "--quality", "100"] + camera, in: folder)
        let size = try FileManager.default.attributesOfItem(atPath: folder.path("a.mjpeg"))[.size] as? Int ?? 0
        try #require(size > 120_000_000, "the pictures were too small for this test: \(size)")
        #expect(lines.contains { $0.contains("not 100") }, "\(lines)")
    }
}
