// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import Synchronization
import TestSupport
import Testing

extension DeviceLab {
    /// Recordings from real drivers, judged by ffmpeg.
    @Suite struct RecordingTests {
        /// The movie that Tests/DeviceLab/run has fetched.
        private func footage() throws -> String {
            try #require(ProcessInfo.processInfo.environment["LAB_FOOTAGE"], "Tests/DeviceLab/run sets LAB_FOOTAGE")
        }

        @Test func toolSplitsRealFootage() throws {
            let folder = try TemporaryFolder()
            let player = try LoopbackPlayer(try footage(), filter: "scale=320:240,fps=12")
            defer { player.stop() }
            try player.waitForCamera().close()
            let tool = Bundle.main.bundleURL.appendingPathComponent("camera").path
            let result = try run(
                tool,
                ["record", "clip-{counter:02d}.h264", "--camera", player.device, "--split", "60frames"]
                    + ["--frames", "150", "--stats", "stats.json"],
                in: folder.url)
            #expect(result.status == 0, "\(result.errors)")
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
            #expect(names == ["clip-01.h264", "clip-02.h264", "clip-03.h264", "stats.json"])
            let clips = names.dropLast().map { folder.path($0) }
            let counts = try frameCounts(clips, size: Resolution(320, 240))
            #expect(counts.dropLast() == [60, 60])
            struct Counts: Decodable {
                let encoders: [String: EncoderStatistics]
            }
            let told = try JSONDecoder().decode(Counts.self, from: Data(contentsOf: folder.file("stats.json")))
            let encoder = try #require(told.encoders["1"])
            #expect(counts.reduce(0, +) == encoder.packetsWritten)
            // The guest is slow: what it drops is counted, and does not count as written.
            #expect(encoder.packetsWritten == 150)
        }

        /// Each test has a node of its own, since v4l2loopback's take no second player at once after the first was killed.
        @Test func footageIsRecordedAsItWasSeen() throws {
            let player = try LoopbackPlayer(try footage(), filter: "scale=320:240,fps=12")
            defer { player.stop() }
            try recordOnTwoPorts(player.waitForCamera(), frames: 60, split: 20)
        }

        @Test(arguments: [Resolution(320, 180), .vga], [PixelFormat.yuyv, .nv12, .rgb24])
        func vividIsRecordedAsItWasSeen(size: Resolution, format: PixelFormat) throws {
            let path = try DeviceLab.vivid(0)
            try DeviceLab.reset(path)
            let source = try V4L2Camera(
                path, configuration: SourceConfiguration(resolution: size, frameRate: 5, pixelFormat: format))
            try recordOnTwoPorts(source, frames: 10, split: 5)
        }

        /// Records H.264 in files and raw pictures at once: the files are those pictures, but for 30 dB.
        private func recordOnTwoPorts(_ source: V4L2Camera, frames: Int, split: Int) throws {
            let folder = try TemporaryFolder()
            let camera = try Camera(.source(source), stallLimit: V4L2Camera.patience)
            defer { camera.close() }
            let size = camera.resolution
            try camera.startRecordings([
                RecordingRequest(
                    to: .path(folder.path("clip-{counter:02d}.h264")), splitterPort: 1,
                    splitting: .every(.frames(split))),
                RecordingRequest(to: .path(folder.path("seen.yuv420")), splitterPort: 2),
            ])
            #expect(eventually { camera.statistics.encoders[1]?.packetsWritten ?? 0 >= frames })
            try camera.stopRecording(splitterPort: 1)
            try camera.stopRecording(splitterPort: 2)
            let statistics = camera.statistics
            let written = try #require(statistics.encoders[1]).packetsWritten
            #expect(statistics.encoders.values.allSatisfy { $0.framesDropped == 0 && $0.packetsDropped == 0 })

            let clips = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
                .filter { $0.hasPrefix("clip") }.sorted().map { folder.path($0) }
            let counts = try frameCounts(clips, size: size)
            #expect(counts.dropLast().allSatisfy { $0 == split })
            #expect(counts.reduce(0, +) == written)
            let joined = folder.path("joined.h264")
            #expect(FileManager.default.createFile(atPath: joined, contents: nil))
            let file = try FileHandle(forWritingTo: URL(fileURLWithPath: joined))
            for clip in clips { try file.write(contentsOf: Data(contentsOf: URL(fileURLWithPath: clip))) }
            try file.close()
            let compared = try run(
                "ffmpeg",
                [
                    "-r", "25", "-i", joined, "-r", "25", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", "\(size)",
                    "-i",
                    folder.path("seen.yuv420"),
                ]
                    + ["-frames:v", "\(written)", "-lavfi", "psnr", "-f", "null", "-"])
            let average = compared.errors.split(separator: " ").first { $0.hasPrefix("average:") }
            let decibels = try #require(average.map { $0.dropFirst("average:".count) }, "\(compared.errors)")
            #expect(decibels == "inf" || Double(decibels) ?? 0 >= 30, "\(decibels) dB")
        }

