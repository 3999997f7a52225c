// SPDX-License-Identifier: MIT

import CameraCore
import CameraImaging
import Foundation
import Testing

/// Overlays and the drawing hook.
@Suite struct CanvasTests {
    private static let size = Resolution(64, 48)
    private static let drawable: [PixelFormat] = [
        .yuv420, .nv12, .nv21, .yuv422, .yuyv, .uyvy, .rgb24, .bgr24, .rgba, .bgra,
    ]

    private func blank(_ format: PixelFormat, _ color: ColorSpace = .bt709) throws -> Frame {
        try .plain(Color(red: 90, green: 90, blue: 90), Self.size, format, format.isRGB ? .sRGB : color)
    }

    /// Pixels of one colour.
    private func pixels(_ bytes: [UInt8], _ size: Resolution) -> [UInt8] {
        (0..<size.pixelCount).flatMap { _ in bytes }
    }

    private func expect(
        _ frame: Frame, _ x: Int, _ y: Int, _ expected: SIMD3<Double>, within tolerance: Double = 3,
        _ comment: String = "", at location: SourceLocation = #_sourceLocation
    ) {
        let found = frame.rgb(x, y)
        let worst = (0..<3).map { abs(found[$0] - expected[$0]) }.max() ?? .infinity
        #expect(worst <= tolerance, "\(comment) \(found) instead of \(expected)", sourceLocation: location)
    }

    @Test(arguments: drawable) func overlaysHaveTheirColours(_ format: PixelFormat) throws {
        let size = Resolution(16, 10)
        for space in [ColorSpace.bt601, .bt709, .jpeg] {
            let frame = try blank(format, space)
            for (own, bytes) in [
                (PixelFormat.rgb24, [200, 120, 40]), (.bgr24, [40, 120, 200]), (.rgba, [200, 120, 40, 255]),
                (.bgra, [40, 120, 200, 255]),
            ] as [(PixelFormat, [UInt8])] {
                let overlay = try PictureOverlay(pixels(bytes, size), size: size, format: own) {
                    $0.position = .at(x: 20, y: 12)
                }
                let made = try frame.styled { $0.overlays = [overlay] }
                for (x, y) in [(20, 12), (35, 21), (28, 16)] { expect(made, x, y, [200, 120, 40], "\(own)") }
                expect(made, 18, 12, [90, 90, 90])
                expect(made, 36, 22, [90, 90, 90])
                #expect(changedRegion(frame, made) == PixelRegion(x: 20, y: 12, size: size))
            }
        }
    }

    @Test func alphaCountsTwice() throws {
        let frame = try blank(.rgb24)
        let size = Resolution(8, 8)
        let overlay = try PictureOverlay(pixels([250, 250, 250, 128], size), size: size) {
            $0.alpha = 128
            $0.position = .center
        }
        let made = try frame.styled { $0.overlays = [overlay] }
        // A quarter of 250 and three of 90.
        expect(made, 32, 24, [130, 130, 130], within: 1)
        let hidden = try frame.styled {
            var overlay = overlay
            overlay.alpha = 0
            $0.overlays = [overlay]
        }
        #expect(hidden.packedData == frame.packedData)
    }

    @Test func chromaAtOddEdgesIsShared() throws {
        let frame = try blank(.yuv420, .jpeg)
        let size = Resolution(3, 3)
        let overlay = try PictureOverlay(pixels([255, 0, 0], size), size: size) { $0.position = .at(x: 5, y: 5) }
        let made = try frame.styled { $0.overlays = [overlay] }
        let whole = Colors.fromRGB([255, 0, 0], .jpeg)
        // One pixel of four, two of four, all of them.
        for (x, y, share) in [(4, 4, 0.25), (6, 4, 0.5), (6, 6, 1)] as [(Int, Int, Double)] {
            for channel in 1...2 {
                #expect(abs(made.sample(channel, x, y) - (128 + share * (whole[channel] - 128))) <= 1)
            }
        }
        #expect(abs(made.sample(0, 5, 5) - whole[0]) <= 1 && made.sample(0, 4, 5) == frame.sample(0, 4, 5))
    }

