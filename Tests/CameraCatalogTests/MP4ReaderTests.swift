// SPDX-License-Identifier: MIT

#if X264
import CameraContainers
import CameraKit
import Foundation
import TestSupport
import Testing

/// What is read of MP4 files is what ffprobe reads.
@Suite struct MP4ReaderTests {
    private static func formats() -> [MediaFormat] {
        [MediaFormat.h264, .h265].filter { format in Codecs.available.contains { $0.format == format } }
    }

    private func expectAgreement(_ path: String, _ frames: Int) throws {
        let reader = try MP4Reader(path)
        let samples = try reader.samples()
        let packets = try ProbedPackets(path).packets
        #expect(samples.count == frames && packets.count == frames && reader.video.count == frames)
        // ffprobe may count from another beginning.
        let shift = (packets.first?.dts ?? 0) - (samples.first?.decodeTime ?? 0)
        for (sample, packet) in zip(samples, packets) {
            #expect(sample.offset == packet.position && sample.size == packet.size && sample.isKey == packet.isKey)
            #expect(sample.time + shift == packet.pts && sample.decodeTime + shift == packet.dts)
        }
        let facts = try ProbedVideo(path)
        #expect(reader.video.format.rawValue == (facts.codec == "hevc" ? "h265" : facts.codec))
        #expect(reader.video.descriptions.first?.size == facts.size)
        // The parameter sets and units are a stream that decodes as the file does.
        let stream = path + ".bits"
        var bytes = reader.video.descriptions[0].parameterSets
        for sample in samples { bytes += try reader.bytes(of: sample) }
        try Data(bytes).write(to: URL(filePath: stream))
        let format = reader.video.format == .h265 ? "hevc" : "h264"
        let hashes = try [["-ignore_editlist", "1", "-i", path], ["-f", format, "-i", stream]].map { input in
            try run(
                "ffmpeg", ["-v", "error"] + input + ["-map", "0:v", "-fps_mode", "passthrough", "-f", "hash", "-"])
        }
        #expect(hashes[0].text == hashes[1].text && hashes.allSatisfy(\.errors.isEmpty), "\(hashes)")
    }

    @Test(arguments: formats(), [false, true]) func ourOwnFiles(format: MediaFormat, bFrames: Bool) async throws {
        let footage = try Footage()
        _ = try await footage.record(files: 2, frames: 40, format: format, bFrames: bFrames)
        try expectAgreement(footage.path(1), 40)
        try expectAgreement(footage.path(2), 40)
        let reader = try MP4Reader(footage.path(1))
        #expect(abs((reader.video.duration - .seconds(40) / 30).nanoseconds) < 100_000)
        let created = try #require(reader.created)
        #expect(abs(created.nanosecondsSince1970 - WallTime.now.nanosecondsSince1970) < 3_600_000_000_000)
    }

    /// ffmpeg's have other versions of the boxes, chunks of several pictures and edit lists.
    @Test func filesOfFFmpeg() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("theirs.mp4")
        let made = try run(
            "ffmpeg",
            [
                "-v", "error", "-f", "lavfi", "-i", "testsrc=size=160x120:rate=25:duration=4", "-f", "lavfi", "-i",
                "sine=duration=4", "-c:v", "libx264", "-bf", "2", "-g", "20", "-c:a", "aac", path,
            ])
        #expect(made.status == 0, "\(made.errors)")
        try expectAgreement(path, 100)
    }

    @Test func whatIsNoFinishedFileIsRefused() async throws {
        let footage = try Footage()
        _ = try await footage.record(files: 1)
        let whole = try Data(contentsOf: URL(filePath: footage.path(1)))
        for (name, bytes) in [("empty", Data()), ("text", Data("text".utf8)), ("half", whole.prefix(whole.count / 2))] {
            let path = footage.folder.path("\(name).mp4")
            try bytes.write(to: URL(filePath: path))
            #expect(#expect(throws: CameraError.self) { try MP4Reader(path) }?.code == .corruptData)
        }
        #expect(#expect(throws: CameraError.self) { try MP4Reader(footage.path(9)) }?.code == .output)
    }

    /// Bytes that are wrong end in an error, or in other pictures, and never in a trap.
    @Test func damagedTablesAreHarmless() async throws {
        let footage = try Footage()
        _ = try await footage.record(files: 1)
        let whole = [UInt8](try Data(contentsOf: URL(filePath: footage.path(1))))
        let path = footage.folder.path("damaged.mp4")
        let moov = try #require(whole.indices.dropLast(4).last { whole[$0...].starts(with: Array("moov".utf8)) })
        var random = SeededRandom(seed: 20)
        for _ in 0..<2000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: moov..<bytes.count, using: &random)
                bytes[place] =
                    [0, 1, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &random)]
                    .randomElement(using: &random) ?? 0
            }
            try Data(bytes).write(to: URL(filePath: path))
            do {
                let reader = try MP4Reader(path)
                let samples = try reader.samples()
                for sample in samples.prefix(3) { _ = try? reader.bytes(of: sample) }
                _ = (reader.video.duration, reader.video.frameRate)
            } catch {
                #expect(error.code == .corruptData)
            }
        }
    }
}
#endif
