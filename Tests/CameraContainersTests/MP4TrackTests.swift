// SPDX-License-Identifier: MIT

// What is put into the files is H.264 and H.265 of our own.
#if X264 && X265
import CameraContainers
import CameraCore
import Foundation
import TestSupport
import Testing

/// MP4 files of two tracks, as one with sound will have them: two videos stand in for it.
@Suite struct MP4TrackTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// 25 pictures a second of H.264 from the beginning, and 10 a second of H.265 that begin 1.3 s later.
    private static let firstTimes = (0..<100).map { Duration.milliseconds(40 * $0) }
    private static let secondTimes = (0..<30).map { Duration.milliseconds(1300 + 100 * $0) }

    /// Writes both, as they come; one fragment a picture, or one for so many of both tracks.
    ///
    /// - Returns: The file before its end, and after it.
    private func write(perFragment count: Int, bFrames: Int) throws -> (open: [UInt8], finished: [UInt8]) {
        let streams = [
            try CodedStream.make(.h264, times: Self.firstTimes, bFrames: bFrames),
            try CodedStream.make(.h265, times: Self.secondTimes, bFrames: bFrames),
        ]
        let described = streams.map { stream in
            let first = stream.packets[0]
            let sets = first.bytes.withUnsafeBytes { bytes in
                ParameterSets(
                    in: UnsafeRawBufferPointer(rebasing: bytes.prefix(first.info.headerByteCount)),
                    isH265: stream.description.format == .h265)
            }
            return (stream: stream.description, sets: sets)
        }
        var packets: [(track: Int, bytes: [UInt8], info: PacketInfo)] = []
        for (track, stream) in streams.enumerated() {
            packets += stream.packets.map { (track, $0.bytes, $0.info) }
        }
        packets.sort { $0.info.decodeTimestamp < $1.info.decodeTimestamp }
        var writer = MP4Writer(
            described, MP4Options(), created: WallTime(nanosecondsSince1970: 1_700_000_000_000_000_000))
        var file = writer.header()
        for (index, packet) in packets.enumerated() {
            packet.bytes.withUnsafeBytes { bytes in
                writer.add(
                    MP4Writer.Picture(
                        track: packet.track, bytes: bytes, time: packet.info.timestamp,
                        decodeTime: packet.info.decodeTimestamp, isKey: packet.info.isKeyFrame,
                        headerByteCount: packet.info.headerByteCount))
            }
            if (index + 1) % count == 0 { file += writer.fragment() }
        }
        if packets.count % count != 0 { file += writer.fragment() }
        let open = file
        let pieces = Pieces()
        let (head, place) = try writer.finish { pieces.bytes += $0 }
        file += pieces.bytes
        file.replaceSubrange(place..<place + head.count, with: head)
        return (open, file)
    }

    private final class Pieces {
        var bytes: [UInt8] = []
    }

    /// When the pictures of a track are shown, in ticks, as ffprobe reads them.
    private func times(_ name: String, track: Int) throws -> [Int] {
        let result = try run(
            "ffprobe",
            [
                "-v", "error", "-select_streams", "v:\(track)", "-show_entries", "packet=pts", "-of", "csv=p=0",
                folder.path(name),
            ])
        #expect(result.errors.isEmpty, "\(result.errors)")
        return result.text.split(separator: "\n").compactMap { Int($0.prefix { $0.isNumber }) }.sorted()
    }

    @Test(arguments: [1, 7], [0, 2]) func ffprobeAgreesOnEachTimeOfBoth(perFragment: Int, bFrames: Int) throws {
        let (open, finished) = try write(perFragment: perFragment, bFrames: bFrames)
        let expected = [Self.firstTimes, Self.secondTimes].map { times in
            times.map { Int($0.nanoseconds) * 90 / 1_000_000 }
        }
        try Data(finished).write(to: folder.file("finished.mp4"))
        try Data(open).write(to: folder.file("open.mp4"))
        try Data(open + finished[open.count..<(open.count + finished.count) / 2]).write(to: folder.file("cut.mp4"))
        try Data(open).write(to: folder.file("repaired.mp4"))
        #expect(try MP4.repair(folder.path("repaired.mp4")) == .repaired(pictures: 130))
        for name in ["finished.mp4", "open.mp4", "cut.mp4", "repaired.mp4"] {
            let isOpen = name == "open.mp4" || name == "cut.mp4"
            for track in [0, 1] {
                let found = try times(name, track: track)
                // libavformat counts the times of fragments from the first time of decoding, where there are B-frames.
                let shift = isOpen && bFrames > 0 ? (found.first ?? 0) - expected[track][0] : 0
                #expect(found.map { $0 - shift } == expected[track], "\(name) \(track)")
            }
            let decoded = try run(
                "ffmpeg",
                [
                    "-v", "error", "-xerror", "-i", folder.path(name), "-map", "0:v", "-fps_mode", "passthrough", "-f",
                    "framecrc", "-",
                ])
            #expect(decoded.errors.isEmpty, "\(name): \(decoded.errors)")
            #expect(decoded.text.split(separator: "\n").count { !$0.hasPrefix("#") } == 130, "\(name)")
        }
        // A repaired file has the same samples; without the parameter sets of a file whose sets did not change it is the same.
        let repaired = [UInt8](try Data(contentsOf: folder.file("repaired.mp4")))
        #expect(repaired.count == finished.count)
        try expectGStreamer(expected)
    }

    /// GStreamer finds the same pictures in both tracks, where it is installed.
    private func expectGStreamer(_ expected: [[Int]]) throws {
        guard GStreamer.isInstalled else { return }
        for name in ["finished.mp4", "open.mp4"] {
            for (track, times) in expected.enumerated() {
                let result = try run(
                    "gst-launch-1.0",
                    [
                        "-v", "filesrc", "location=\(folder.path(name))", "!", "qtdemux", "name=d", "d.video_\(track)",
                        "!", "identity", "silent=false", "!", "fakesink",
                    ])
                let count = result.text.split(separator: "\n").count { $0.contains("= chain") }
                #expect(count == times.count, "\(name) \(track): \(result.errors)")
            }
        }
    }
}
#endif
