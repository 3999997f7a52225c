// SPDX-License-Identifier: MIT

import CameraCore
import CameraDevices
import CameraImaging
import Foundation
import TestSupport
import Testing

extension DeviceLab {
    /// What vivid delivers behind a filter of one colour over each pixel.
    @Suite struct BayerTests {
        private static let size = Resolution(320, 180)

        @Test(arguments: [PixelFormat.rggb8, .rggb10, .rggb12, .grbg16])
        func theBarsHaveTheirColors(format: PixelFormat) throws {
            let camera = try DeviceLab.start(format: format)
            defer { camera.close() }
            let frame = try camera.nextFrame()
            #expect(frame.format == format && frame.size == Self.size)
            let pattern = try #require(frame.format.bayer)
            let precise = try frame.bayerPixels().demosaiced(pattern)
            let bytes = try frame.rgbPixels()
            for (index, color) in ColorBars.colors.enumerated() {
                for channel in 0..<3 {
                    let part = Double(precise[90, index * 40 + 20, channel]) / Double(pattern.largest)
                    #expect(abs(part - color[channel]) < 0.035, "bar \(index), channel \(channel): \(part)")
                    let byte = Double(bytes[90, index * 40 + 20, channel])
                    #expect(abs(byte - color[channel] * 255) <= 9, "bar \(index), channel \(channel): \(byte)")
                }
            }
        }

        /// The tool's picture, developed by LibRaw.
        @Test(arguments: [PixelFormat.rggb8, .rggb10]) func aNegativeIsDeveloped(format: PixelFormat) throws {
            let path = try DeviceLab.vivid(0)
            try DeviceLab.reset(path)
            let probe = try V4L2Camera(path)
            try probe.setControl("osd_text_mode", to: .text("None"))
            probe.close()
            let folder = try TemporaryFolder()
            let taken = try run(
                Bundle.main.bundleURL.appendingPathComponent("camera").path,
                ["still", "raw.dng", "--camera", path, "--raw-format", format.name, "--size", "320x180"],
                in: folder.url)
            #expect(taken.status == 0, "\(taken.errors)")
            let developed = try run(
                "dcraw_emu", ["-4", "-q", "0", "-c", "0", "-o", "0", "-r", "1", "1", "1", "1", "raw.dng"],
                in: folder.url)
            #expect(developed.status == 0, "\(developed.errors)")
            let picture = try PortableMap(Data(contentsOf: folder.file("raw.dng.ppm")))
            #expect(picture.size == Self.size && picture.channels == 3)
            for (index, color) in ColorBars.colors.enumerated() {
                for channel in 0..<3 {
                    let part = Double(picture[90, index * 40 + 20, channel]) / 65535
                    #expect(abs(part - color[channel]) < 0.035, "bar \(index), channel \(channel): \(part)")
                }
            }
        }
    }
}