        /// With few buffers, a user who keeps frames and an output that stands still, another recording loses nothing.
        @Test(arguments: [2, 3, 4]) func othersDoNotCostARecordingItsFrames(bufferCount: Int) async throws {
            let path = try DeviceLab.vivid(0)
            try DeviceLab.reset(path)
            let source = try V4L2Camera(
                path, configuration: SourceConfiguration(resolution: Resolution(320, 180), frameRate: 15),
                bufferCount: bufferCount)
            let camera = try Camera(.source(source), stallLimit: V4L2Camera.patience)
            defer { camera.close() }
            let blocked = BlockedOutput()
            let video = MemoryOutput()
            try camera.startRecordings([
                RecordingRequest(to: .output(blocked), format: .yuv420, splitterPort: 1),
                RecordingRequest(to: .output(video), format: .h264, splitterPort: 2),
            ])
            var kept: [Frame] = []
            for try await frame in try camera.frames(bufferingNewest: 200) {
                kept.append(frame)
                if kept.count == 30 { blocked.release() }
                if kept.count == 100 { break }
            }
            try camera.stopRecording(splitterPort: 1)
            try camera.stopRecording(splitterPort: 2)
            let statistics = camera.statistics
            #expect(statistics.source.framesNotCopied == 0)
            for encoder in statistics.encoders.values {
                #expect(encoder.framesDropped == 0)
                #expect(encoder.packetsWritten == encoder.framesReceived)
            }
            #expect(zip(kept, kept.dropFirst()).allSatisfy { $0.info.sequence < $1.info.sequence })
            #expect(Set(kept.map(\.packed)).count > 1)
            let folder = try TemporaryFolder()
            try Data(video.data).write(to: folder.file("video.h264"))
            #expect(
                try frameCounts([folder.path("video.h264")], size: Resolution(320, 180))
                    == [statistics.encoders[2]?.packetsWritten])
        }

        /// An encoder that is slower than the camera drops frames before encoding, and counts them.
        @Test func overloadIsCountedAndWhatIsWrittenDecodes() throws {
            let path = try DeviceLab.vivid(0)
            try DeviceLab.reset(path)
            let source = try V4L2Camera(
                path, configuration: SourceConfiguration(resolution: .vga, frameRate: 60, pixelFormat: .nv12))
            let camera = try Camera(.source(source), stallLimit: V4L2Camera.patience, stopTimeout: .seconds(120))
            defer { camera.close() }
            let video = MemoryOutput()
            try camera.startRecording(
                to: .output(video), format: .h264,
                options: EncoderOptions {
                    $0.preset = "slower"
                    $0.tune = "film"
                })
            #expect(eventually { camera.statistics.encoders[1]?.framesDropped ?? 0 > 20 })
            try camera.stopRecording()
            let encoder = try #require(camera.statistics.encoders[1])
            #expect(encoder.framesReceived == encoder.packetsWritten + encoder.framesDropped)
            let folder = try TemporaryFolder()
            try Data(video.data).write(to: folder.file("video.h264"))
            #expect(try frameCounts([folder.path("video.h264")], size: .vga) == [encoder.packetsWritten])
        }

        /// Decodes files strictly, each by itself; ffmpeg must have nothing to say of them.
        ///
        /// One call serves for all, because starting ffmpeg takes seconds in the guest.
        private func frameCounts(_ paths: [String], size: Resolution) throws -> [Int] {
            let decoded = try run(
                "ffmpeg",
                ["-v", "error", "-xerror", "-err_detect", "explode"] + paths.flatMap { ["-i", $0] }
                    + paths.indices.flatMap { ["-map", "\($0):v"] } + ["-f", "framecrc", "-"])
            #expect(decoded.status == 0)
            #expect(decoded.errors == "", "\(paths)")
            let lines = decoded.text.split(separator: "\n")
            return paths.indices.map { index in
                #expect(lines.contains("#dimensions \(index): \(size)"), "\(paths[index])")
                return lines.filter { $0.hasPrefix("\(index),") }.count
            }
        }
    }
}

/// An output that stands still until it is released.
private final class BlockedOutput: Output {
    private let isReleased = Monitor(false)

    func write(_ bytes: RawSpan, _ info: PacketInfo) {
        isReleased.wait { $0 ? () : nil }
    }

    func release() { isReleased.update { $0 = true } }
}
