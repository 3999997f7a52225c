// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import TestSupport
import Testing

/// Cameras whose key frames are followed by pictures that need what is before them: every file decodes from its start.
@Suite struct OpenGroupTests {
    /// A stream of ffmpeg's, and how many pictures each cut costs at most.
    struct Stream: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let format: PixelFormat
        let encoder: [String]

        static let openH265 = Stream(
            testDescription: "H.265, open groups", format: .h265,
            encoder: [
                "-c:v", "libx265", "-x265-params",
                "open-gop=1:keyint=10:min-keyint=10:bframes=3:b-adapt=0:scenecut=0:log-level=none",
            ])
        static let openH264 = Stream(
            testDescription: "H.264, open groups", format: .h264,
            encoder: [
                "-c:v", "libx264", "-x264-params",
                "open-gop=1:keyint=10:min-keyint=10:bframes=3:b-adapt=0:b-pyramid=none:scenecut=0",
            ])
        static let closed = Stream(
            testDescription: "H.264, closed groups with B pictures", format: .h264,
            encoder: ["-c:v", "libx264", "-x264-params", "keyint=10:min-keyint=10:bframes=3:b-adapt=0:scenecut=0"])
    }

    /// The pictures that ffmpeg decodes of each file, none with a complaint.
    private func decodedPictures(_ folder: TemporaryFolder, _ prefix: String) throws -> [Int] {
        try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
            .filter { $0.hasPrefix(prefix) }
            .map { name in
                let result = try run(
                    "ffmpeg",
                    [
                        "-v", "error", "-xerror", "-err_detect", "explode", "-i", folder.path(name), "-fps_mode",
                        "passthrough", "-f", "rawvideo", "-pix_fmt", "gray", "-",
                    ])
                #expect(result.status == 0 && result.errors.isEmpty, "\(name): \(result.errors)")
                return result.output.count / (160 * 128)
            }
    }

    @Test(arguments: [(Stream.openH265, 3), (.openH264, 3), (.closed, 0)])
    func whatIsWrittenIsDecoded(stream: Stream, lost: Int) throws {
        #if !X265
        if stream.format == .h265 { return }
        #endif
        let folder = try TemporaryFolder()
        let source = try UnitStream(in: folder, encoder: stream.encoder, format: stream.format, count: 40)
        #expect(source.pictures.count == 40)
        let camera = try Camera(.source(source))
        defer { camera.close() }
        let name = "f-{counter}.\(stream.format == .h264 ? "h264" : "h265")"
        try camera.startRecording(to: .path(folder.path(name)), splitting: .every(.frames(8)))
        #expect(try camera.waitRecording() == .ended)
        try camera.stopRecording()
        let statistics = try #require(camera.statistics.encoders[1])
        let pictures = try decodedPictures(folder, "f-")
        #expect(pictures.count == 4)
        #expect(pictures.reduce(0, +) == statistics.packetsWritten)
        // A B picture stands behind each of the three key frames that a file begins with, and shows what is before it.
        #expect(statistics.framesDropped == lost)
        #expect(statistics.framesReceived == 40 && statistics.packetsWritten == 40 - lost)
    }

    /// What a ring gives begins at a key frame too, and so does a recording in the midst of the stream.
    @Test(arguments: [Stream.openH265, .openH264]) func ringsAndLateStartsDecode(stream: Stream) throws {
        #if !X265
        if stream.format == .h265 { return }
        #endif
        let folder = try TemporaryFolder()
        let source = try UnitStream(in: folder, encoder: stream.encoder, format: stream.format, count: 40, from: 5)
        let camera = try Camera(.source(source))
        defer { camera.close() }
        let ring = try CircularOutput(.frames(18))
        let format: MediaFormat = stream.format == .h264 ? .h264 : .h265
        try camera.startRecordings([
            RecordingRequest(to: .output(ring), format: format),
            RecordingRequest(to: .path(folder.path("late.\(format)")), splitterPort: 2),
        ])
        #expect(try camera.waitRecording() == .ended)
        #expect(try camera.waitRecording(splitterPort: 2) == .ended)
        try ring.copy(to: .path(folder.path("ring.\(format)")))
        try camera.stopRecording()
        try camera.stopRecording(splitterPort: 2)
        // From the key frames at places 19 and 9 on, without the B picture behind each.
        #expect(try decodedPictures(folder, "ring") == [20])
        #expect(try decodedPictures(folder, "late") == [30])
        #expect(camera.statistics.encoders[2]?.packetsWritten == 30)
    }

    /// A camera with intra refresh has one IDR picture, at its start: a recording begins at the next recovery point.
    @Test func intraRefreshIsRecordedAndCutAtRecoveryPoints() throws {
        let folder = try TemporaryFolder()
        let source = try UnitStream(
            in: folder,
            encoder: ["-c:v", "libx264", "-x264-params", "intra-refresh=1:keyint=10:bframes=0:scenecut=0"],
            format: .h264, count: 40, from: 5)
        let camera = try Camera(.source(source))
        defer { camera.close() }
        try camera.startRecording(to: .path(folder.path("f-{counter}.h264")), splitting: .every(.frames(8)))
        #expect(try camera.waitRecording() == .ended)
        try camera.stopRecording()
        let statistics = try #require(camera.statistics.encoders[1])
        #expect(statistics.packetsWritten == 30 && statistics.framesDropped == 5)
        #expect(statistics.splits == 2 && statistics.keyFrames == 3)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
        #expect(names.filter { $0.hasPrefix("f-") }.count == 3)
        // A decoder that shows nothing before it has recovered still shows the end of each file.
        for number in 1...3 {
            let text = try run(
                "ffprobe",
                [
                    "-v", "quiet", "-count_frames", "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0",
                    folder.path("f-\(number).h264"),
                ]
            ).text
            #expect((Int(text.split(separator: "\n").first ?? "") ?? 0) > 0, "\(text)")
        }
    }
}
