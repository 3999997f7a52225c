// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import Synchronization
import TestSupport
import Testing
import V4L2

/// Pictures that a camera has compressed, recorded as they come.
@Suite struct PassThroughTests {
    private static let size = Resolution(160, 120)

    /// A V4L2 camera whose driver delivers a compressed format.
    private func driver(_ format: PixelFormat) -> ScriptedDriver {
        var description = ScriptedDriver.Description()
        description.formats = [
            .init(format, [Self.size], [30]), .init(.yuyv, [Self.size, Resolution(320, 240)], [30]),
        ]
        return ScriptedDriver(description)
    }

    private func open(_ driver: ScriptedDriver, _ format: PixelFormat) throws -> Camera {
        try Camera(.source(try V4L2Camera("/dev/video0", calls: driver.calls)), pixelFormat: format)
    }

    /// Has the driver deliver buffers, no more at a time than the encoder's queue takes.
    private func play(_ steps: [ScriptedDriver.Step], _ driver: ScriptedDriver, _ camera: Camera) {
        for start in stride(from: 0, to: steps.count, by: 3) {
            driver.play(Array(steps[start..<min(start + 3, steps.count)]))
            // A buffer comes back when its frame was passed on or left out.
            let isDone = eventually {
                driver.remaining == 0 && driver.queuedCount == 8
                    && camera.statistics.encoders[1]?.frameQueueDepth == 0
            }
            #expect(isDone)
        }
    }

    private func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// Whether a file holds these pictures and nothing else; a function, so that a failure does not print them all.
    private func isSame(_ file: [UInt8], _ pictures: ArraySlice<[UInt8]>) -> Bool { file == Array(pictures.joined()) }

    /// Numbered JPEG pictures.
    private func pictures(_ count: Int) throws -> [[UInt8]] {
        let source = try TestCamera(
            resolution: Self.size, frameRate: 30, pacing: .none, numbered: true, frameLimit: count)
        let camera = try Camera(.source(source))
        defer { camera.close() }
        let list = Mutex<[[UInt8]]>([])
        let output = ClosureOutput { bytes, _ in
            list.withLock { $0.append(bytes.withUnsafeBytes { Array($0) }) }
        }
        try camera.startRecording(to: .output(output), format: .mjpeg)
        _ = try camera.waitRecording()
        try camera.stopRecording()
        return list.withLock { $0 }
    }

    // MARK: Motion JPEG

    @Test func picturesOfMotionJPEGAreWrittenByteForByte() throws {
        let folder = try TemporaryFolder()
        let pictures = try pictures(40)
        let driver = driver(.mjpeg)
        let camera = try open(driver, .mjpeg)
        defer { camera.close() }
        let path = folder.path("clip.mjpeg")
        try camera.startRecording(to: .path(path))
        // The driver pads, and cuts two pictures short.
        var steps = pictures.map { ScriptedDriver.Step.bytes($0 + [UInt8](repeating: 0, count: 37)) }
        steps.insert(.bytes(Array(pictures[5].dropLast(2))), at: 11)
        steps.insert(.damaged, at: 23)
        play(steps, driver, camera)
        try camera.stopRecording()
        #expect(isSame(try bytes(path), pictures[...]))
        let video = try NumberedVideo(decoding: path, size: Self.size, input: ["-f", "mjpeg"])
        #expect(video.complaints == "")
        #expect(video.numbers == (0..<40).map { UInt32($0) })
        let statistics = camera.statistics
        #expect(statistics.source.framesDamaged == 2)
        #expect(statistics.encoders[1]?.packetsWritten == 40)
        #expect(statistics.encoders[1]?.keyFrames == 40)
        #expect(statistics.encoders[1]?.framesDropped == 0)
        #expect(driver.violations == [])
    }