    @Test func laterOverlaysLieOnTop() throws {
        let size = Resolution(20, 20)
        let first = try PictureOverlay(pixels([255, 0, 0], size), size: size) { $0.position = .at(x: 0, y: 0) }
        let second = try PictureOverlay(pixels([0, 0, 255], size), size: size) { $0.position = .at(x: 10, y: 0) }
        let made = try blank(.rgb24).styled { $0.overlays = [first, second] }
        expect(made, 5, 5, [255, 0, 0])
        expect(made, 15, 5, [0, 0, 255])
    }

    @Test func overlaysAreScaledWithoutFringes() throws {
        let size = Resolution(8, 8)
        // A white disc whose transparent corners are black.
        let bytes = (0..<64).flatMap { index -> [UInt8] in
            (2..<6).contains(index % 8) && (2..<6).contains(index / 8) ? [255, 255, 255, 255] : [0, 0, 0, 0]
        }
        let overlay = try PictureOverlay(bytes, size: size) {
            $0.scaledSize = Resolution(40, 40)
            $0.position = .at(x: 4, y: 4)
        }
        let frame = try Frame.plain(.white, Self.size, .rgba, .sRGB)
        let made = try frame.styled { $0.overlays = [overlay] }
        #expect(made.samples(0).values.allSatisfy { $0 >= 253 })
        expect(try blank(.rgba).styled { $0.overlays = [overlay] }, 24, 24, [255, 255, 255])
    }

    @Test func overlaysPartlyOutsideAreCut() throws {
        let size = Resolution(20, 20)
        for format in Self.drawable {
            let frame = try blank(format)
            for (x, y, visible) in [
                (-7, -9, PixelRegion(x: 0, y: 0, size: Resolution(13, 11))),
                (51, 41, PixelRegion(x: 51, y: 41, size: Resolution(13, 7))), (-20, 0, nil), (Int.max, Int.min, nil),
            ] as [(Int, Int, PixelRegion?)] {
                let overlay = try PictureOverlay(pixels([255, 255, 255], size), size: size) {
                    $0.position = .at(x: x, y: y)
                }
                let made = try frame.styled { $0.overlays = [overlay] }
                #expect(changedRegion(frame, made) == visible, "\(format)")
            }
        }
    }

    @Test func wrongOverlaysAreRefused() throws {
        let size = Resolution(4, 4)
        func refusal(_ make: () throws -> Void) -> CameraError? {
            do {
                try make()
                return nil
            } catch {
                return error as? CameraError
            }
        }
        let short = refusal { _ = try PictureOverlay([1, 2, 3], size: size) }
        #expect(short?.code == .invalidValue && short?.description.contains("48 or 64") == true)
        let wrong = refusal { _ = try PictureOverlay(self.pixels([1, 2, 3], size), size: size, format: .rgba) }
        #expect(wrong?.code == .invalidValue && wrong?.description.contains("64") == true)
        #expect(refusal { _ = try PictureOverlay([], size: size, format: .nv12) }?.code == .unsupported)
        #expect(refusal { _ = try PictureOverlay([], size: Resolution(0, 0)) }?.code == .invalidValue)
        let large = Resolution(65, 10)
        let overlay = try PictureOverlay(pixels([1, 2, 3], large), size: large)
        let error = refusal { _ = try self.blank(.nv12).styled { $0.overlays = [overlay] } }
        #expect(error?.code == .invalidValue)
        #expect(error?.description.contains("65x10") == true && error?.description.contains("64x48") == true)
        let stretched = refusal {
            _ = try self.blank(.nv12).styled {
                var overlay = overlay
                overlay.scaledSize = Resolution(0, 9)
                $0.overlays = [overlay]
            }
        }
        #expect(stretched?.code == .invalidValue)
    }

