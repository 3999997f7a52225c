// SPDX-License-Identifier: MIT

import CameraCore
import CameraImaging
import TestSupport
import Testing

/// Parts of pictures.
@Suite struct CropTests {
    private let converter = FrameConverter(pool: BytePool())

    @Test(arguments: layouts) func cutsExactly(_ layout: PixelFormat) throws {
        let frame = try Frame.made(by: "testsrc2", Resolution(64, 48), layout, layout.isRGB ? .sRGB : .bt601)
        let part = PixelRegion(x: 6, y: 10, size: Resolution(32, 20))
        let result = try #require(
            try converter.convert(frame, to: layout, size: part.size, color: frame.color, crop: part))
        let (across, down) = layout.sharing
        for channel in 0..<layout.channelCount {
            let (all, made) = (frame.samples(channel), result.samples(channel))
            let (stepX, stepY) = channel == 0 ? (1, 1) : (across, down)
            let expected = Samples(made.width, made.height) { all[part.x / stepX + $0, part.y / stepY + $1] }
            #expect(made == expected, "channel \(channel)")
        }
    }

    @Test(arguments: [PixelFormat.yuv420, .nv12, .yuyv, .rgb24, .bgra], [false, true])
    func scalesAndTurnsWhatWasCut(_ layout: PixelFormat, _ turns: Bool) throws {
        let size = Resolution(320, 240)
        let frame = try Frame.made(by: "testsrc2", size, layout, layout.isRGB ? .sRGB : .bt601)
        let part = PixelRegion(x: 80, y: 60, size: Resolution(160, 120))
        let target = turns ? Resolution(240, 320) : size
        let result = try #require(
            try converter.convert(
                frame, to: layout, size: target, color: frame.color, crop: part,
                transform: Transform(rotation: turns ? .clockwise90 : .none)))
        let reference = try frame.filtered(
            by: "crop=160:120:80:60,scale=320:240:flags=bilinear+accurate_rnd+full_chroma_int"
                + (turns ? ",transpose=clock" : ""), to: target)
        for channel in 0..<layout.channelCount {
            // Colours at hard edges depend on where the scaler thinks that samples lie.
            let likeness = likeness(result.samples(channel), reference.samples(channel))
            #expect(likeness > (channel == 0 ? 33 : 28), "channel \(channel): \(likeness) dB")
        }
    }

    @Test func cutsJPEGPicturesOfAnySharing() throws {
        let size = Resolution(96, 64)
        let part = PixelRegion(x: 20, y: 14, size: Resolution(40, 30))
        for factors in ["1x1", "2x1", "2x2", "1x2", "4x1"] {
            let source = try Frame.made(by: "testsrc2", size, .rgb24, .sRGB)
            let end = try run(
                "convert",
                ["-size", "96x64", "-depth", "8", "rgb:-", "-sampling-factor", factors, "-quality", "95", "jpg:-"],
                input: source.packedData)
            try #require(end.status == 0, "\(end.errors)")
            let frame = try Frame.jpeg(end.output, size)
            let whole = try #require(try converter.convert(frame, to: .rgb24, size: size, color: .sRGB))
            let result = try #require(
                try converter.convert(frame, to: .rgb24, size: part.size, color: .sRGB, crop: part))
            let expected = try #require(
                try converter.convert(whole, to: .rgb24, size: part.size, color: .sRGB, crop: part))
            for channel in 0..<3 {
                // At the edges chroma has other neighbours.
                let likeness = likeness(result.samples(channel), expected.samples(channel))
                #expect(likeness > 24, "\(factors), channel \(channel): \(likeness) dB")
            }
        }
    }

    @Test func oddPartsAreMovedToWholeChroma() throws {
        let frame = try Frame.plain(.red, Resolution(33, 17), .yuv420, .bt601)
        for part in [
            PixelRegion(x: 1, y: 1, size: Resolution(1, 1)), PixelRegion(x: 32, y: 16, size: Resolution(1, 1)),
            PixelRegion(x: 31, y: 3, size: Resolution(2, 14)), PixelRegion(x: 0, y: 0, size: Resolution(33, 1)),
        ] {
            for size in [part.size, Resolution(40, 30)] {
                let result = try converter.convert(frame, to: .nv12, size: size, color: frame.color, crop: part)
                #expect(result?.size == size)
            }
        }
    }

    @Test(arguments: [
        PixelRegion(x: -1, y: 0, size: Resolution(8, 8)), PixelRegion(x: 60, y: 0, size: Resolution(8, 8)),
        PixelRegion(x: 0, y: 0, size: Resolution(0, 8)), PixelRegion(x: 0, y: 41, size: Resolution(8, 8)),
        PixelRegion(x: .max, y: 0, size: Resolution(8, 8)),
    ]) func refusesPartsOutside(_ part: PixelRegion) throws {
        let frame = try Frame.made(by: "testsrc2", Resolution(64, 48), .yuv420)
        let error = #expect(throws: CameraError.self) {
            try converter.convert(frame, to: .yuv420, size: Resolution(8, 8), color: frame.color, crop: part)
        }
        #expect(error?.code == .invalidValue)
        #expect(error?.description.contains("64x48") == true)
    }

    @Test func zoomShowsAPartAtFullSize() throws {
        let frame = try Frame.made(by: "testsrc2", Resolution(320, 240), .nv12)
        let made = try frame.styled { $0.zoom = ZoomRegion(x: 0.25, y: 0.5, width: 0.5, height: 0.5) }
        let reference = try frame.filtered(by: "crop=160:120:80:120,scale=320:240:flags=bilinear+accurate_rnd")
        #expect(likeness(made.samples(0), reference.samples(0)) > 33)
        #expect(throws: CameraError.self) { try frame.styled { $0.zoom.width = 1.5 } }
        #expect(throws: CameraError.self) { try frame.styled { $0.zoom.width = 0 } }
        #expect(throws: CameraError.self) { try frame.styled { $0.zoom.x = .nan } }
    }
}