    @Test func motionJPEGIsSplitAtAnyPicture() throws {
        let pictures = try pictures(60)
        let driver = driver(.mjpeg)
        let camera = try open(driver, .mjpeg)
        defer { camera.close() }
        var outputs = [MemoryOutput()]
        try camera.startRecording(to: .output(outputs[0]), format: .mjpeg)
        for (index, bytes) in pictures.enumerated() {
            if index % 3 == 1 {
                outputs.append(MemoryOutput())
                let pending = try camera.beginSplit(to: .output(outputs[outputs.count - 1]))
                play([.bytes(bytes)], driver, camera)
                #expect(try pending.wait().index == Int64(index))
            } else {
                play([.bytes(bytes)], driver, camera)
            }
        }
        try camera.stopRecording()
        for (number, output) in outputs.enumerated() {
            let first = number == 0 ? 0 : 3 * number - 2
            #expect(isSame(output.data, pictures[first..<min(3 * number + 1, 60)]))
        }
    }

    @Test(
        arguments: [
            (EncoderOptions { $0.quality = 30 }, nil), (EncoderOptions(), Resolution(80, 60)),
        ] as [(EncoderOptions, Resolution?)])
    func whatNeedsAnEncoderIsCompressedAnew(options: EncoderOptions, resize: Resolution?) throws {
        let folder = try TemporaryFolder()
        let pictures = try pictures(6)
        let driver = driver(.mjpeg)
        let camera = try open(driver, .mjpeg)
        defer { camera.close() }
        let path = folder.path("clip.mjpeg")
        try camera.startRecording(to: .path(path), resize: resize, options: options)
        play(pictures.map { .bytes($0) }, driver, camera)
        try camera.stopRecording()
        let found = try jpegPictures(in: try bytes(path))
        #expect(found.map(\.size) == Array(repeating: resize ?? Self.size, count: 6))
        #expect(try !isSame(bytes(path), pictures[...]))
    }

    #if X264
    // MARK: H.264 by a driver

    /// Pictures of H.264 with a key frame every seven, as a camera sends them.
    private func codedPictures(_ count: Int, _ manner: CodedCamera.Manner = .init()) throws -> [[UInt8]] {
        let camera = try CodedCamera(manner)
        defer { camera.close() }
        try camera.start()
        for _ in 0..<count { _ = try camera.next(timeout: nil) }
        return camera.sent
    }

    @Test func picturesOfH264AreWrittenByteForByteFromTheFirstKeyFrameOn() throws {
        let folder = try TemporaryFolder()
        let pictures = try codedPictures(30)
        let driver = driver(.h264)
        let camera = try open(driver, .h264)
        defer { camera.close() }
        #expect(camera.router.source.streams[0].format == .h264)
        let path = folder.path("clip.h264")
        try camera.startRecording(to: .path(path))
        // In the midst of a stream: pictures 4, 5 and 6 need earlier ones.
        play(pictures[4...].map { .bytes($0) }, driver, camera)
        try camera.stopRecording()
        #expect(isSame(try bytes(path), pictures[7...]))
        let video = try NumberedVideo(decoding: path, size: CodedCamera.size, input: ["-f", "h264"])
        #expect(video.complaints == "")
        #expect(video.numbers == (7..<30).map { UInt32($0) })
        let counts = try #require(camera.statistics.encoders[1])
        #expect(counts.framesReceived == 26)
        #expect(counts.framesDropped == 3)
        #expect(counts.packetsWritten == 23)
        #expect(counts.keyFrames == 4)
        #expect(driver.violations == [])
    }

    /// Damaged and lost frames: what follows is left out up to the next key frame.
    @Test func afterALostFrameNothingIsWrittenBeforeTheNextKeyFrame() throws {
        let folder = try TemporaryFolder()
        let pictures = try codedPictures(35)
        let driver = driver(.h264)
        let camera = try open(driver, .h264)
        defer { camera.close() }
        let path = folder.path("clip.h264")
        try camera.startRecording(to: .path(path))
        var steps: [ScriptedDriver.Step] = pictures.map { .bytes($0) }
        steps[9] = .damaged
        steps[16] = .bytes([1, 2, 3, 4, 5, 6])
        steps[24] = .gap(1)
        play(steps, driver, camera)
        try camera.stopRecording()
        let left = Array(0..<9) + Array(14..<16) + Array(21..<24) + Array(28..<35)
        #expect(isSame(try bytes(path), left.map { pictures[$0] }[...]))
        let video = try NumberedVideo(decoding: path, size: CodedCamera.size, input: ["-f", "h264"])
        #expect(video.complaints == "")
        #expect(video.numbers == left.map { UInt32($0) })
        let statistics = camera.statistics
        #expect(statistics.source.framesDamaged == 2)
        #expect(statistics.source.framesLost == 1)
        let counts = try #require(statistics.encoders[1])
        #expect(counts.framesReceived == 32)
        #expect(counts.framesReceived == counts.packetsWritten + counts.framesDropped)
    }