    @Test(arguments: drawable) func rectanglesAreExact(_ format: PixelFormat) throws {
        let frame = try blank(format)
        let box = PixelRegion(x: 10, y: 8, size: Resolution(20, 12))
        let color = Color(red: 10, green: 200, blue: 90)
        let made = try frame.styled { $0.drawing = { $0.fill(box, color) } }
        #expect(changedRegion(frame, made) == box)
        for (x, y) in [(10, 8), (29, 19), (20, 14)] { expect(made, x, y, [10, 200, 90]) }
        let edges = try frame.styled { $0.drawing = { $0.outline(box, color, width: 2) } }
        #expect(changedRegion(frame, edges) == box)
        for (x, y) in [(10, 8), (29, 19), (11, 14), (20, 19)] { expect(edges, x, y, [10, 200, 90]) }
        expect(edges, 20, 14, [90, 90, 90])
    }

    @Test func shapesAreCutAtTheEdges() throws {
        let frame = try blank(.nv12)
        let huge = PixelRegion(x: -100, y: -100, size: Resolution(.max, .max))
        let all = try frame.styled { $0.drawing = { $0.fill(huge, .red) } }
        expect(all, 0, 0, [255, 0, 0], within: 4)
        expect(all, 63, 47, [255, 0, 0], within: 4)
        let far = try frame.styled {
            $0.drawing = {
                $0.fill(PixelRegion(x: .max, y: .min, size: Resolution(.max, .max)), .red)
                $0.fill(PixelRegion(x: 5, y: 5, size: Resolution(-3, 4)), .red)
                $0.outline(PixelRegion(x: .min, y: .max, size: Resolution(.max, .min)), .red, width: .max)
                $0.line(from: (.min, .min), to: (-9, .max), .red)
                $0.line(from: (0, 0), to: (9, 9), .red, width: -1)
            }
        }
        #expect(far.packedData == frame.packedData)
        let across = try frame.styled { $0.drawing = { $0.line(from: (-1000, 24), to: (1000, 24), .red, width: 4) } }
        #expect(changedRegion(frame, across)?.size.width == 64)
    }

    @Test func linesAreAsWideAsAsked() throws {
        let frame = try blank(.rgb24)
        let made = try frame.styled { $0.drawing = { $0.line(from: (10, 10), to: (50, 40), .white, width: 3) } }
        expect(made, 10, 10, [255, 255, 255])
        expect(made, 30, 25, [255, 255, 255])
        expect(made, 30, 30, [90, 90, 90])
        let column = (0..<48).filter { made.rgb(30, $0)[0] > 172 }.count
        // Three pixels across the line are 3.75 from top to bottom.
        #expect((3...5).contains(column))
    }

    @Test func translucentShapesBlendOnce() throws {
        let frame = try blank(.nv12, .jpeg)
        var red = Color.red
        red.alpha = 128
        let made = try frame.styled { style in
            style.drawing = { [red] in $0.fill(PixelRegion(x: 0, y: 0, size: Self.size), red) }
        }
        let first = made.rgb(1, 1)
        for y in stride(from: 0, to: 48, by: 5) { #expect(made.rgb(33, y) == first) }
        expect(made, 1, 1, [173, 45, 45])
    }

    @Test func bytesAreTheUsers() throws {
        let frame = try blank(.nv12)
        let made = try frame.styled {
            $0.drawing = { canvas in
                #expect(canvas.format == .nv12 && canvas.size == Self.size && canvas.color.matrix == .bt709)
                #expect(canvas.info.sequence == 44)
                let stride = canvas.stride(ofPlane: 0)
                var luma = canvas.bytes(ofPlane: 0)
                #expect(luma.byteCount == stride * Self.size.height)
                luma.storeBytes(of: 200, toByteOffset: 3 * stride + 7, as: UInt8.self)
            }
        }
        #expect(made.sample(0, 7, 3) == 200)
        #expect(changedRegion(frame, made) == PixelRegion(x: 7, y: 3, size: Resolution(1, 1)))
    }

    @Test func errorsOfTheHookArrive() throws {
        struct Mine: Error {}
        let error = #expect(throws: CameraError.self) {
            try blank(.nv12).styled { $0.drawing = { _ in throw Mine() } }
        }
        #expect(error?.underlying is Mine)
    }

