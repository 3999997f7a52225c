// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import Synchronization
import TestSupport
import Testing

extension DeviceLab {
    /// What is counted is what happened: frames that the driver drops, damages and delivers.
    @Suite struct CountingTests {
        /// Keeps what came, and wants no more after so many frames.
        private final class Notebook: FrameConsumer {
            let infos = Mutex<[FrameInfo]>([])
            let failure = Mutex<CameraError?>(nil)

            func hasRoom(among consumers: Int) -> Bool { true }

            func accept(_ frame: Frame) -> FrameReceipt {
                infos.withLock { $0.append(frame.info) }
                return .taken
            }

            func finish(_ error: CameraError?) { failure.withLock { $0 = error } }

            var count: Int { infos.withLock(\.count) }
        }

        private func source(
            _ number: Int, rate: FrameRate, _ controls: [String: Int64] = [:]
        ) throws -> (source: V4L2Camera, path: String) {
            let path = try DeviceLab.vivid(number)
            try DeviceLab.reset(path)
            let source = try V4L2Camera(
                path, configuration: SourceConfiguration(resolution: Resolution(320, 180), frameRate: rate))
            for (name, value) in controls { try source.setControl(name, to: .integer(value)) }
            return (source, path)
        }

        /// vivid at its HDMI input with 720p at 24 pictures a second, scaled to 320x240.
        private func signalSource(_ number: Int) throws -> (source: V4L2Camera, path: String) {
            let path = try DeviceLab.vivid(number)
            try DeviceLab.reset(path)
            let source = try V4L2Camera(path)
            let input = try #require(try source.inputs().first { $0.name.hasPrefix("HDMI") })
            try source.setInput(input.number)
            try source.setControl("dv_timings", to: .integer(5))
            try source.setControl("dv_timings_signal_mode", to: .integer(4))
            try source.configure(SourceConfiguration(resolution: Resolution(320, 240)))
            #expect(source.streams[0].size == Resolution(320, 240))
            return (source, path)
        }

        @Test(arguments: [(5, 400), (50, 200)])
        func framesThatTheDriverDropsAreCounted(percentage: Int, frames: Int) throws {
            let (source, path) = try source(0, rate: 25, ["percentage_of_dropped_buffers": Int64(percentage)])
            let notebook = Notebook()
            let router = FrameRouter(source: source, name: "cam", stallLimit: V4L2Camera.patience) { _ in }
            try router.attach([notebook])
            try router.start()
            #expect(eventually { notebook.count >= frames })
            router.stop()
            source.close()
            try DeviceLab.reset(path)

            let infos = notebook.infos.withLock(\.self)
            let first = try #require(infos.first)
            let last = try #require(infos.last)
            let counts = router.statistics
            #expect(counts.framesCaptured == infos.count)
            #expect(counts.framesLost == Int(last.sequence - first.sequence) + 1 - infos.count)
            let interval = try #require(source.streams.first).frameRate.interval
            let times = (last.timestamp - first.timestamp).inSeconds / interval.inSeconds
            #expect(Int(times.rounded()) + 1 - infos.count == counts.framesLost)
            #expect(counts.framesNotCopied == 0)
            // The toss of a coin for each frame: three standard deviations of their sum.
            let offered = Double(infos.count + counts.framesLost)
            let odds = Double(percentage) / 100
            let spread = 3 * (offered * odds * (1 - odds)).squareRoot()
            let told = "\(counts.framesLost) of \(Int(offered)) lost, \(odds * offered) ± \(spread) asked for"
            print(told)
            #expect(abs(Double(counts.framesLost) - offered * odds) <= spread, "\(told)")
        }

        @Test func injectedErrorsOfARecordingEndAsDocumented() throws {
            let folder = try TemporaryFolder()
            let (source, path) = try source(0, rate: 10)
            let camera = try Camera(.source(source), stallLimit: V4L2Camera.patience)
            defer { camera.close() }
            try camera.startRecording(to: .path(folder.path("clip.mjpeg")))
            func written() -> Int { camera.statistics.encoders[1]?.packetsWritten ?? 0 }
            // Survived and counted: damaged buffers, and buffers that the driver refuses once.
            for count in 1...3 {
                try camera.setControl("inject_v4l2_buf_flag_error", to: .integer(1))
                #expect(eventually { camera.statistics.source.framesDamaged == count })
            }
            try camera.setControl("inject_vidioc_qbuf_error", to: .integer(1))
            let before = written()
            #expect(eventually { written() > before + 12 })
            #expect(try camera.waitRecording(.zero) == .running)
            // The end: the queue fails.
            try camera.setControl("inject_fatal_streaming_error", to: .integer(1))
            let error = try #require(throws: CameraError.self) { try camera.waitRecording() }
            #expect(error.code == .deviceLost)
            #expect(error.description.contains(path))
            let again = try #require(throws: CameraError.self) { try camera.stopRecording() }
            #expect(again.code == .deviceLost)
            let statistics = camera.statistics
            #expect(statistics.source.framesDamaged == 3)
            #expect(statistics.source.framesLost == 0)
            #expect(try frameCounts([folder.path("clip.mjpeg")]) == [statistics.encoders[1]?.packetsWritten])
        }