    /// Some drivers send parameter sets in a buffer of their own, once.
    @Test func parameterSetsThatComeOnceAreInEachFile() throws {
        let folder = try TemporaryFolder()
        var manner = CodedCamera.Manner()
        manner.sendsParameterSetsOnce = true
        let pictures = try codedPictures(28, manner)
        let whole = try #require(pictures[0].withUnsafeBytes { CodedPicture($0, isH265: false) })
        let sets = Array(pictures[0].prefix(try #require(whole.parameterSets.last).upperBound))
        let driver = driver(.h264)
        let camera = try open(driver, .h264)
        defer { camera.close() }
        try camera.startRecording(to: .path(folder.path("0.h264")))
        play([.bytes(sets), .bytes(Array(pictures[0].dropFirst(sets.count)))], driver, camera)
        play(pictures[1..<10].map { .bytes($0) }, driver, camera)
        let pending = try camera.beginSplit(to: .path(folder.path("1.h264")))
        play(pictures[10...].map { .bytes($0) }, driver, camera)
        let first = try pending.wait()
        #expect(first.index == 14 && first.hasHeader && first.type == .key)
        try camera.stopRecording()
        #expect(isSame(try bytes(folder.path("0.h264")), pictures[..<14]))
        #expect(isSame(try bytes(folder.path("1.h264")), ([sets] + pictures[14...])[...]))
        #expect(camera.statistics.source.framesLost == 0)
        for (number, range) in [0..<14, 14..<28].enumerated() {
            let video = try NumberedVideo(
                decoding: folder.path("\(number).h264"), size: CodedCamera.size, input: ["-f", "h264"])
            #expect(video.complaints == "")
            #expect(video.numbers == range.map { UInt32($0) })
        }
    }

    @Test func aKeyFrameIsAskedForByTheDriversControl() throws {
        for hasControl in [true, false] {
            var description = ScriptedDriver.Description()
            description.formats = [.init(.h264, [Self.size], [30])]
            if hasControl {
                // V4L2_CID_MPEG_VIDEO_FORCE_KEY_FRAME, a button.
                description.controls = [.init(0x0099_09E5, "Force Key Frame", kind: 4, 0...1, value: 0)]
            }
            let driver = ScriptedDriver(description)
            let source = try V4L2Camera(
                "/dev/video0", configuration: SourceConfiguration(pixelFormat: .h264), calls: driver.calls)
            try source.start()
            #expect(try source.requestKeyFrame() == hasControl)
            #expect(driver.log.last == "VIDIOC_S_EXT_CTRLS")
            source.close()
        }
    }

    @Test func aCameraOfH264AloneIsOpenedByAskingForIt() throws {
        var description = ScriptedDriver.Description()
        description.formats = [.init(.h264, [Self.size], [30])]
        let driver = ScriptedDriver(description)
        let error = #expect(throws: CameraError.self) { try V4L2Camera("/dev/video0", calls: driver.calls) }
        #expect(error?.code == .unsupported)
        #expect(error?.description.contains("ask for one of h264") == true, "\(error?.description ?? "")")
        let source = try V4L2Camera(
            "/dev/video0", configuration: SourceConfiguration(pixelFormat: .h264), calls: driver.calls)
        // What was asked for stays when other things are asked.
        try source.configure(SourceConfiguration(frameRate: 30))
        #expect(source.streams[0].format == .h264)
    }
    #endif
}
