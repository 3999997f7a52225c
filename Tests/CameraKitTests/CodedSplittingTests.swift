// SPDX-License-Identifier: MIT

#if X264
import CameraKit
import Foundation
import Synchronization
import TestSupport
import Testing

/// Recordings of a camera's own H.264, cut, in a hurry, and refused.
@Suite struct CodedSplittingTests {
    /// What ffmpeg reads in each output, decoded by itself.
    private func numbers(_ outputs: [[UInt8]]) throws -> [[UInt32?]] {
        let folder = try TemporaryFolder()
        let files = try outputs.enumerated().map { index, bytes in
            try Data(bytes).write(to: folder.file("\(index).h264"))
            return (path: folder.path("\(index).h264"), size: CodedCamera.size)
        }
        let videos = try NumberedVideo.decode(files, input: ["-f", "h264"])
        for video in videos { #expect(video.complaints == "") }
        return videos.map(\.numbers)
    }

    @Test(arguments: [true, false], [true, false])
    func aHundredCutsComeAtKeyFramesAndLoseNothing(onRequest: Bool, setsOnce: Bool) throws {
        var manner = CodedCamera.Manner()
        manner.makesKeyFramesOnRequest = onRequest
        manner.sendsParameterSetsOnce = setsOnce
        let source = try CodedCamera(manner)
        let camera = try Camera(.source(source))
        defer { camera.close() }
        var outputs = [MemoryOutput()]
        try camera.startRecording(to: .output(outputs[0]), format: .h264)
        var firsts: [VideoFrame] = []
        for _ in 0..<100 {
            let output = MemoryOutput()
            outputs.append(output)
            firsts.append(try camera.splitRecording(to: .output(output)))
        }
        try camera.stopRecording()
        let counts = try #require(camera.statistics.encoders[1])
        #expect(counts.splits == 100)
        #expect(counts.framesDropped == 0)
        #expect(firsts.allSatisfy { $0.type == .key && $0.hasHeader })
        #expect(source.requests > 0)
        let numbers = try numbers(outputs.map(\.data))
        #expect(numbers.flatMap(\.self) == (0..<counts.packetsWritten).map { UInt32($0) })
        #expect(numbers.dropFirst().map(\.first) == firsts.map { UInt32($0.index) })
        if !onRequest { #expect(firsts.allSatisfy { $0.index % 7 == 0 }) }
        let isSame = outputs.flatMap(\.data) == Array(source.sent.prefix(counts.packetsWritten).joined())
        #expect(isSame || setsOnce)
    }

    /// The rule wants files of ten; they end where the camera next has a key frame.
    @Test(arguments: [true, false]) func rulesCutAtTheNextKeyFrame(onRequest: Bool) throws {
        let folder = try TemporaryFolder()
        var manner = CodedCamera.Manner()
        manner.makesKeyFramesOnRequest = onRequest
        // Those on request alone, so that the lengths show that they are heeded.
        manner.keyFrameInterval = onRequest ? 1000 : 7
        manner.frameLimit = 42
        let camera = try Camera(.source(try CodedCamera(manner)))
        defer { camera.close() }
        try camera.startRecording(to: .path(folder.path("f-{counter}.h264")), splitting: .every(.frames(10)))
        #expect(try camera.waitRecording() == .ended)
        try camera.stopRecording()
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
        let numbers = try numbers(names.map { [UInt8](try Data(contentsOf: folder.file($0))) })
        #expect(numbers.flatMap(\.self) == (0..<42).map { UInt32($0) })
        if onRequest {
            // The frames that wait for the encoder when the camera is asked are in the old file.
            #expect(numbers.dropLast().allSatisfy { (11...18).contains($0.count) }, "\(numbers.map(\.count))")
        } else {
            #expect(numbers.map(\.count) == [14, 14, 14])
        }
        #expect(camera.statistics.encoders[1]?.lateCuts == 0)
    }

    @Test func aRequestForAKeyFrameGoesToTheCamera() throws {
        var manner = CodedCamera.Manner()
        manner.makesKeyFramesOnRequest = true
        manner.keyFrameInterval = 1000
        manner.canWait = false
        let source = try CodedCamera(manner)
        let camera = try Camera(.source(source))
        defer { camera.close() }
        let output = MemoryOutput()
        try camera.startRecording(to: .output(output), format: .h264)
        func send(_ count: Int) {
            for _ in 0..<count {
                let target = (camera.statistics.encoders[1]?.packetsWritten ?? 0) + 1
                source.allow(1)
                #expect(eventually { camera.statistics.encoders[1]?.packetsWritten == target })
            }
        }
        send(5)
        #expect(source.requests == 0)
        try camera.requestKeyFrame()
        send(5)
        try camera.stopRecording()
        #expect(source.requests == 1)
        // The frame that meets the request is on its way already; the one after it is the key frame.
        let keys = source.sent.indices.filter { source.sent[$0].starts(with: [0, 0, 0, 1, 0x67]) }
        #expect(keys == [0, 6])
        let isSame = output.data == Array(source.sent.joined())
        #expect(isSame)
    }

    /// An output that stands still for a while.
    private final class SlowOutput: Output {
        let bytes = MemoryOutput()
        private let isOpen = Monitor(true)

        func write(_ bytes: RawSpan, _ info: PacketInfo) throws {
            isOpen.wait { $0 ? () : nil }
            try self.bytes.write(bytes, info)
        }

        func set(open: Bool) { isOpen.update { $0 = open } }
    }

    /// The queues overflow, and what is written decodes all the same.
    @Test(arguments: [true, false]) func whatIsWrittenInAHurryDecodes(onRequest: Bool) throws {
        var manner = CodedCamera.Manner()
        manner.makesKeyFramesOnRequest = onRequest
        manner.canWait = false
        let source = try CodedCamera(manner)
        let camera = try Camera(.source(source))
        defer { camera.close() }
        let output = SlowOutput()
        try camera.startRecordings([
            RecordingRequest(
                to: .output(output), format: .h264
            ) { configuration in
                var configuration = configuration
                // A few pictures fill it, so that the encode worker has to wait.
                configuration.packetQueueBytes = 4000
                return try CookedVideoEncoder(configuration)
            }
        ])
        for round in 0..<4 {
            output.set(open: round % 2 == 0)
            source.allow(40)
            #expect(eventually { source.remaining == 0 })
        }
        output.set(open: true)
        // The camera was faster than the encoder, whose queue is empty in the end.
        #expect(eventually { camera.statistics.encoders[1]?.frameQueueDepth == 0 })
        source.allow(1)
        try camera.stopRecording()
        let counts = try #require(camera.statistics.encoders[1])
        #expect(counts.framesDropped > 0)
        #expect(counts.framesReceived == counts.packetsWritten + counts.framesDropped)
        #expect(counts.packetsDropped == 0)
        #expect(source.requests > 0)
        let found = try numbers([output.bytes.data])[0]
        #expect(found.count == counts.packetsWritten)
        #expect(!found.contains(nil))
        #expect(zip(found, found.dropFirst()).allSatisfy { ($0 ?? 0) < ($1 ?? 0) })
    }

    @Test func framesThatADriverLosesEndTheRunOfPictures() throws {
        var manner = CodedCamera.Manner()
        manner.canWait = false
        let source = try CodedCamera(manner)
        let camera = try Camera(.source(source))
        defer { camera.close() }
        let output = MemoryOutput()
        try camera.startRecording(to: .output(output), format: .h264)
        for number in 0..<20 {
            if number == 10 { source.lose(1) }
            source.allow(1)
            #expect(
                eventually {
                    let counts = camera.statistics.encoders[1]
                    return counts.map { $0.packetsWritten + $0.framesDropped } == number + 1
                })
        }
        try camera.stopRecording()
        // Picture 10 is lost; 14 is the next key frame.
        #expect(try numbers([output.data]) == [(0..<10).map { UInt32($0) } + (14..<21).map { UInt32($0) }])
        #expect(camera.statistics.encoders[1]?.framesDropped == 3)
    }

    @Test func aCameraThatNeverMakesAKeyFrameIsAnError() throws {
        var manner = CodedCamera.Manner()
        manner.framesBeforeKeyFrame = 10_000
        let camera = try Camera(.source(try CodedCamera(manner)))
        defer { camera.close() }
        let folder = try TemporaryFolder()
        try camera.startRecording(to: .path(folder.path("clip.h264")))
        let error = #expect(throws: CameraError.self) { try camera.waitRecording() }
        #expect(error?.code == .codec)
        #expect(error?.description.contains("key frame") == true)
        #expect(throws: CameraError.self) { try camera.stopRecording() }
        let counts = try #require(camera.statistics.encoders[1])
        #expect(counts.framesReceived == counts.framesDropped)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
    }

    /// Nothing here decodes H.264: what would need it is refused at once, and leaves nothing behind.
    @Test func whatWouldNeedADecoderIsRefused() throws {
        let folder = try TemporaryFolder()
        let camera = try Camera(.source(try CodedCamera()))
        defer { camera.close() }
        let attempts: [(String, () throws -> Void)] = [
            ("mjpeg", { try camera.startRecording(to: .path(folder.path("a.mjpeg"))) }),
            ("yuv420", { try camera.startRecording(to: .path(folder.path("a.yuv420"))) }),
            ("resizing", { try camera.startRecording(to: .path(folder.path("a.h264")), resize: Resolution(80, 60)) }),
            (
                "bitRate",
                {
                    try camera.startRecording(
                        to: .path(folder.path("a.h264")), options: EncoderOptions { $0.bitRate = 1_000_000 })
                }
            ),
            ("jpeg", { try camera.capture(to: .path(folder.path("a.jpg"))) }),
            ("rgb24", { try camera.capture(to: .path(folder.path("a.rgb24"))) }),
        ]
        for (word, attempt) in attempts {
            let error = #expect(throws: CameraError.self, "\(word)") { try attempt() }
            #expect(error?.code == .unsupported, "\(word)")
            #expect(error?.description.contains(word) == true, "\(error?.description ?? "")")
            #expect(error?.description.contains("h264") == true, "\(error?.description ?? "")")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
        try camera.startRecording(to: .path(folder.path("a.h264")), resize: CodedCamera.size)
        try camera.stopRecording()
    }

    /// What a ring copies begins with parameter sets, also when the camera sent them long ago.
    @Test func aRingOfACamerasOwnStreamDecodes() throws {
        var manner = CodedCamera.Manner()
        manner.sendsParameterSetsOnce = true
        manner.frameLimit = 60
        let camera = try Camera(.source(try CodedCamera(manner)))
        defer { camera.close() }
        let ring = try CircularOutput(.frames(20))
        try camera.startRecording(to: .output(ring), format: .h264)
        #expect(try camera.waitRecording() == .ended)
        let copy = MemoryOutput()
        try ring.copy(to: .output(copy))
        try camera.stopRecording()
        #expect(try numbers([copy.data]) == [(35..<60).map { UInt32($0) }])
    }
}
#endif