        @Test(arguments: [
            ("inject_vidioc_reqbufs_error", "VIDIOC_REQBUFS"), ("inject_vidioc_streamon_error", "VIDIOC_STREAMON"),
        ]) func aStartThatTheDriverRefusesNamesTheCall(control: String, call: String) throws {
            let (source, path) = try source(0, rate: 10, [control: 1])
            let error = try #require(throws: CameraError.self) { try Camera(.source(source)) }
            #expect(error.code == .device || error.code == .invalidValue, "\(error)")
            #expect(error.description.contains(call) && error.description.contains(path), "\(error)")
        }

        @Test func threeCamerasAtOnceLoseNothing() throws {
            let folder = try TemporaryFolder()
            let movie = folder.path("movie.mkv")
            let made = try run(
                "ffmpeg",
                ["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=12,format=yuv422p"]
                    + ["-frames:v", "50", "-c:v", "ffv1", movie])
            #expect(made.status == 0, "\(made.errors)")
            let player = try LoopbackPlayer(movie)
            defer { player.stop() }
            // The input that scales to this size; its signal has at least 24 pictures a second.
            let vivids = try [0, 1].map { try signalSource($0) }
            defer {
                for (_, path) in vivids {
                    #expect(throws: Never.self) {
                        let idle = try V4L2Camera(path)
                        try idle.setInput(0)
                        idle.close()
                        try DeviceLab.reset(path)
                    }
                }
            }
            let sources = try vivids.map(\.source) + [player.waitForCamera()]
            let cameras = try sources.map { try Camera(.source($0), stallLimit: V4L2Camera.patience) }
            defer { for camera in cameras { camera.close() } }
            // Raw pictures cost the slow guest little.
            let files = ["left.nv12", "right.nv12", "movie.yuv420"].map { folder.path($0) }
            for (camera, file) in zip(cameras, files) { try camera.startRecording(to: .path(file)) }
            let deadline = Timestamp.now + .seconds(200)
            func count(_ camera: Camera) -> Int { camera.statistics.encoders[1]?.packetsWritten ?? 0 }
            while cameras.contains(where: { count($0) < 300 }), .now < deadline {
                for camera in cameras { try camera.waitRecording(.seconds(1)) }
            }
            for camera in cameras { try camera.stopRecording() }
            let statistics = cameras.map(\.statistics)
            for counts in statistics {
                let encoder = try #require(counts.encoders[1])
                #expect(encoder.packetsWritten >= 300)
                // All that the driver delivered from the recording's start to its end.
                #expect(counts.source.framesCaptured - counts.source.framesUnused == encoder.framesReceived)
                #expect(encoder.packetsWritten == encoder.framesReceived)
                #expect(encoder.framesDropped + encoder.packetsDropped + encoder.framesDamaged == 0)
                #expect(counts.source.framesNotCopied == 0 && counts.source.stalls == 0)
                print("three cameras: \(encoder.packetsWritten) frames, \(counts.source.framesLost) lost by the driver")
            }
            let sizes = try files.map {
                try FileManager.default.attributesOfItem(atPath: $0)[.size] as? Int
            }
            let written = statistics.map { $0.encoders[1]?.packetsWritten ?? 0 }
            #expect(sizes == written.map { $0 * 320 * 240 * 3 / 2 })
        }

        @Test func theToolNamesTheProgramThatHoldsTheCamera() throws {
            let path = try DeviceLab.vivid(1)
            let holder = try CameraHolder(path)
            defer { holder.stop() }
            let folder = try TemporaryFolder()
            let result = try run(
                Bundle.main.bundleURL.appendingPathComponent("camera").path,
                ["record", "clip.mjpeg", "--camera", path], in: folder.url)
            #expect(result.status == 1)
            #expect(result.errors.contains("v4l2-ctl (process \(holder.process))"), "\(result.errors)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == [])
        }

        /// Pictures of files that ffmpeg finds nothing wrong with.
        private func frameCounts(_ paths: [String]) throws -> [Int] {
            let decoded = try run(
                "ffmpeg",
                ["-v", "error", "-xerror", "-err_detect", "explode"] + paths.flatMap { ["-i", $0] }
                    + paths.indices.flatMap { ["-map", "\($0):v"] } + ["-f", "framecrc", "-"])
            #expect(decoded.status == 0 && decoded.errors == "", "\(paths)")
            let lines = decoded.text.split(separator: "\n")
            return paths.indices.map { index in lines.filter { $0.hasPrefix("\(index),") }.count }
        }
    }
}
