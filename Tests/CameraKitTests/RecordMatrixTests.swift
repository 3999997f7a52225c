// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import Synchronization
import TestSupport
import Testing

/// picamera's test_record.py on the test camera; where it waits for seconds, these wait for pictures.
@Suite struct RecordMatrixTests {
    @Test(arguments: PicameraMode.rows(RecordingCase.all, inAllSizes: RecordingCase.few))
    func recordsToFiles(mode: PicameraMode, item: RecordingCase) throws {
        let folder = try TemporaryFolder()
        let camera = try mode.camera()
        defer { camera.close() }
        let paths = (1...2).map { folder.path("\($0)\(item.fileExtension)") }
        try camera.startRecording(
            to: .path(paths[0]), format: item.format.isRaw ? item.format : nil, resize: item.resize,
            options: item.options)
        try camera.waitRecording(pictures: 2)
        let cut = try camera.splitRecording(to: .path(paths[1]))
        try camera.waitRecording(pictures: 1)
        try camera.stopRecording()
        let counts = try item.expectWhole(paths, mode: mode, count: camera.statistics.encoders[1]?.packetsWritten)
        #expect(counts[0] == Int(cut.index))
        #expect(counts[0] >= 2 && counts[1] >= 2)
    }

    @Test(arguments: PicameraMode.small, RecordingCase.all)
    func recordsToStreams(mode: PicameraMode, item: RecordingCase) throws {
        let folder = try TemporaryFolder()
        let camera = try mode.camera()
        defer { camera.close() }
        let streams = [MemoryOutput(), MemoryOutput()]
        try camera.startRecording(
            to: .output(streams[0]), format: item.format, resize: item.resize, options: item.options)
        try camera.waitRecording(pictures: 2)
        let cut = try camera.splitRecording(to: .output(streams[1]))
        try camera.waitRecording(pictures: 1)
        try camera.stopRecording()
        let paths = try folder.files(of: streams)
        let counts = try item.expectWhole(paths, mode: mode, count: camera.statistics.encoders[1]?.packetsWritten)
        #expect(counts[0] == Int(cut.index))
        #expect(counts[0] >= 2 && counts[1] >= 2)
    }

    @Test func badFormats() throws {
        let folder = try TemporaryFolder()
        let camera = try PicameraMode.all[0].camera()
        defer { camera.close() }
        let foo = MediaFormat(rawValue: "foo")
        let mp4 = MediaFormat(rawValue: "mp4")
        for (name, format) in [("test.foo", nil), ("test.h264", foo), ("test.webm", nil), ("test.h264", mp4)] {
            let error = #expect(throws: CameraError.self) {
                try camera.startRecording(to: .path(folder.path(name)), format: format)
            }
            #expect(error?.code == .invalidFormat)
        }
        #expect(!camera.isRecording)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
    }
}

#if X264
/// The parts of picamera's test_record.py that are about H.264 alone.
@Suite struct H264MatrixTests {
    /// Expects pictures whose numbers go up by one.
    private func expectRun(_ numbers: [UInt32?]) throws {
        let first = try #require(numbers.first ?? nil)
        #expect(numbers == (first..<first + UInt32(numbers.count)).map { $0 })
    }

    @Test(arguments: PicameraMode.all) func recordsSequenceToFiles(mode: PicameraMode) throws {
        let folder = try TemporaryFolder()
        let camera = try mode.camera()
        defer { camera.close() }
        let paths = (0..<3).map { folder.path("clip\($0).h264") }
        try camera.recordSequence(to: paths) { _ in try camera.waitRecording(pictures: 2) }
        let videos = try expectVideos(paths.map { ($0, mode.size) }, .h264)
        try expectRun(videos.flatMap(\.numbers))
    }

    @Test(arguments: PicameraMode.all) func recordsSequenceToStreams(mode: PicameraMode) throws {
        let folder = try TemporaryFolder()
        let camera = try mode.camera()
        defer { camera.close() }
        let streams = (0..<3).map { _ in MemoryOutput() }
        try camera.recordSequence(to: streams) { _ in try camera.waitRecording(pictures: 2) }
        let videos = try expectVideos(try folder.files(of: streams).map { ($0, mode.size) }, .h264)
        try expectRun(videos.flatMap(\.numbers))
    }

    @Test(arguments: PicameraMode.all) func copiesRingFromItsFirstHeader(mode: PicameraMode) throws {
        let folder = try TemporaryFolder()
        let camera = try mode.camera()
        defer { camera.close() }
        let ring = try CircularOutput(.time(.seconds(1)))
        try camera.startRecording(to: .output(ring), format: .h264, options: EncoderOptions { $0.keyFrameInterval = 3 })
        let isFull = try eventually {
            try camera.waitRecording(.zero)
            return ring.frames.first.map { $0.info.index > 0 } ?? false
        }
        #expect(isFull)
        try camera.waitRecording(pictures: 2)
        try camera.stopRecording()
        let header = try #require(ring.frames.first { $0.info.headerByteCount > 0 })
        let copied = try ring.copy(to: .path(folder.path("ring.h264")))
        #expect(copied.first.index == header.info.index)
        let video = try expectVideos([(folder.path("ring.h264"), mode.size)], .h264)[0]
        #expect(video.numbers == (header.info.index...copied.last.index).map { UInt32($0) })
        #expect(copied.last.index + 1 == camera.statistics.encoders[1].map { Int64($0.packetsWritten) })
    }

