// SPDX-License-Identifier: MIT

import CameraCore
import CameraDevices
import Foundation
import TestSupport
import Testing

struct UncompressedPlaybackTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// Has ffmpeg write its own test picture.
    private func file(
        _ name: String, size: Resolution, rate: String, count: Int, _ arguments: [String]
    ) throws -> String {
        let result = try run(
            "ffmpeg",
            [
                "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=128x96:rate=\(rate)", "-frames:v", "\(count)",
                "-vf", "scale=\(size.width):\(size.height)", "-strict", "-1",
            ] + arguments + [folder.path(name)])
        #expect(result.status == 0, "\(result.errors)")
        return folder.path(name)
    }

    /// What ffmpeg makes of a file.
    private func decoded(_ path: String, input: [String] = [], _ format: String) throws -> Data {
        try run(
            "ffmpeg", ["-v", "error"] + input + ["-i", path, "-f", "rawvideo", "-pix_fmt", format, "-"]
        ).output
    }

    @Test(
        "A YUV4MPEG2 file of ffmpeg's arrives as ffmpeg decodes it",
        arguments: [
            ("yuv420p", PixelFormat.yuv420, ColorSpace.Range.limited), ("yuvj420p", .yuv420, .full),
            ("yuv422p", .yuv422, .limited), ("gray", .grey, .full),
        ], [Resolution(64, 48), Resolution(33, 17), Resolution(1, 1)])
    func y4m(layout: (name: String, format: PixelFormat, range: ColorSpace.Range), size: Resolution) throws {
        let range = layout.range == .full ? "pc" : "tv"
        let path = try file(
            "a.y4m", size: size, rate: "30000/1001", count: 7, ["-pix_fmt", layout.name, "-color_range", range])
        let camera = try PlaybackCamera(path: path, pacing: .none)
        #expect(camera.name == "a.y4m")
        #expect(camera.canWait)
        let stream = try #require(camera.streams.first)
        #expect(stream.format == layout.format && stream.size == size && stream.frameRate == FrameRate(30000, 1001))
        #expect(stream.color.range == layout.range)
        let take = try Take(camera)
        #expect(take.ended)
        #expect(take.bytes == (try decoded(path, layout.name)))
        #expect(take.times == (0..<7).map { FrameRate(30000, 1001).nanoseconds(atFrame: $0) })
        #expect(take.frames.map(\.info.sequence) == Array(0..<7))
    }

    @Test(
        "Every variant of the header is understood",
        arguments: [
            ("YUV4MPEG2 W4 H2", PixelFormat.yuv420, FrameRate(25)),
            ("YUV4MPEG2 W4 H2 F50:1 C420", .yuv420, 50), ("YUV4MPEG2 W4 H2 F50:1 C420jpeg", .yuv420, 50),
            ("YUV4MPEG2 W4 H2 F50:1 C420mpeg2", .yuv420, 50), ("YUV4MPEG2 W4 H2 F50:1 C420paldv", .yuv420, 50),
            ("YUV4MPEG2 C422 F0:0 H2 W4", .yuv422, 25),
            ("YUV4MPEG2 W4 H2 F24000:1001 Ip A1:1 Cmono", .grey, FrameRate(24000, 1001)),
            ("YUV4MPEG2 W4 H2 F1:10 I? A0:0 XYSCSS=420JPEG XCOLORRANGE=LIMITED Xanything", .yuv420, FrameRate(1, 10)),
        ])
    func headers(header: String, format: PixelFormat, rate: FrameRate) throws {
        let byteCount = try #require(format.byteCount(of: Resolution(4, 2)))
        let pictures = (0..<3).map { Data(repeating: UInt8($0 + 65), count: byteCount) }
        let bytes =
            Data("\(header)\n".utf8) + Data("FRAME\n".utf8) + pictures[0] + Data("FRAME Ip XQ=1\n".utf8) + pictures[1]
            + Data("FRAME \n".utf8) + pictures[2]
        try bytes.write(to: folder.file("a.video"))
        let camera = try PlaybackCamera(path: folder.path("a.video"), pacing: .none)
        #expect(
            camera.streams == [
                VideoStream(format: format, size: Resolution(4, 2), frameRate: rate, color: .unspecified)
            ])
        let take = try Take(camera)
        #expect(take.ended && take.bytes == pictures[0] + pictures[1] + pictures[2])
    }

    @Test("What the suite's own writer makes, ffmpeg and playback read")
    func writer() throws {
        let source = try TestCamera(
            resolution: Resolution(70, 50), frameRate: 30, format: .yuv420, pacing: .none, numbered: true)
        let original = try Take(source, limit: 12)
        try TestSupport.y4m(original.frames, frameRate: 30).write(to: folder.file("a.y4m"))
        let played = try Take(PlaybackCamera(path: folder.path("a.y4m"), pacing: .none))
        #expect(played.bytes == original.bytes)
        #expect(played.frames.map { FrameNumberCode.read($0) } == Array(0..<12))
        #expect(try decoded(folder.path("a.y4m"), "yuv420p") == original.bytes)
    }

    @Test(
        "A raw file arrives as it is",
        arguments: [
            ("yuv420p", PixelFormat.yuv420), ("nv12", .nv12), ("nv21", .nv21), ("yuv422p", .yuv422),
            ("yuyv422", .yuyv), ("uyvy422", .uyvy), ("gray", .grey), ("rgb24", .rgb24), ("bgr24", .bgr24),
            ("rgba", .rgba), ("bgra", .bgra),
        ])
    func raw(name: String, format: PixelFormat) throws {
        let path = try file(
            "a.raw", size: Resolution(66, 50), rate: "10", count: 5, ["-pix_fmt", name, "-f", "rawvideo"])
        let camera = try PlaybackCamera(
            path: path, rawFormat: RawVideoFormat(format: format, size: Resolution(66, 50), frameRate: 10),
            pacing: .none)
        let take = try Take(camera)
        #expect(take.ended)
        #expect(take.bytes == (try Data(contentsOf: URL(fileURLWithPath: path))))
        #expect(take.frames.count == 5)
        #expect(take.frames.allSatisfy { $0.format == format && $0.isPacked })
        #expect(take.times == [0, 100_000_000, 200_000_000, 300_000_000, 400_000_000])
    }

    @Test("A looping file runs on in numbers and times")
    func loops() throws {
        let path = try file("a.y4m", size: Resolution(32, 32), rate: "30000/1001", count: 4, [])
        let camera = try PlaybackCamera(path: path, pacing: .none, loop: true)
        let take = try Take(camera, limit: 11)
        let once = try Take(PlaybackCamera(path: path, pacing: .none))
        #expect(take.bytes == once.bytes + once.bytes + once.bytes.prefix(once.bytes.count / 4 * 3))
        #expect(take.frames.map(\.info.sequence) == Array(0..<11))
        #expect(take.times == (0..<11).map { FrameRate(30000, 1001).nanoseconds(atFrame: $0) })
        // Starting again begins at the beginning.
        let again = try Take(camera, limit: 4)
        #expect(again.bytes == once.bytes)
        #expect(again.frames.map(\.info.sequence) == Array(0..<4))
    }

    @Test("Paced frames are never early, and none is lost to a late consumer")
    func pacing() throws {
        let path = try file("a.y4m", size: Resolution(32, 32), rate: "200", count: 40, [])
        let camera = try PlaybackCamera(path: path)
        #expect(camera.canWait)
        try camera.start()
        var frames: [Frame] = []
        while case .frame(let frame) = try camera.next(timeout: nil) {
            #expect(frame.info.timestamp <= .now)
            frames.append(frame)
            if frames.count == 5 { Thread.sleep(forTimeInterval: 0.05) }
        }
        #expect(frames.map(\.info.sequence) == Array(0..<40))
        let first = try #require(frames.first).info.timestamp
        let times = frames.map { $0.info.timestamp - first }
        #expect(times == (0..<40).map { Duration.milliseconds(5 * $0) })
    }

    @Test("A wait ends by a time-out or an interrupt, and the frame is not lost")
    func interrupts() throws {
        let data = Data("YUV4MPEG2 W2 H2 F1:3600 Cmono\n".utf8) + Data("FRAME\nabcdFRAME\nefgh".utf8)
        try data.write(to: folder.file("a.y4m"))
        let camera = try PlaybackCamera(path: folder.path("a.y4m"))
        try camera.start()
        camera.interrupt()
        guard case .interrupted = try camera.next(timeout: nil), case .frame = try camera.next(timeout: nil),
            case .timedOut = try camera.next(timeout: .milliseconds(1))
        else {
            Issue.record("not interrupted, no first frame, or an early second one")
            return
        }
        let thread = try WorkerThread("interrupter") { camera.interrupt() }
        guard case .interrupted = try camera.next(timeout: nil) else {
            Issue.record("not interrupted while waiting")
            return
        }
        thread.join()
        let unpaced = try Take(PlaybackCamera(path: folder.path("a.y4m"), pacing: .none))
        #expect(unpaced.bytes == Data("abcdefgh".utf8))
        #expect(unpaced.times == [0, 3_600_000_000_000])
    }

    @Test("Frames stay valid after the camera is closed; a closed camera starts no more")
    func closing() throws {
        let path = try file("a.y4m", size: Resolution(64, 64), rate: "25", count: 10, [])
        let camera = try PlaybackCamera(path: path, pacing: .none)
        let take = try Take(camera)
        camera.close()
        #expect(take.bytes == (try decoded(path, "yuv420p")))
        let error = #expect(throws: CameraError.self) { try camera.start() }
        #expect(error?.code == .closed)
    }

    @Test("A file has its own size and rate")
    func configures() throws {
        let path = try file("a.y4m", size: Resolution(64, 48), rate: "25", count: 1, [])
        let camera = try PlaybackCamera(path: path)
        try camera.configure(SourceConfiguration())
        try camera.configure(
            SourceConfiguration(
                resolution: Resolution(64, 48), frameRate: 25, sensorMode: 0, pixelFormat: .yuv420))
        for request in [
            SourceConfiguration(resolution: .vga), SourceConfiguration(frameRate: 30),
            SourceConfiguration(pixelFormat: .nv12), SourceConfiguration(sensorMode: 1),
        ] {
            let error = #expect(throws: CameraError.self) { try camera.configure(request) }
            #expect(error?.code == .unsupported)
            #expect(error?.description.contains("64x48") == true)
        }
    }
}
