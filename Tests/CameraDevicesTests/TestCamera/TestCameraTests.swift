// SPDX-License-Identifier: MIT

import CameraCore
import CameraDevices
import Foundation
import TestSupport
import Testing

struct TestCameraTests {
    @Test("Two cameras of the same settings deliver the same bytes")
    func isDeterministic() throws {
        for format in [PixelFormat.nv12, .yuv420, .yuyv, .rgb24] {
            let takes = try (0..<2).map { _ in
                try Take(
                    TestCamera(resolution: Resolution(161, 95), frameRate: 30, format: format, pacing: .none), limit: 5)
            }
            #expect(takes[0].bytes == takes[1].bytes)
            #expect(takes[0].bytes.count == 5 * (try #require(format.byteCount(of: Resolution(161, 95)))))
        }
    }

    @Test(
        "All layouts show the same picture", arguments: [Resolution(16, 16), Resolution(63, 49), Resolution(320, 240)])
    func layoutsAgree(size: Resolution) throws {
        func picture(_ format: PixelFormat) throws -> Data {
            try Take(TestCamera(resolution: size, frameRate: 30, format: format, pacing: .none), limit: 3).bytes
        }
        func converted(_ name: String, to other: String) throws -> Data {
            let result = try run(
                "ffmpeg",
                [
                    "-v", "error", "-f", "rawvideo", "-pix_fmt", name, "-video_size", size.description, "-i", "-",
                    "-f", "rawvideo", "-sws_flags", "neighbor+bitexact+accurate_rnd", "-pix_fmt", other, "-",
                ], input: try picture(try #require(PixelFormat(name: name == "yuv420p" ? "yuv420" : name))))
            #expect(result.status == 0, "\(result.errors)")
            return result.output
        }
        let planar = try picture(.yuv420)
        #expect(try converted("nv12", to: "yuv420p") == planar)
        // ffmpeg's own conversion of the planar picture; it rounds otherwise.
        let expected = try converted("yuv420p", to: "rgb24")
        let drawn = try picture(.rgb24)
        #expect(drawn.count == expected.count)
        let differences = zip(drawn, expected).map { abs(Int($0) - Int($1)) }
        #expect(differences.reduce(0, +) < 2 * differences.count)
    }

    @Test(
        "YUYV holds the luma and the chroma of the planar picture", arguments: [Resolution(63, 49), Resolution(64, 48)])
    func yuyvAgrees(size: Resolution) throws {
        func frame(_ format: PixelFormat) throws -> Frame {
            try #require(
                try Take(TestCamera(resolution: size, frameRate: 30, format: format, pacing: .none), limit: 1)
                    .frames.first)
        }
        let planar = try frame(.yuv420)
        let packed = try frame(.yuyv)
        for y in 0..<size.height {
            for x in 0..<size.width {
                let luma = packed.bytes(ofPlane: 0).unsafeLoad(
                    fromByteOffset: y * packed.plane(0).stride + 2 * x, as: UInt8.self)
                let chroma = packed.bytes(ofPlane: 0).unsafeLoad(
                    fromByteOffset: y * packed.plane(0).stride + 4 * (x / 2) + 1 + 2 * (x % 2), as: UInt8.self)
                let plane = 1 + x % 2
                let offset = y / 2 * planar.plane(plane).stride + x / 2
                let planarLuma = planar.bytes(ofPlane: 0).unsafeLoad(
                    fromByteOffset: y * planar.plane(0).stride + x, as: UInt8.self)
                let planarChroma = planar.bytes(ofPlane: plane).unsafeLoad(fromByteOffset: offset, as: UInt8.self)
                #expect(luma == planarLuma && chroma == planarChroma)
            }
        }
    }

    @Test("The pictures move and cost an encoder real work")
    func isHardToEncode() throws {
        let take = try Take(
            TestCamera(resolution: Resolution(640, 360), frameRate: 30, format: .yuv420, pacing: .none), limit: 30)
        #expect(Set(take.frames.map { packedBytes($0) }).count == 30)
        let folder = try TemporaryFolder()
        let result = try run(
            "x264",
            ["--quiet", "--demuxer", "y4m", "--crf", "23", "--preset", "fast", "-o", folder.path("a.264"), "-"],
            input: y4m(take.frames, frameRate: 30))
        #expect(result.status == 0, "\(result.errors)")
        // A still picture takes a hundredth of a bit for each pixel; films take about a tenth.
        let bits = Double(try Data(contentsOf: folder.file("a.264")).count * 8) / Double(640 * 360 * 30)
        #expect(bits > 0.05, "\(bits) bits a pixel")
    }

    @Test("Unpaced frames are numbered without a gap and stamped with their nominal times")
    func unpacedTimes() throws {
        let rate = FrameRate(30000, 1001)
        let camera = try TestCamera(resolution: .vga, frameRate: rate, pacing: .none, frameLimit: 100)
        #expect(camera.canWait)
        let take = try Take(camera)
        #expect(take.ended)
        #expect(take.frames.map(\.info.sequence) == Array(0..<100))
        #expect(take.times == (0..<100).map { rate.nanoseconds(atFrame: $0) })
        let wallTimes = take.frames.map { $0.info.wallTime.nanosecondsSince1970 }
        #expect(wallTimes.map { $0 - wallTimes[0] } == take.times)
    }

    @Test("Paced frames are never early, and stamped with the moments they were due at")
    func pacedTimes() throws {
        let camera = try TestCamera(resolution: Resolution(64, 48), frameRate: 500, frameLimit: 60)
        #expect(!camera.canWait)
        let before = Timestamp.now
        camera.start()
        var first: Timestamp?
        while case .frame(let frame) = camera.next(timeout: nil) {
            #expect(frame.info.timestamp <= .now)
            // Frame 0 may be late enough to be lost on a busy machine; every stamp tells its own origin.
            let origin = Timestamp(
                nanoseconds: frame.info.timestamp.nanoseconds
                    - FrameRate(500).nanoseconds(atFrame: Int64(frame.info.sequence)))
            #expect(origin >= before)
            #expect(origin == first ?? origin)
            first = origin
        }
        #expect(first != nil)
    }

    @Test("What nobody took in time is lost and leaves a gap")
    func lateConsumer() throws {
        let rate: FrameRate = 1000
        let camera = try TestCamera(resolution: Resolution(64, 48), frameRate: rate)
        camera.start()
        guard case .frame(let first) = camera.next(timeout: nil) else {
            Issue.record("no frame")
            return
        }
        Thread.sleep(forTimeInterval: 0.05)
        let before = Timestamp.now
        guard case .frame(let next) = camera.next(timeout: nil) else {
            Issue.record("no frame")
            return
        }
        #expect(next.info.timestamp >= before - rate.interval)
        let skipped = next.info.sequence - first.info.sequence
        #expect(skipped >= 49)
        #expect(next.info.timestamp - first.info.timestamp == .milliseconds(skipped))
    }

    @Test("A paced camera whose memory is all kept loses frames; kept frames do not change")
    func memoryLimit() throws {
        let camera = try TestCamera(resolution: Resolution(64, 48), frameRate: 1000, numbered: true, memoryLimit: 2)
        var take = try Take(camera, limit: 2)
        camera.start()
        guard case .timedOut = camera.next(timeout: .milliseconds(30)) else {
            Issue.record("there was memory for a third frame")
            return
        }
        #expect(take.frames.map { FrameNumberCode.read($0).map(UInt64.init) } == take.frames.map(\.info.sequence))
        take.frames.removeFirst()
        guard case .frame(let frame) = camera.next(timeout: nil) else {
            Issue.record("no frame after memory came back")
            return
        }
        #expect(frame.info.sequence >= 30)
        #expect(FrameNumberCode.read(frame).map(UInt64.init) == frame.info.sequence)
    }

    @Test("An interrupt ends a wait, or else the next call")
    func interrupts() throws {
        let camera = try TestCamera(resolution: Resolution(64, 48), frameRate: FrameRate(1, 3600))
        camera.start()
        camera.interrupt()
        guard case .interrupted = camera.next(timeout: nil) else {
            Issue.record("not interrupted")
            return
        }
        guard case .frame = camera.next(timeout: nil) else {
            Issue.record("frame 0 is due at once")
            return
        }
        guard case .timedOut = camera.next(timeout: .milliseconds(1)) else {
            Issue.record("frame 1 is due in an hour")
            return
        }
        let thread = try WorkerThread("interrupter") { camera.interrupt() }
        guard case .interrupted = camera.next(timeout: nil) else {
            Issue.record("not interrupted while waiting")
            return
        }
        thread.join()
    }

    @Test("Configuring changes what is asked for, and nothing when it cannot be")
    func configures() throws {
        let camera = try TestCamera(resolution: .vga, frameRate: 30, pacing: .none)
        #expect(camera.streams == [VideoStream(format: .nv12, size: .vga, frameRate: 30, color: .bt601)])
        try camera.configure(SourceConfiguration(resolution: .hd720p))
        try camera.configure(SourceConfiguration(frameRate: 25, pixelFormat: .yuv420))
        let stream = VideoStream(format: .yuv420, size: .hd720p, frameRate: 25, color: .bt709)
        #expect(camera.streams == [stream])
        for request in [
            SourceConfiguration(resolution: Resolution(8, 8)), SourceConfiguration(frameRate: 0),
            SourceConfiguration(pixelFormat: .mjpeg), SourceConfiguration(sensorMode: 2),
            SourceConfiguration(resolution: Resolution(99999, 100)),
        ] {
            #expect(throws: CameraError.self) { try camera.configure(request) }
        }
        #expect(camera.streams == [stream])
        let frame = try #require(try Take(camera, limit: 1).frames.first)
        #expect(frame.format == .yuv420 && frame.size == .hd720p && frame.color == .bt709)
        try camera.configure(SourceConfiguration(pixelFormat: .rgb24))
        #expect(camera.streams[0].color == .sRGB)
    }

    @Test("Settings that cannot be are refused with what there is")
    func refuses() throws {
        let error = #expect(throws: CameraError.self) {
            try TestCamera(resolution: .vga, frameRate: 30, format: .grey)
        }
        #expect(error?.code == .unsupported)
        #expect(try #require(error).description.contains("nv12, yuv420, yuyv, rgb24"))
        #expect(throws: CameraError.self) {
            try TestCamera(resolution: Resolution(63, 48), frameRate: 30, numbered: true)
        }
        #expect(throws: CameraError.self) { try TestCamera(resolution: .vga, frameRate: 30, color: .sRGB) }
        #expect(throws: CameraError.self) { try TestCamera(resolution: .vga, frameRate: 30, frameLimit: -1) }
        #expect(throws: CameraError.self) { try TestCamera(resolution: .vga, frameRate: 30, memoryLimit: 0) }
        #expect(throws: CameraError.self) { try TestCamera(resolution: .vga, frameRate: 2000) }
    }

    @Test("The largest pictures and the longest streams are drawn")
    func extremes() throws {
        let largest = Resolution(Resolution.largestSide, 16)
        #expect(try Take(TestCamera(resolution: largest, frameRate: 1, pacing: .none), limit: 2).frames.count == 2)
        let tall = Resolution(17, Resolution.largestSide)
        #expect(try Take(TestCamera(resolution: tall, frameRate: 1, pacing: .none), limit: 2).frames.count == 2)
        let slow = try TestCamera(resolution: Resolution(16, 16), frameRate: FrameRate(1, 86_400), pacing: .none)
        #expect(try Take(slow, limit: 20).frames.count == 20)
    }

    @Test("Frames stay valid after the camera is gone")
    func framesOutliveCamera() throws {
        let frame: Frame
        do {
            let camera = try TestCamera(resolution: .vga, frameRate: 30, pacing: .none, numbered: true)
            frame = try #require(try Take(camera, limit: 8).frames.last)
            camera.close()
        }
        #expect(FrameNumberCode.read(frame) == 7)
    }
}