    @Test(arguments: PicameraMode.all) func splitsAndCaptures(mode: PicameraMode) throws {
        let folder = try TemporaryFolder()
        let camera = try mode.camera()
        defer { camera.close() }
        let streams = [MemoryOutput(), MemoryOutput()]
        let still = MemoryOutput()
        try camera.startRecording(to: .output(streams[0]), format: .h264)
        try camera.waitRecording(pictures: 1)
        try camera.capture(to: .output(still), format: .jpeg)
        try camera.splitRecording(to: .output(streams[1]))
        try camera.waitRecording(pictures: 1)
        try camera.stopRecording()
        let videos = try expectVideos(try folder.files(of: streams).map { ($0, mode.size) }, .h264)
        try expectRun(videos.flatMap(\.numbers))
        try expectJPEGs(try folder.files(of: [still]), size: mode.size)
    }

    /// The port that started first stops first (picamera's issue 105).
    @Test(arguments: PicameraMode.all) func recordsTwoSizes(mode: PicameraMode) throws {
        let folder = try TemporaryFolder()
        let camera = try mode.camera()
        defer { camera.close() }
        let half = Resolution(mode.size.width / 2, mode.size.height / 2)
        let paths = [folder.path("full.h264"), folder.path("half.h264")]
        try camera.startRecording(to: .path(paths[0]))
        try camera.startRecording(to: .path(paths[1]), resize: half, splitterPort: 2)
        try camera.waitRecording(pictures: 2, splitterPort: 1)
        try camera.waitRecording(pictures: 2, splitterPort: 2)
        try camera.stopRecording(splitterPort: 1)
        try camera.stopRecording(splitterPort: 2)
        let videos = try expectVideos([(paths[0], mode.size), (paths[1], half)], .h264)
        for video in videos { try expectRun(video.numbers) }
    }

    @Test(arguments: PicameraMode.all) func smallerSizeGivesFewerBytes(mode: PicameraMode) throws {
        let camera = try mode.camera()
        defer { camera.close() }
        let half = Resolution(mode.size.width / 2, mode.size.height / 2)
        let lengths = Mutex([0, 0])
        let outputs = [0, 1].map { index in
            ClosureOutput { bytes, _ in lengths.withLock { $0[index] += bytes.byteCount } }
        }
        try camera.startRecording(to: .output(outputs[0]), format: .h264)
        try camera.startRecording(to: .output(outputs[1]), format: .h264, resize: half, splitterPort: 2)
        try camera.waitRecording(pictures: 2, splitterPort: 2)
        try camera.stopRecording(splitterPort: 2)
        try camera.waitRecording(pictures: 2)
        try camera.stopRecording()
        let counted = lengths.withLock { $0 }
        #expect(counted[1] > 0)
        #expect(counted[0] > counted[1])
    }

    /// 1080p has 8160 macroblocks; level 4 allows 245760 a second, which is enough for 30 pictures but not for 31.
    @Test func macroblockLimit() throws {
        let level = EncoderOptions { $0.level = "4" }
        let fast = try PicameraMode(size: .hd1080p, frameRate: 31).camera()
        defer { fast.close() }
        let error = #expect(throws: CameraError.self) {
            try fast.startRecording(to: .output(MemoryOutput()), format: .h264, options: level)
        }
        #expect(error?.code == .invalidValue)
        #expect(error.map { "\($0)".contains("4.2") } == true, "the remedy")
        try fast.startRecording(to: .output(MemoryOutput()), format: .h264)
        try fast.stopRecording()
        let allowed = try PicameraMode(size: .hd1080p, frameRate: 30).camera()
        defer { allowed.close() }
        try allowed.startRecording(to: .output(MemoryOutput()), format: .h264, options: level)
        try allowed.stopRecording()
    }

    @Test func bitRateLimit() throws {
        let camera = try PicameraMode(size: .hd1080p, frameRate: 24).camera()
        defer { camera.close() }
        func start(_ bitRate: Int, _ profile: String) throws(CameraError) {
            try camera.startRecording(
                to: .output(MemoryOutput()), format: .h264,
                options: EncoderOptions {
                    $0.level = "4"; $0.bitRate = bitRate; $0.profile = profile
                })
            try camera.stopRecording()
        }
        for (bitRate, profile) in [(20_000_000, "main"), (25_000_000, "high")] {
            try start(bitRate, profile)
            let error = #expect(throws: CameraError.self) { try start(bitRate + 1, profile) }
            #expect(error?.code == .invalidValue)
        }
    }

    /// An output that reads `camera.frame` in its `write` finds the picture that it writes (picamera's issue 357).
    @Test func framesHaveTheirTimesWhileTheyAreWritten() throws {
        let camera = try PicameraMode.all[0].camera()
        defer { camera.close() }
        let seen = Mutex<[(frame: VideoFrame?, info: PacketInfo)]>([])
        let output = ClosureOutput { [weak camera] _, info in
            let frame = try camera?.frame
            seen.withLock { $0.append((frame, info)) }
        }
        try camera.startRecording(to: .output(output), format: .h264)
        try camera.waitRecording(pictures: 30)
        try camera.stopRecording()
        let frames = seen.withLock { $0 }
        #expect(frames.count >= 30)
        for (index, (frame, info)) in frames.enumerated() {
            #expect(frame?.complete == true)
            #expect(frame?.index == Int64(index))
            #expect(frame?.timestamp == info.timestamp)
        }
        #expect(frames[0].info.timestamp == .zero)
        #expect(zip(frames, frames.dropFirst()).allSatisfy { $0.info.timestamp < $1.info.timestamp })
    }
}
#endif
