// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import TestSupport
import Testing

extension DeviceLab {
    /// Cameras that deliver compressed pictures: movies that are played into loopback devices without decoding them.
    @Suite struct CompressedTests {
        private func camera(_ arguments: [String], in folder: TemporaryFolder) throws -> ProgramResult {
            try run(Bundle.main.bundleURL.appendingPathComponent("camera").path, arguments, in: folder.url)
        }

        /// A byte stream of 40 different pictures, and a file of it again and again for two minutes.
        private func movie(_ codec: [String], as format: String, in folder: TemporaryFolder) throws -> (
            path: String, looped: String, bytes: [UInt8]
        ) {
            let path = folder.path("movie.\(format)")
            let made = try run(
                "ffmpeg",
                ["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=10", "-frames:v", "40"] + codec
                    + ["-f", format, path])
            try #require(made.status == 0, "\(made.errors)")
            let bytes = [UInt8](try Data(contentsOf: folder.file("movie.\(format)")))
            let looped = folder.path("looped.\(format)")
            try Data(repeatElement(bytes, count: 30).joined()).write(to: URL(fileURLWithPath: looped))
            return (path, looped, bytes)
        }

        /// The webcam has motion JPEG and the file wants it: the tool records the pictures as they come, unasked.
        @Test func motionJPEGIsRecordedAsItComes() throws {
            let folder = try TemporaryFolder()
            let (_, looped, stream) = try movie(["-c:v", "mjpeg", "-q:v", "4"], as: "mjpeg", in: folder)
            let pictures = try jpegPictures(in: stream).map { Array(stream[$0.range]) }
            #expect(Set(pictures).count == 40)
            let player = try LoopbackPlayer(copying: looped, "mjpeg")
            defer { player.stop() }
            try player.waitForCamera(.mjpeg).close()
            let result = try camera(
                ["record", "clip-{counter}.mjpeg", "--camera", player.device, "--frames", "24", "--split", "10frames"]
                    + ["--stats", "stats.json"],
                in: folder)
            #expect(result.status == 0, "\(result.errors)")
            let clips = try (1...3).map { [UInt8](try Data(contentsOf: folder.file("clip-\($0).mjpeg"))) }
            let found = try clips.map { clip in try jpegPictures(in: clip).map { Array(clip[$0.range]) } }
            let numbers = found.flatMap(\.self).map { pictures.firstIndex(of: $0) }
            #expect(!numbers.contains(nil))
            let counts = try counts(folder)
            #expect(counts.packetsWritten + counts.framesDropped == 24)
            #expect(found.map(\.count) == [10, 10, counts.packetsWritten - 20])
            expectInOrder(numbers.map { $0 ?? 0 }, of: 40)
        }

        /// The same with H.264: from a key frame on, each file whole in itself.
        @Test func h264IsRecordedAsItComes() throws {
            let folder = try TemporaryFolder()
            let encoder = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "5"]
            let (movie, looped, _) = try movie(encoder, as: "h264", in: folder)
            let player = try LoopbackPlayer(copying: looped, "h264")
            defer { player.stop() }
            try player.waitForCamera(.h264).close()
            let result = try camera(
                ["record", "clip-{counter}.h264", "--camera", player.device, "--frames", "24", "--split", "8frames"]
                    + ["--stats", "stats.json"],
                in: folder)
            #expect(result.status == 0, "\(result.errors)")
            let counts = try counts(folder)
            #expect(counts.packetsWritten > 0)
            // What came before the first key frame is beside the 24; what the slow guest lost ended a run of pictures.
            #expect(counts.framesReceived >= 24)
            let decoded = try decode(movie)
            var written = 0
            var index = 1
            while FileManager.default.fileExists(atPath: folder.path("clip-\(index).h264")) {
                let pictures = try decode(folder.path("clip-\(index).h264"))
                let numbers = pictures.map { decoded.firstIndex(of: $0) }
                #expect(!numbers.contains(nil), "clip \(index)")
                #expect((numbers.first ?? 1).map { $0 % 5 } == 0)
                expectInOrder(numbers.map { $0 ?? 0 }, of: 40)
                written += pictures.count
                index += 1
            }
            #expect(written == counts.packetsWritten)
        }

        /// The checksum of each picture, decoded strictly.
        private func decode(_ path: String) throws -> [Substring] {
            let result = try run(
                "ffmpeg", ["-v", "error", "-xerror", "-err_detect", "explode", "-i", path, "-f", "framemd5", "-"])
            #expect(result.status == 0 && result.errors.isEmpty, "\(path): \(result.errors)")
            return result.text.split(separator: "\n").filter { !$0.hasPrefix("#") }
                .compactMap { $0.split(separator: ",").last?.drop { $0 == " " } }
        }

        /// Pictures of a movie in a circle: each is after the one before it, by fewer than half of the circle.
        private func expectInOrder(_ numbers: [Int], of count: Int) {
            for (earlier, later) in zip(numbers, numbers.dropFirst()) {
                #expect((0..<count / 2).contains((later - earlier + count) % count), "\(numbers)")
            }
        }

        private func counts(_ folder: TemporaryFolder) throws -> EncoderStatistics {
            struct Counts: Decodable {
                let encoders: [String: EncoderStatistics]
            }
            let told = try JSONDecoder().decode(Counts.self, from: Data(contentsOf: folder.file("stats.json")))
            return try #require(told.encoders["1"])
        }
    }

    /// What the tool writes about the calls to a real driver.
    @Suite struct TraceTests {
        @Test func aRecordingOfVividIsTraced() throws {
            let path = try DeviceLab.vivid(0)
            try DeviceLab.reset(path)
            let folder = try TemporaryFolder()
            let result = try run(
                Bundle.main.bundleURL.appendingPathComponent("camera").path,
                ["record", "clip.yuv420", "--camera", path, "--size", "320x180", "--fps", "5", "--frames", "6"]
                    + ["--trace-v4l2", "trace.txt"],
                in: folder.url)
            #expect(result.status == 0, "\(result.errors)")
            let calls = try String(contentsOf: folder.file("trace.txt"), encoding: .utf8).split(separator: "\n")
                .dropFirst().compactMap { $0.split(separator: " ", maxSplits: 2).last }
            func place(_ call: String) throws -> Int {
                try #require(calls.firstIndex { $0.hasPrefix(call) }, "\(call) is not in the trace")
            }
            let order = [
                "open(\"\(path)\") = ", "VIDIOC_QUERYCAP(", "VIDIOC_ENUM_FMT(", "VIDIOC_S_FMT(", "VIDIOC_REQBUFS(",
                "VIDIOC_QUERYBUF(", "VIDIOC_QBUF(", "VIDIOC_STREAMON(", "VIDIOC_DQBUF(", "VIDIOC_STREAMOFF(",
            ]
            let places = try order.map(place)
            #expect(places == places.sorted())
            #expect(calls[places[1]].contains("driver \"vivid\""))
            #expect(calls[places[4]].contains("count 8 mmap"))
            let frames = calls.compactMap {
                $0.hasPrefix("VIDIOC_DQBUF(") ? $0.firstMatch(of: /= 0: .* sequence (\d+)\b/)?.1 : nil
            }.compactMap { Int($0) }
            #expect(frames.count >= 6)
            #expect(frames == frames.sorted())
            #expect(calls.last?.hasPrefix("close(") == true)
        }
    }
}