    @Test func theOrderIsThatOfTheStyle() throws {
        // Left half black, right half white; a quarter turn clockwise brings the left edge to the top.
        let frame = try Frame.laidDown(
            Picture(64, 48) { x, _ in x < 32 ? SIMD3(0, 0, 0) : SIMD3(255, 255, 255) }, .rgb24)
        let size = Resolution(6, 6)
        let overlay = try PictureOverlay(pixels([255, 0, 0], size), size: size)
        let made = try frame.styled {
            $0.zoom = ZoomRegion(x: 0.5, y: 0, width: 0.5, height: 1)
            $0.transform = Transform(rotation: .clockwise90)
            $0.effect = .negative
            $0.overlays = [overlay]
            $0.drawing = { $0.fill(PixelRegion(x: 3, y: 0, size: Resolution(1, 1)), .blue) }
        }
        #expect(made.size == Resolution(48, 64))
        // Only white is left by the zoom, which the effect makes black; the overlay stays red, and blue lies over it.
        expect(made, 20, 40, [0, 0, 0])
        expect(made, 1, 1, [255, 0, 0])
        expect(made, 3, 0, [0, 0, 255])
    }

    @Test func aFrameWithoutAStyleIsItself() throws {
        let frame = try blank(.nv12)
        let plain = try PreparedStyle(PictureStyle())
        #expect(plain.isPlain)
        let made = try FrameConverter(pool: BytePool()).convert(
            frame, to: .nv12, size: Self.size, color: .bt709, style: plain)
        #expect(made === frame)
    }

    @Test func onlyTheResultTakesFromThePool() throws {
        let pool = BytePool(limit: 1)
        let converter = FrameConverter(pool: pool)
        var style = PictureStyle()
        style.effect = .posterise
        style.colorEffects = ColorEffects(u: 90, v: 150)
        let prepared = try PreparedStyle(style)
        let frame = try blank(.nv12)
        for format in [PixelFormat.nv12, .rgb24, .yuyv] {
            let color = format.isRGB ? ColorSpace.sRGB : .bt709
            let kept = try converter.convert(frame, to: format, size: Self.size, color: color, style: prepared)
            #expect(kept?.format == format && kept?.isLoan == true)
            #expect(try converter.convert(frame, to: format, size: Self.size, color: color, style: prepared) == nil)
        }
        #expect(pool.outstanding == 0)
    }

    @Test func compressedResultsCannotBeDrawnOn() throws {
        let frame = try blank(.nv12)
        var style = PictureStyle()
        style.colorEffects = .blackAndWhite
        let prepared = try PreparedStyle(style)
        let error = #expect(throws: CameraError.self) {
            try FrameConverter(pool: BytePool()).convert(
                frame, to: .mjpeg, size: Self.size, color: .bt709, style: prepared)
        }
        #expect(error?.code == .unsupported)
    }

    @Test func leavesPicturesToLookAt() throws {
        let frame = try Frame.made(by: "mandelbrot", Resolution(640, 360), .nv12)
        let logo = (0..<64 * 64).flatMap { index -> [UInt8] in
            let (x, y) = (Double(index % 64) - 31.5, Double(index / 64) - 31.5)
            let distance = (x * x + y * y).squareRoot()
            return [255, UInt8(4 * (index % 64)), 40, UInt8(max(0, min(255, (31 - distance) * 60)))]
        }
        let size = Resolution(64, 64)
        try frame.styled {
            $0.overlays = [
                try PictureOverlay(logo, size: size) { $0.position = .topLeft },
                try PictureOverlay(logo, size: size) {
                    $0.position = .topRight
                    $0.scaledSize = Resolution(150, 150)
                    $0.alpha = 160
                },
                try PictureOverlay(logo, size: size) { $0.position = .at(x: -20, y: 320) },
            ]
            $0.drawing = { canvas in
                canvas.line(from: (60, 60), to: (500, 300), .yellow, width: 5)
                canvas.line(from: (60, 300), to: (500, 290), Color(red: 0, green: 255, blue: 0, alpha: 128), width: 12)
                canvas.outline(PixelRegion(x: 200, y: 100, size: Resolution(120, 90)), .red, width: 3)
                canvas.fill(
                    PixelRegion(x: 350, y: 40, size: Resolution(99, 77)), Color(red: 0, green: 0, blue: 255, alpha: 100)
                )
            }
        }.leave(as: "canvas")
    }
}
