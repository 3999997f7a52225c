// SPDX-License-Identifier: MIT

#if X264 && Containers
import CameraCodecs
import CameraContainers
import CameraCore
import CameraOutputs
import Foundation
import TestSupport
import Testing

/// Matroska, transport stream and FLV files, judged by ffprobe and ffmpeg.
@Suite struct ContainerTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Each container with what it holds, and its ticks in a second.
    private static let cases: [(suffix: String, format: MediaFormat, ticks: Int64)] = {
        let formats = CodedStream.formats()
        return [("mkv", 1000), ("ts", 90000), ("flv", 1000)].flatMap { suffix, ticks in
            formats.filter { suffix != "flv" || $0 == .h264 }.map { (suffix, $0, Int64(ticks)) }
        }
    }()

    /// The times of the pictures in ticks, in the order of display.
    private func times(in path: String) throws -> [Int64] {
        let result = try run(
            "ffprobe", ["-v", "error", "-select_streams", "v", "-show_entries", "packet=pts", "-of", "csv=p=0", path])
        #expect(result.errors.isEmpty, "\(result.errors)")
        return result.text.split(separator: "\n").compactMap { Int64($0.prefix { $0.isNumber }) }.sorted()
    }

    private func decoded(_ path: String) throws -> (errors: String, count: Int) {
        let result = try run("ffmpeg", ["-v", "error", "-i", path, "-fps_mode", "passthrough", "-f", "framehash", "-"])
        return (result.errors, result.text.split(separator: "\n").count { !$0.hasPrefix("#") })
    }

    @Test(arguments: cases.indices, [0, 3]) func ffprobeAgreesOnEachTime(index: Int, bFrames: Int) throws {
        let (suffix, format, ticks) = Self.cases[index]
        for (name, moments) in [("constant", CodedStream.constant), ("variable", CodedStream.variable)] {
            let stream = try CodedStream.make(format, times: moments, bFrames: bFrames)
            let path = folder.path("\(name)-\(format).\(suffix)")
            try CodedStream.write(stream, to: try ContainerOutput(path: path))
            let found = try times(in: path)
            let first = try #require(found.first)
            // Matroska begins with 0; the others with the time that decoding is ahead.
            if suffix == "mkv" { #expect(first == 0) }
            let expected = moments.map { Int64((Double($0.nanoseconds) * Double(ticks) / 1e9).rounded()) }
            #expect(found.count == expected.count)
            for (one, other) in zip(found, expected) { #expect(abs(one - first - other) <= 1) }
            let (errors, count) = try decoded(path)
            #expect(errors.isEmpty)
            #expect(count == moments.count)
        }
    }

    /// GStreamer's demuxer, which `make test-players` asks, takes a longer silence for a break; numbers of packets that
    /// do not follow are what ffmpeg warns of.
    @Test(arguments: [0, 3]) func aTransportStreamTellsItsClockTenTimesASecond(bFrames: Int) throws {
        let path = folder.path("a.ts")
        let stream = try CodedStream.make(times: CodedStream.variable, bFrames: bFrames)
        try CodedStream.write(stream, to: try ContainerOutput(path: path))
        let clocks = try Self.clocks(in: Data(contentsOf: folder.file("a.ts")))
        #expect(clocks.count > 900)
        for (one, next) in zip(clocks, clocks.dropFirst()) { #expect(next > one && next - one <= 9000) }
        let told = try run("ffmpeg", ["-v", "debug", "-i", path, "-c", "copy", "-f", "null", "-"]).errors
        #expect(told.contains("Statistics") && !told.contains("Continuity check failed"))
        guard bFrames == 0 else { return }
        // What is later still costs no more than a thousand packets.
        let late = try CodedStream.make(times: [.zero, .seconds(100_000)])
        try CodedStream.write(late, to: try ContainerOutput(path: path))
        #expect(try Self.clocks(in: Data(contentsOf: folder.file("a.ts"))).count == 1002)
        #expect(try times(in: path).count == 2)
    }

    /// The clock of a transport stream in ticks, wherever it is told (ISO/IEC 13818-1, 2.4.3.4).
    private static func clocks(in bytes: Data) -> [Int] {
        stride(from: 0, to: bytes.count, by: 188).compactMap { start in
            let packet = [UInt8](bytes[start..<start + 12])
            guard packet[3] & 0x20 != 0, packet[4] > 0, packet[5] & 0x10 != 0 else { return nil }
            return packet[6..<10].reduce(0) { $0 << 8 | Int($1) } << 1 | Int(packet[10] >> 7)
        }
    }

    @Test func whatIsToldAboutTheStream() throws {
        let stream = try CodedStream.make(times: CodedStream.constant)
        for suffix in ["mkv", "ts", "flv"] {
            let path = folder.path("a.\(suffix)")
            try CodedStream.write(stream, to: try ContainerOutput(path: path))
            let entries = "stream=codec_name,width,height,sample_aspect_ratio,color_space,color_range"
            let facts = try run("ffprobe", ["-v", "error", "-show_entries", entries, "-of", "csv=p=0:nk=1", path]).text
            #expect(facts.hasPrefix("h264,96,64,4:3,tv,bt709"), "\(facts)")
        }
        // Seeking needs the places of key frames, which the end writes in front.
        let duration = try run(
            "ffprobe", ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", folder.path("a.mkv")])
        #expect(duration.text == "2.400000\n")
    }

    /// A writer that was killed wrote no end.
    @Test(arguments: ["mkv", "ts", "flv"]) func whatHasNoEndPlays(suffix: String) throws {
        let stream = try CodedStream.make(times: (0..<100).map { .milliseconds(40 * $0) })
        let path = folder.path("a.\(suffix)")
        let output = try ContainerOutput(path: path)
        try CodedStream.write(stream, to: output, ends: false)
        let found = try times(in: path)
        // Matroska's last cluster, of a second at most, is written when the next one begins.
        #expect(found.count >= (suffix == "mkv" ? 74 : 100))
        #expect(try decoded(path).errors.isEmpty)
        try output.end()
        try output.close()
        #expect(try times(in: path).count == 100)
    }

    /// Each picture is one call of the output behind the container, but for the few that end it.
    @Test(arguments: ["ts", "flv"]) func aPictureIsOneCall(suffix: String) throws {
        let stream = try CodedStream.make(times: CodedStream.constant)
        let calls = Monitor(0)
        let counted = ClosureOutput { _, _ in calls.update { $0 += 1 } }
        let kind = try #require(ContainerKind(fileExtension: suffix))
        let output = ContainerOutput(OpenedOutput(counted, isOwned: false, name: "a"), kind: kind)
        try CodedStream.write(stream, to: output)
        #expect(calls.withLock { $0 } <= stream.packets.count + 2)
    }

    @Test(arguments: ["mkv", "ts", "flv"]) func whatCannotSeekIsWrittenInOrder(suffix: String) throws {
        let stream = try CodedStream.make(times: CodedStream.constant)
        let memory = MemoryOutput()
        let kind = try #require(ContainerKind(fileExtension: suffix))
        try CodedStream.write(
            stream, to: ContainerOutput(OpenedOutput(memory, isOwned: false, name: "a"), kind: kind))
        try Data(memory.data).write(to: folder.file("a.\(suffix)"))
        #expect(try times(in: folder.path("a.\(suffix)")).count == 60)
        #expect(try decoded(folder.path("a.\(suffix)")).errors.isEmpty)
    }

    /// With a sync policy the file's own thread replaces what is in front, once the rest is on the disk.
    @Test(arguments: [SyncPolicy.onSplit, .every(.milliseconds(5))]) func theEndIsWrittenWithSyncingToo(
        policy: SyncPolicy
    ) throws {
        let stream = try CodedStream.make(times: CodedStream.constant)
        let path = folder.path("a.mkv")
        let opened = try OpenedOutput(.path(path), sync: policy)
        let file = try #require(opened.file)
        try CodedStream.write(stream, to: ContainerOutput(opened, kind: .matroska))
        #expect(try file.waitUntilClosed(until: nil))
        let plain = folder.path("b.mkv")
        try CodedStream.write(stream, to: try ContainerOutput(path: plain))
        let durations = try [path, plain].map { path in
            try run("ffprobe", ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", path]).text
        }
        #expect(durations == ["2.400000\n", "2.400000\n"])
    }

    @Test func motionJPEGIsInMatroskaAlone() throws {
        let description = StreamDescription(format: .mjpeg, size: Resolution(64, 48), frameRate: 25, color: .jpeg)
        try ContainerOutput(path: folder.path("a.mkv")).begin(description)
        for suffix in ["ts", "flv"] {
            let output = try ContainerOutput(path: folder.path("a.\(suffix)"))
            let error = #expect(throws: CameraError.self) { try output.begin(description) }
            #expect(error?.code == .unsupported)
        }
        let other = #expect(throws: CameraError.self) { try ContainerOutput(path: folder.path("a.avi")) }
        #expect(other?.code == .invalidFormat)
    }

    @Test(arguments: ["mkv", "ts", "flv"]) func aFullDiskIsNamed(suffix: String) throws {
        let stream = try CodedStream.make(times: CodedStream.constant)
        let kind = try #require(ContainerKind(fileExtension: suffix))
        let output = ContainerOutput(try OpenedOutput(.path("/dev/full")), kind: kind)
        let error = #expect(throws: CameraError.self) { try CodedStream.write(stream, to: output) }
        #expect(error?.systemError?.rawValue == ENOSPC)
        #expect(error?.subject == "/dev/full")
    }
}
#endif
