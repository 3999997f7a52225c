// SPDX-License-Identifier: MIT

import CameraCore
import CameraImaging
import Testing

/// Colours as the standards have them, there and back.
@Suite struct ColorTests {
    static let spaces: [ColorSpace] = [
        .bt601, .bt709, .jpeg, .unspecified,
        ColorSpace(primaries: .bt709, transfer: .bt709, matrix: .bt709, range: .full),
        ColorSpace(primaries: .bt2020, transfer: .bt709, matrix: .bt2020, range: .limited),
        ColorSpace(primaries: .bt2020, transfer: .bt709, matrix: .bt2020, range: .full),
    ]
    static let chromaLayouts = layouts.filter { !$0.isRGB && $0 != .grey }
    static let side = 6

    /// The 24 patches of the ColorChecker chart in sRGB.
    ///
    /// Source: X-Rite, "Colorimetric values for ColorChecker family of targets", sRGB column.
    static let chart: [SIMD3<Double>] = [
        [115, 82, 68], [194, 150, 130], [98, 122, 157], [87, 108, 67], [133, 128, 177], [103, 189, 170],
        [214, 126, 44], [80, 91, 166], [193, 90, 99], [94, 60, 108], [157, 188, 64], [224, 163, 46],
        [56, 61, 150], [70, 148, 73], [175, 54, 60], [231, 199, 31], [187, 86, 149], [8, 133, 161],
        [243, 243, 242], [200, 200, 200], [160, 160, 160], [122, 122, 121], [85, 85, 85], [52, 52, 52],
    ]

    /// All colours in steps of 17, among them the corners of the cube.
    static let cube: [SIMD3<Double>] = (0..<4096).map { index in
        let steps = SIMD3<Int>(index / 256, index / 16 % 16, index % 16)
        return SIMD3<Double>(steps) * 17
    }

    /// Patches of 6x6 pixels, 24 in a row: the middle of a patch has only its own colour around it.
    private func patches(_ colors: [SIMD3<Double>]) -> Picture {
        Picture(24 * Self.side, (colors.count + 23) / 24 * Self.side) { x, y in
            colors[min(colors.count - 1, y / Self.side * 24 + x / Self.side)]
        }
    }

    @Test(arguments: spaces, chromaLayouts)
    func colorsComeBack(through space: ColorSpace, in layout: PixelFormat) throws {
        let converter = FrameConverter(pool: BytePool())
        for colors in [Self.chart, Self.cube] {
            let picture = patches(colors)
            let size = Resolution(picture.width, picture.height)
            for rgb in [PixelFormat.rgb24, .bgra] {
                let frame = try Frame.laidDown(picture, rgb)
                let there = try #require(try converter.convert(frame, to: layout, size: size, color: space))
                #expect(there.color == space)
                let back = try #require(try converter.convert(there, to: rgb, size: size, color: .sRGB)).picture
                for (index, color) in colors.enumerated() {
                    let (x, y) = (index % 24 * Self.side + 2, index / 24 * Self.side + 2)
                    let found = SIMD3(back.planes[0][x, y], back.planes[1][x, y], back.planes[2][x, y])
                    let worst = pointwiseMax(found - color, color - found).max()
                    #expect(worst <= 2, "\(color) came back as \(found)")
                }
            }
        }
    }

    @Test(arguments: spaces)
    func numbersAreThoseOfTheStandard(_ space: ColorSpace) throws {
        let converter = FrameConverter(pool: BytePool())
        let picture = patches(Self.cube)
        let frame = try Frame.laidDown(picture, .rgba)
        let size = frame.size
        let result = try #require(try converter.convert(frame, to: .yuv420, size: size, color: space)).picture
        for (index, color) in Self.cube.enumerated() {
            let (x, y) = (index % 24 * Self.side + 2, index / 24 * Self.side + 2)
            let found = SIMD3(result.planes[0][x, y], result.planes[1][x / 2, y / 2], result.planes[2][x / 2, y / 2])
            let expected = Colors.fromRGB(color, space).clamped(
                lowerBound: SIMD3(repeating: 0), upperBound: SIMD3(repeating: 255))
            #expect(pointwiseMax(found - expected, expected - found).max() <= 0.55)
        }
    }

