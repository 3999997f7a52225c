// SPDX-License-Identifier: MIT

import CameraCore
import CameraDevices
import Foundation
import TestSupport
import Testing

struct FrameNumberCodeTests {
    @Test(
        "A number that is drawn can be read",
        arguments: [Resolution(64, 48), Resolution(65, 49), Resolution(97, 1001), Resolution(1920, 1080)])
    func roundTrip(size: Resolution) {
        let stride = size.width + 7
        for number in [0, 1, 2, 0x5555_5555, 0xAAAA_AAAA, 123_456_789, 0x8000_0000, .max] as [UInt32] {
            var luma = [UInt8](repeating: 99, count: stride * size.height)
            let read = luma.withUnsafeMutableBytes { bytes -> UInt32? in
                guard let start = bytes.baseAddress else { return nil }
                FrameNumberCode.draw(number: number, into: start, stride: stride, size: size)
                return FrameNumberCode.read(luma: start, stride: stride, size: size)
            }
            #expect(read == number)
            #expect((0..<size.height).allSatisfy { row in luma[row * stride + size.width] == 99 })
        }
    }

    @Test("Pictures without a code have no number")
    func noCode() {
        func read(_ size: Resolution, _ sample: () -> UInt8) -> UInt32? {
            let luma = (0..<size.pixelCount).map { _ in sample() }
            return luma.withUnsafeBytes { bytes in
                bytes.baseAddress.flatMap { FrameNumberCode.read(luma: $0, stride: size.width, size: size) }
            }
        }
        for level in [0, 16, 128, 235, 255] as [UInt8] {
            #expect(read(.vga) { level } == nil)
        }
        #expect(read(Resolution(8, 8)) { 255 } == nil)
        var generator = SystemRandomNumberGenerator()
        var found = 0
        for _ in 0..<100 {
            // Cells at random: one in 65536 passes the checksum.
            if read(Resolution(12, 12), { generator.next() }) != nil { found += 1 }
        }
        #expect(found < 5)
    }

    @Test("Every layout carries the code", arguments: [PixelFormat.nv12, .yuv420, .yuyv, .rgb24])
    func layouts(format: PixelFormat) throws {
        let camera = try TestCamera(
            resolution: Resolution(65, 51), frameRate: 30, format: format, pacing: .none, numbered: true)
        let take = try Take(camera, limit: 20)
        #expect(take.frames.map { FrameNumberCode.read($0) } == Array(0..<20))
    }

    /// Encodes 40 numbered pictures with ffmpeg, decodes them with ffmpeg, and reads the numbers back.
    private func numbersAfter(
        _ encoder: [String], size: Resolution, filter: String = "null", as output: Resolution? = nil
    ) throws -> [UInt32?] {
        let camera = try TestCamera(resolution: size, frameRate: 30, format: .yuv420, pacing: .none, numbered: true)
        let folder = try TemporaryFolder()
        let encoded = try run(
            "ffmpeg", ["-v", "error", "-f", "yuv4mpegpipe", "-i", "-"] + encoder + [folder.path("a.mkv")],
            input: y4m(try Take(camera, limit: 40).frames, frameRate: 30))
        #expect(encoded.status == 0, "\(encoded.errors)")
        let decoded = try run(
            "ffmpeg",
            [
                "-v", "error", "-i", folder.path("a.mkv"), "-vf", filter, "-f", "rawvideo", "-pix_fmt", "gray",
                "-fps_mode", "passthrough", "-",
            ])
        #expect(decoded.status == 0, "\(decoded.errors)")
        let size = output ?? size
        return decoded.output.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return [] }
            return (0..<bytes.count / size.pixelCount).map {
                FrameNumberCode.read(luma: start + $0 * size.pixelCount, stride: size.width, size: size)
            }
        }
    }

    @Test(
        "The code survives coding at low quality",
        arguments: [Resolution(64, 48), Resolution(176, 144), Resolution(640, 480), Resolution(1280, 720)],
        [
            ["-c:v", "libx264", "-crf", "45", "-preset", "ultrafast"], ["-c:v", "libx264", "-crf", "40"],
            ["-c:v", "mjpeg", "-q:v", "31"],
        ])
    func survivesCoding(size: Resolution, encoder: [String]) throws {
        #expect(try numbersAfter(encoder, size: size) == Array(0..<40))
    }

    @Test("The code survives scaling to half the size and full range", arguments: [Resolution(64, 48), .vga])
    func survivesScaling(size: Resolution) throws {
        let half = Resolution(size.width / 2, size.height / 2)
        let encoder = ["-c:v", "libx264", "-crf", "30", "-preset", "ultrafast"]
        for scale in ["scale=\(half.width):\(half.height)", "scale=\(half.width):\(half.height):flags=area"] {
            #expect(try numbersAfter(encoder, size: size, filter: scale, as: half) == Array(0..<40))
        }
        #expect(
            try numbersAfter(encoder, size: size, filter: "scale=in_range=limited:out_range=full") == Array(0..<40))
    }
}
