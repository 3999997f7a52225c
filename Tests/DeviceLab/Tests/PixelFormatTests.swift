// SPDX-License-Identifier: MIT

import CameraCore
import CameraDevices
import CameraImaging
import Foundation
import TestSupport
import Testing

extension DeviceLab {
    /// Every pixel format that vivid has.
    @Suite struct PixelFormatTests {
        private let size = Resolution(320, 180)

        /// What goes wrong with a format; nil when it works.
        private func flaw(of format: PixelFormat, _ path: String) throws -> String? {
            let camera = try V4L2Camera(
                path, configuration: SourceConfiguration(resolution: size, frameRate: 25, pixelFormat: format))
            defer { camera.close() }
            try camera.start()
            let frame = try camera.nextFrame()
            guard frame.format == camera.streams.first?.format, frame.size == size else {
                return "a frame of \(frame.format) and \(frame.size)"
            }
            let isGrey = frame.format == .grey || format.description.hasPrefix("Y16")
            let rgb = try #require(
                try FrameConverter(pool: BytePool()).convert(
                    frame, to: .rgb24, size: size, color: .unspecified))
            for (index, color) in ColorBars.colors.enumerated() {
                let column = index * 40 + 20
                var wanted = color.map { $0 * 255 }
                var samples = rgb.samples(column, 90)
                if isGrey {
                    // vivid draws grey with BT.709's weights in full range, whatever it says of it (v4l2-tpg-core.c).
                    wanted = [0.2126 * wanted[0] + 0.7152 * wanted[1] + 0.0722 * wanted[2]]
                    samples = [frame.samples(column, 90)[0]]
                    if rgb.samples(column, 90).max() != rgb.samples(column, 90).min() { return "grey has a colour" }
                }
                guard zip(samples, wanted).allSatisfy({ abs(Double($0) - $1) <= 9 }) else {
                    return "bar \(index) is \(samples) instead of \(wanted)"
                }
            }
            return nil
        }

        @Test func eachWorksOrIsRefusedWithThoseThatDo() throws {
            let path = try DeviceLab.vivid(0)
            try DeviceLab.reset(path)
            let probe = try V4L2Camera(path)
            try probe.setControl("osd_text_mode", to: .text("None"))
            probe.close()
            let formats = try #require(try V4L2Camera.available().first { $0.path == path }).formats.map(\.pixelFormat)
            #expect(formats.count == 83)
            var working: [String] = []
            var refused: [String] = []
            for format in formats {
                do {
                    let flaw = try flaw(of: format, path)
                    #expect(flaw == nil, "\(format)")
                    working.append(format.name)
                } catch let error as CameraError {
                    #expect(error.code == .unsupported, "\(error)")
                    #expect(error.description.contains("nv12, "), "\(error)")
                    #expect(error.description.contains("YVYU"), "\(error)")
                    refused.append(format.name)
                }
            }
            print("working: \(working.joined(separator: ", "))\nrefused: \(refused.joined(separator: ", "))")
            #expect(working.count == 41)
            #expect(working.count + refused.count == 83)
        }

        /// The fifth vivid of the lab.
        private func multiplanar() throws -> String {
            let found = try V4L2Camera.available().first { $0.driver == "vivid" && $0.isMultiplanar }
            return try #require(found, "the lab has no multi-planar vivid").path
        }

        @Test(arguments: [
            ("NM12", PixelFormat.nv12), ("NM21", .nv21), ("YM12", .yuv420), ("YM16", .yuv422), ("YUYV", .yuyv),
        ]) func planesInMemoriesOfTheirOwnHaveTheRightColors(code: String, format: PixelFormat) throws {
            let path = try multiplanar()
            try DeviceLab.reset(path)
            let camera = try V4L2Camera(
                path,
                configuration: SourceConfiguration(
                    resolution: size, frameRate: 10, pixelFormat: PixelFormat(code: code)))
            defer { camera.close() }
            try camera.setControl("osd_text_mode", to: .text("None"))
            try camera.start()
            let frame = try camera.nextFrame()
            #expect(frame.format == format)
            let descriptors = (0..<frame.planeCount).map { frame.plane($0).dmaBuffer?.descriptor }
            #expect(!descriptors.contains(nil))
            #expect(Set(descriptors).count == frame.planeCount)
            let rgb = try #require(
                try FrameConverter(pool: BytePool()).convert(frame, to: .rgb24, size: size, color: .unspecified))
            for (index, color) in ColorBars.colors.enumerated() {
                let samples = rgb.samples(index * 40 + 20, 90)
                #expect(zip(samples, color).allSatisfy { abs(Double($0) - $1 * 255) <= 9 }, "bar \(index): \(samples)")
            }
        }

        @Test func aMultiplanarCameraIsRecorded() throws {
            let folder = try TemporaryFolder()
            let result = try run(
                Bundle.main.bundleURL.appendingPathComponent("camera").path,
                ["record", "clip.mjpeg", "--camera", try multiplanar(), "--size", "320x180", "--fps", "5"]
                    + ["--frames", "10"], in: folder.url)
            #expect(result.status == 0, "\(result.errors)")
            let probed = try run(
                "ffprobe",
                ["-v", "error", "-count_frames", "-show_entries", "stream=width,nb_read_frames", "-of", "csv=p=0"]
                    + [folder.path("clip.mjpeg")])
            #expect(probed.text.contains("320,10"), "\(probed.text)\(probed.errors)")
        }

        /// A frame that is kept keeps its own memory open, and nothing else.
        @Test func buffersAreSharedAndDescriptorsAreClosed() throws {
            func openFiles() throws -> Int {
                try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
            }
            let camera = try DeviceLab.start()
            let frame = try camera.nextFrame()
            let shared = try #require(frame.plane(0).dmaBuffer)
            #expect(shared.byteCount >= frame.packedByteCount)
            // Seeking to the end tells a dma-buf's length, in whole pages (Documentation/driver-api/dma-buf.rst).
            #expect(lseek(shared.descriptor, 0, SEEK_END) >= shared.byteCount)
            camera.stop()
            let before = try openFiles()
            for _ in 0..<20 {
                try camera.start()
                _ = try camera.nextFrame()
                camera.stop()
            }
            #expect(try openFiles() == before)
            camera.close()
            #expect(lseek(shared.descriptor, 0, SEEK_END) >= shared.byteCount)
            withExtendedLifetime(frame) {}
        }
    }
}
