// SPDX-License-Identifier: MIT

import CameraCore
import CameraDevices
import Foundation
import TestSupport
import Testing

extension DeviceLab {
    /// V4L2 cameras over the kernel's test driver.
    @Suite struct V4L2CameraTests {
        /// What the samples of a colour must be: BT.601 in limited range, or red, green and blue in full range.
        ///
        /// Grey pictures vivid draws with BT.709's weights in full range, whatever it says of them (v4l2-tpg-core.c).
        private func expected(_ color: [Double], _ format: PixelFormat) -> [Double] {
            if format.isRGB { return color.map { $0 * 255 } }
            if format == .grey { return [255 * (0.2126 * color[0] + 0.7152 * color[1] + 0.0722 * color[2])] }
            let luma = 0.299 * color[0] + 0.587 * color[1] + 0.114 * color[2]
            return [16 + 219 * luma, 128 + 224 * (color[2] - luma) / 1.772, 128 + 224 * (color[0] - luma) / 1.402]
        }

        @Test(arguments: [
            PixelFormat.yuyv, .uyvy, .nv12, .nv21, .yuv420, .yuv422, .grey, .rgb24, .bgr24,
        ]) func everyFormatHasTheRightColorsInTheRightPlaces(format: PixelFormat) throws {
            let camera = try DeviceLab.start(format: format)
            defer { camera.close() }
            #expect(camera.streams.map(\.format) == [format])
            #expect(camera.streams.map(\.frameRate) == [15])
            #expect(camera.streams.first?.color.matrix == (format.isRGB ? .rgb : .bt601))
            #expect(camera.streams.first?.color.range == (format.isRGB ? .full : .limited))
            let frame = try camera.nextFrame()
            #expect(frame.format == format)
            #expect(frame.size == Resolution(320, 180))
            for (index, color) in ColorBars.colors.enumerated() {
                for row in [3, 90, 176] {
                    let samples = frame.samples(index * 40 + 20, row)
                    let wanted = expected(color, format)
                    #expect(
                        zip(samples, wanted).allSatisfy { abs(Double($0) - $1) <= 4 },
                        "bar \(index), row \(row): \(samples) instead of \(wanted)")
                }
            }
        }

        @Test(arguments: [(PixelFormat.yuyv, 2.0), (.nv12, 1.5), (.rgb24, 3.0)])
        func framesFollowEachOther(format: PixelFormat, bytesPerPixel: Double) throws {
            let camera = try DeviceLab.start(format: format, size: .vga)
            defer { camera.close() }
            var last: FrameInfo?
            for _ in 0..<10 {
                let frame = try camera.nextFrame()
                #expect(frame.packedByteCount == Int(640 * 480 * bytesPerPixel))
                // The monotonic clock, though vivid's times of the frame's end lie a little ahead.
                let now = Timestamp.now
                #expect((now - .seconds(10)...now + .seconds(10)).contains(frame.info.timestamp))
                if let last {
                    #expect(frame.info.sequence > last.sequence)
                    #expect(frame.info.timestamp > last.timestamp)
                }
                last = frame.info
            }
            #expect(camera.counts == SourceCounts())
        }

        @Test(arguments: [2, 3, 4]) func aUserWhoKeeps100FramesLosesNothingThroughUs(bufferCount: Int) throws {
            let camera = try DeviceLab.start(frameRate: 60, bufferCount: bufferCount, copyLimit: 100)
            // The text counts frames, so that no two pictures are alike.
            try camera.setControl("osd_text_mode", to: .text("All"))
            var kept: [(frame: Frame, bytes: [UInt8])] = []
            for _ in 0..<100 {
                let frame = try camera.nextFrame()
                kept.append((frame, frame.packed))
            }
            #expect(camera.counts.framesNotCopied == 0)
            #expect(camera.counts.framesCopied >= 100 - bufferCount)
            camera.close()
            #expect(kept.allSatisfy { $0.frame.packed == $0.bytes })
            #expect(zip(kept, kept.dropFirst()).allSatisfy { $0.frame.info.sequence < $1.frame.info.sequence })
        }

        @Test func framesStayValidAcrossStopStartAndClose() throws {
            let camera = try DeviceLab.start()
            var kept: [(frame: Frame, bytes: [UInt8])] = []
            for run in 0..<3 {
                if run > 0 { try camera.start() }
                try camera.setControl("brightness", to: .integer(Int64(run) * 60 + 60))
                for _ in 0..<4 {
                    let frame = try camera.nextFrame()
                    kept.append((frame, frame.packed))
                }
                camera.stop()
            }
            try camera.configure(SourceConfiguration(resolution: .vga, pixelFormat: .nv12))
            try camera.start()
            #expect(try camera.nextFrame().size == .vga)
            camera.close()
            #expect(!kept.filter(\.frame.isLoan).isEmpty)
            #expect(kept.allSatisfy { $0.frame.packed == $0.bytes })
        }

        @Test func colorsAreThoseOfTheDriver() throws {
            let path = try DeviceLab.vivid(0)
            try DeviceLab.reset(path)
            let camera = try V4L2Camera(path, configuration: SourceConfiguration(pixelFormat: .nv12))
            defer { camera.close() }
            try camera.setControl("colorspace", to: .text("Rec. 709"))
            try camera.configure(SourceConfiguration())
            #expect(camera.streams.first?.color == .bt709)
            try camera.setControl("quantization", to: .text("Full Range"))
            try camera.configure(SourceConfiguration())
            #expect(camera.streams.first?.color.range == .full)
        }

        @Test func aSizeThatTheCameraHasNotIsRefusedWithThoseItHas() throws {
            let error = try #require(throws: CameraError.self) {
                try V4L2Camera(
                    try DeviceLab.vivid(0), configuration: SourceConfiguration(resolution: Resolution(333, 222)))
            }
            #expect(error.code == .unsupported)
            #expect(error.description.contains("320x180, 640x360, 640x480"))
        }

        @Test func controlsAreNamedAsV4L2ctlNamesThem() throws {
            let path = try DeviceLab.vivid(0)
            let listing = try run("v4l2-ctl", ["-d", path, "-l"]).text
            let wanted = listing.split(separator: "\n").compactMap { line -> String? in
                let words = line.split(separator: " ")
                return words.count > 2 && words[1].hasPrefix("0x") ? String(words[0]) : nil
            }
            #expect(wanted.count > 40)
            let camera = try V4L2Camera(path)
            defer { camera.close() }
            #expect(try camera.controls().map(\.name) == wanted)
        }

        @Test func controlsThatAreSetAreThoseThatV4L2ctlReads() throws {
            let path = try DeviceLab.vivid(0)
            try DeviceLab.reset(path)
            let camera = try V4L2Camera(path)
            defer { camera.close() }
            for (name, value, wanted) in [
                ("brightness", ControlValue.integer(77), "77"),
                ("integer_64_bits", .integer(-5_000_000_000), "-5000000000"),
                ("menu", .text("Menu Item 1"), "1 (Menu Item 1)"), ("string", .text("abc"), "'abc'"),
                ("horizontal_flip", .text("on"), "1"), ("bitmask", .integer(0x40_2010), "4202512"),
            ] {
                try camera.setControl(name, to: value)
                let told = try run("v4l2-ctl", ["-d", path, "-C", name]).text
                #expect(told.contains("\(name): \(wanted)"), "\(told)")
            }
            try DeviceLab.reset(path)
        }
    }
}