    @Test(arguments: spaces, spaces)
    func yuvBecomesYUV(from source: ColorSpace, to target: ColorSpace) throws {
        let converter = FrameConverter(pool: BytePool())
        let picture = patches(Self.chart)
        let size = Resolution(picture.width, picture.height)
        let frame = try Frame.laidDown(picture, .rgb24)
        let before = try #require(try converter.convert(frame, to: .nv12, size: size, color: source))
        let after = try #require(try converter.convert(before, to: .yuv422, size: size, color: target))
        let (old, new) = (before.picture, after.picture)
        for index in Self.chart.indices {
            let (x, y) = (index * Self.side + 2, 2)
            let pixel = SIMD3(old.planes[0][x, y], old.planes[1][x / 2, y / 2], old.planes[2][x / 2, y / 2])
            let found = SIMD3(new.planes[0][x, y], new.planes[1][x / 2, y], new.planes[2][x / 2, y])
            let expected = Colors.fromRGB(Colors.toRGB(pixel, source), target)
            #expect(pointwiseMax(found - expected, expected - found).max() <= 0.55, "patch \(index)")
        }
    }

    @Test(arguments: [PixelFormat.grey, .yuv420, .nv12, .yuyv, .rgb24])
    func rangeOfGreyChanges(into layout: PixelFormat) throws {
        let converter = FrameConverter(pool: BytePool())
        let size = Resolution(256, 2)
        for (source, target) in [(ColorSpace.bt601, ColorSpace.jpeg), (.jpeg, .bt601), (.bt709, .jpeg)] {
            let ramp = Picture(
                planes: [Samples(256, 2) { x, _ in Double(x) }], color: source, sharing: (1, 1))
            let frame = try Frame.laidDown(ramp, .grey)
            let result = try #require(try converter.convert(frame, to: layout, size: size, color: target))
            let toFull = layout.isRGB || target.range == .full
            for x in 0..<256 {
                let signal = source.range == .full ? Double(x) : (Double(x) - 16) * 255 / 219
                let expected = toFull ? signal : 16 + signal * 219 / 255
                #expect(abs(result.samples(0)[x, 1] - max(0, min(255, expected))) <= 0.55, "\(x)")
            }
            if !layout.isRGB && layout != .grey {
                #expect(Set(result.samples(1).values + result.samples(2).values) == [128])
            }
        }
    }

    @Test func namesOfColorsFollowTheLayout() throws {
        let converter = FrameConverter(pool: BytePool())
        let frame = try Frame.laidDown(Picture.soft(8, 8), .rgb24)
        let yuv = try #require(try converter.convert(frame, to: .yuv420, size: frame.size, color: .sRGB))
        #expect(yuv.color == .jpeg)
        let rgb = try #require(try converter.convert(yuv, to: .rgba, size: frame.size, color: .bt709))
        #expect(rgb.color.matrix == .rgb && rgb.color.range == .full && rgb.color.primaries == .bt709)
    }

    @Test func unknownMatrixIsRefusedOnlyWhereItMatters() throws {
        let converter = FrameConverter(pool: BytePool())
        var color = ColorSpace.bt709
        color.matrix = ColorSpace.Matrix(rawValue: 8)
        var picture = Picture.soft(16, 16).recolored(.bt709).shared(2, 2)
        picture.color = color
        let frame = try Frame.laidDown(picture, .yuv420)
        let kept = try #require(try converter.convert(frame, to: .nv12, size: frame.size, color: color))
        #expect(kept.picture.planes == frame.picture.planes)
        for (format, target) in [(PixelFormat.rgb24, ColorSpace.sRGB), (.yuv420, .bt601)] {
            let error = #expect(throws: CameraError.self) {
                try converter.convert(frame, to: format, size: frame.size, color: target)
            }
            #expect(error?.code == .unsupported)
        }
    }
}
