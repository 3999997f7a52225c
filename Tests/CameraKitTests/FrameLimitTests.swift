// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import TestSupport
import Testing

/// Recordings that end after so many pictures, and those that have none.
@Suite struct FrameLimitTests {
    private static let size = Resolution(64, 48)

    private func request(_ output: MemoryOutput, _ format: MediaFormat, limit: Int?) -> RecordingRequest {
        var request = RecordingRequest(to: .output(output), format: format)
        request.frameLimit = limit
        if format == .mjpeg { request.options = EncoderOptions { $0.quality = 60 } }
        return request
    }

    @Test func picturesThatAreWrittenCount() throws {
        let whole = try DamagedPictureTests.picture(Self.size)
        let source = LiveSource(size: Self.size, format: .mjpeg, canWait: true)
        for number in 0..<60 { source.sendPicture(number % 2 == 0 ? Array(whole.dropLast(40)) : whole) }
        let camera = try Camera(.source(source))
        defer { camera.close() }
        let output = MemoryOutput()
        try camera.startRecordings([request(output, .mjpeg, limit: 10)])
        #expect(try camera.waitRecording() == .ended)
        try camera.stopRecording()
        let counts = try #require(camera.statistics.encoders[1])
        #expect(counts.packetsWritten == 10 && counts.framesDamaged == 10 && counts.framesReceived == 20)
        #expect(try jpegPictures(in: output.data).count == 10)
        // The port is free, and the source goes on where it stood.
        try camera.startRecordings([request(MemoryOutput(), .mjpeg, limit: 5)])
        #expect(try camera.waitRecording() == .ended)
        try camera.stopRecording()
        #expect(camera.statistics.encoders[1]?.packetsWritten == 5)
    }

    /// Frames that are dropped since an output is slow do not count.
    @Test func droppedFramesDoNotCount() throws {
        let source = LiveSource()
        let camera = try Camera(.source(source), stallLimit: .seconds(3600))
        defer { camera.close() }
        let output = BlockingOutput()
        var request = RecordingRequest(to: .output(output), format: .yuv420)
        request.frameLimit = 30
        request.encoder = { configuration in
            var configuration = configuration
            configuration.packetQueueBytes = 1000
            return try RawVideoEncoder(configuration)
        }
        try camera.startRecordings([request])
        for _ in 0..<50 { source.sendFrame() }
        #expect(eventually { camera.statistics.encoders[1]?.framesDropped ?? 0 > 0 })
        output.release()
        #expect(
            eventually {
                source.sendFrame()
                return (try? camera.waitRecording(.zero)) == .ended
            })
        try camera.stopRecording()
        let counts = try #require(camera.statistics.encoders[1])
        #expect(counts.packetsWritten == 30)
        #expect(counts.framesReceived == 30 + counts.framesDropped)
    }

    #if X264
    /// What a codec keeps back is written too.
    @Test func picturesThatAreKeptBackAreWritten() throws {
        let camera = try Camera(.source(NumberedSource(size: Self.size)))
        defer { camera.close() }
        let output = MemoryOutput()
        var request = request(output, .h264, limit: 25)
        request.options = EncoderOptions { $0.preset = "medium" }
        try camera.startRecordings([request])
        #expect(try camera.waitRecording() == .ended)
        try camera.stopRecording()
        #expect(camera.statistics.encoders[1]?.packetsWritten == 25)
        #expect(camera.statistics.encoders[1]?.framesReceived == 25)
    }
    #endif

    @Test func fewerThanOneIsRefused() throws {
        let camera = try Camera(.source(NumberedSource(size: Self.size)))
        defer { camera.close() }
        let error = #expect(throws: CameraError.self) {
            try camera.startRecordings([request(MemoryOutput(), .yuv420, limit: 0)])
        }
        #expect(error?.code == .invalidValue)
    }

    // MARK: None

    @Test func aRecordingOfDamagedPicturesAloneSaysSo() throws {
        let whole = try DamagedPictureTests.picture(Self.size)
        let source = LiveSource(size: Self.size, format: .mjpeg, canWait: true)
        for _ in 0..<5 { source.sendPicture(Array(whole.prefix(whole.count / 2))) }
        source.send(.success(.ended))
        let camera = try Camera(.source(source))
        defer { camera.close() }
        let folder = try TemporaryFolder()
        try camera.startRecording(to: .path(folder.path("clip.mjpeg")), options: EncoderOptions { $0.quality = 50 })
        let waited = #expect(throws: CameraError.self) { try camera.waitRecording() }
        let stopped = #expect(throws: CameraError.self) { try camera.stopRecording() }
        for error in [waited, stopped] {
            #expect(error?.code == .corruptData)
            #expect(error?.description.contains("Premature end of JPEG file") == true, "\(String(describing: error))")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
    }

    @Test func aRecordingOfASourceWithoutFramesSaysSo() throws {
        let source = LiveSource(canWait: true)
        source.send(.success(.ended))
        let camera = try Camera(.source(source))
        defer { camera.close() }
        try camera.startRecording(to: .output(MemoryOutput()), format: .yuv420)
        let error = #expect(throws: CameraError.self) { try camera.waitRecording() }
        #expect(error?.code == .sourceEnded)
        #expect(throws: CameraError.self) { try camera.stopRecording() }
    }

    #if X264
    @Test func aRecordingWithoutAKeyFrameSaysSo() throws {
        let camera = try Camera(.source(try CodedCamera(.init(framesBeforeKeyFrame: 50, frameLimit: 20))))
        defer { camera.close() }
        try camera.startRecording(to: .output(MemoryOutput()), format: .h264)
        let error = #expect(throws: CameraError.self) { try camera.waitRecording() }
        #expect(error?.description.contains("key frame") == true, "\(String(describing: error))")
        #expect(throws: CameraError.self) { try camera.stopRecording() }
    }
    #endif

    /// Who stops before there was a frame has what they asked for.
    @Test func aRecordingThatIsStoppedAtOnceIsNone() throws {
        let folder = try TemporaryFolder()
        let camera = try Camera(.source(LiveSource()), stallLimit: .seconds(3600))
        defer { camera.close() }
        try camera.startRecording(to: .path(folder.path("clip.yuv420")))
        try camera.stopRecording()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
    }
}
