// SPDX-License-Identifier: MIT

import CameraCore
import CameraImaging
import Testing

/// Sizes and positions.
@Suite struct GeometryTests {
    static let transforms = Transform.Rotation.allCases.flatMap { rotation in
        [(false, false), (true, false), (false, true), (true, true)].map {
            Transform(rotation: rotation, hflip: $0.0, vflip: $0.1)
        }
    }

    /// Numbers that make every place different.
    private func noise(_ width: Int, _ height: Int, _ seed: Int) -> Samples {
        Samples(width, height) { x, y in Double((x &* 73 ^ y &* 151 ^ (x + seed) &* (y + 3) &* 31) & 255) }
    }

    private func noisy(_ format: PixelFormat, _ size: Resolution) -> Picture {
        let (across, down) = format.sharing
        let chroma = Resolution((size.width + across - 1) / across, (size.height + down - 1) / down)
        return Picture(
            planes: [
                noise(size.width, size.height, 0), noise(chroma.width, chroma.height, 1),
                noise(chroma.width, chroma.height, 2),
            ], color: format.isRGB ? .sRGB : .bt601, sharing: (across, down))
    }

    /// A pixel of the turned picture is looked up in the picture before: first the flips are undone, then the rotation.
    private func turned(_ samples: Samples, _ transform: Transform) -> Samples {
        let (width, height) =
            transform.swapsSides ? (samples.height, samples.width) : (samples.width, samples.height)
        return Samples(width, height) { x, y in
            let column = transform.hflip ? width - 1 - x : x
            let row = transform.vflip ? height - 1 - y : y
            return switch transform.rotation {
            case .none: samples[column, row]
            case .clockwise90: samples[row, samples.height - 1 - column]
            case .half: samples[samples.width - 1 - column, samples.height - 1 - row]
            case .clockwise270: samples[samples.width - 1 - row, column]
            }
        }
    }

    @Test(arguments: layouts, transforms)
    func turnsExactly(_ layout: PixelFormat, _ transform: Transform) throws {
        let converter = FrameConverter(pool: BytePool())
        for size in [Resolution(64, 48), Resolution(33, 17), Resolution(1, 1), Resolution(200, 3)] {
            let frame = try Frame.laidDown(noisy(layout, size), layout, padding: 3)
            let target = transform.swapsSides ? Resolution(size.height, size.width) : size
            let result = try #require(
                try converter.convert(frame, to: layout, size: target, color: frame.color, transform: transform))
            // Quarter turns of 4:2:2 share other pixels' chroma, which is another test's matter.
            let exact = layout.sharing == (2, 1) && transform.swapsSides ? 1 : layout.channelCount
            for channel in 0..<exact {
                #expect(
                    result.samples(channel) == turned(frame.samples(channel), transform),
                    "channel \(channel) of \(size)")
            }
            #expect((result === frame) == transform.isIdentity)
        }
    }

    /// libyuv works in blocks of up to 64 columns; what is left over of them is a path of its own in each of its functions.
    @Test(arguments: layouts) func everyWidthIsMirroredExactly(_ layout: PixelFormat) throws {
        let converter = FrameConverter(pool: BytePool())
        let mirror = Transform(rotation: .none, hflip: true, vflip: false)
        for width in 1...130 {
            let frame = try Frame.laidDown(noisy(layout, Resolution(width, 3)), layout, padding: 3)
            let result = try #require(
                try converter.convert(frame, to: layout, size: frame.size, color: frame.color, transform: mirror))
            let exact = layout.sharing.across == 2 && width % 2 == 1 ? 1 : layout.channelCount
            for channel in 0..<exact {
                #expect(
                    result.samples(channel) == turned(frame.samples(channel), mirror), "channel \(channel) of \(width)")
            }
        }
    }

    @Test(arguments: [PixelFormat.yuv422, .yuyv, .uyvy], transforms.filter(\.swapsSides))
    func quarterTurnsShareChromaAnew(_ layout: PixelFormat, _ transform: Transform) throws {
        let converter = FrameConverter(pool: BytePool())
        let frame = try Frame.laidDown(Picture.soft(64, 48).recolored(.bt601).shared(2, 1), layout)
        let result = try #require(
            try converter.convert(
                frame, to: layout, size: Resolution(48, 64), color: frame.color, transform: transform))
        var expected = frame.picture.unshared
        expected.planes = expected.planes.map { turned($0, transform) }
        expected = expected.shared(2, 1)
        for channel in 0..<3 {
            #expect(difference(result.samples(channel), expected.planes[channel]).largest <= 1.5)
        }
    }

    @Test func turningAndChangingTheLayoutGoTogether() throws {
        let converter = FrameConverter(pool: BytePool())
        let transform = Transform(rotation: .clockwise90, hflip: true)
        let picture = Picture.soft(64, 48)
        for (source, target) in [
            (PixelFormat.bgr24, PixelFormat.nv12), (.nv12, .rgba), (.rgba, .bgr24), (.grey, .yuyv),
        ] {
            let laid = source.isRGB ? picture : picture.recolored(.bt601).shared(2, 2)
            let frame = try Frame.laidDown(laid, source, padding: 2)
            let turnedFirst = try #require(
                try converter.convert(
                    frame, to: source, size: Resolution(48, 64), color: frame.color, transform: transform))
            let inTwo = try #require(
                try converter.convert(turnedFirst, to: target, size: Resolution(48, 64), color: .bt601))
            let inOne = try #require(
                try converter.convert(
                    frame, to: target, size: Resolution(48, 64), color: .bt601, transform: transform))
            for channel in 0..<target.channelCount {
                #expect(difference(inOne.samples(channel), inTwo.samples(channel)).largest <= 1)
            }
        }
    }

    @Test func alphaIsKeptWhereBothHaveIt() throws {
        let converter = FrameConverter(pool: BytePool())
        var frame = try Frame.laidDown(noisy(.rgba, Resolution(16, 8)), .rgba)
        let before = alpha(frame)
        #expect(Set(before).count > 4)
        frame = try #require(try converter.convert(frame, to: .bgra, size: Resolution(16, 8), color: .sRGB))
        #expect(alpha(frame) == before)
        frame = try #require(
            try converter.convert(
                frame, to: .rgba, size: Resolution(16, 8), color: .sRGB, transform: Transform(rotation: .half)))
        #expect(alpha(frame) == before.reversed())
        frame = try #require(try converter.convert(frame, to: .rgb24, size: Resolution(16, 8), color: .sRGB))
        frame = try #require(try converter.convert(frame, to: .bgra, size: Resolution(16, 8), color: .sRGB))
        #expect(Set(alpha(frame)) == [255])
    }

    private func alpha(_ frame: Frame) -> [UInt8] {
        let data = frame.packedData
        return stride(from: 3, to: data.count, by: 4).map { data[$0] }
    }

    @Test(
        arguments: layouts,
        [Resolution(32, 24), Resolution(16, 12), Resolution(128, 96), Resolution(100, 37), Resolution(9, 7)])
    func scales(_ layout: PixelFormat, to size: Resolution) throws {
        let converter = FrameConverter(pool: BytePool())
        let picture = Picture.soft(64, 48)
        let sharing = layout.sharing
        let frame = try Frame.laidDown(
            layout.isRGB ? picture : picture.recolored(.bt601).shared(sharing.across, sharing.down), layout, padding: 7)
        let result = try #require(try converter.convert(frame, to: layout, size: size, color: frame.color))
        #expect(result.size == size && result.format == layout && result.isPacked)
        for channel in 0..<layout.channelCount {
            let (before, after) = (frame.samples(channel), result.samples(channel))
            #expect(abs(before.mean - after.mean) < 2)
            if 64 % size.width == 0, 48 % size.height == 0, layout.sharing != (2, 1) {
                let expected = before.averaged(64 / size.width, 48 / size.height)
                #expect(difference(after, expected).largest <= 1)
            }
        }
    }

    /// What is finer than the result's pixels becomes its mean instead of a pattern.
    @Test(
        arguments: [PixelFormat.grey, .nv12, .rgb24, .bgra],
        [
            Resolution(80, 60), Resolution(64, 48), Resolution(53, 41), Resolution(320, 31), Resolution(33, 240),
        ])
    func shrinkingAverages(_ layout: PixelFormat, to size: Resolution) throws {
        let checks = Samples(320, 240) { x, y in (x + y) % 2 == 0 ? 0 : 255 }
        let neutral = Samples(layout.isRGB ? 320 : 160, layout.isRGB ? 240 : 120) { _, _ in 128 }
        let picture = Picture(
            planes: layout.isRGB ? [checks, checks, checks] : [checks, neutral, neutral],
            color: layout.isRGB ? .sRGB : .jpeg, sharing: layout.sharing)
        let frame = try Frame.laidDown(picture, layout)
        let converter = FrameConverter(pool: BytePool())
        let result = try #require(try converter.convert(frame, to: layout, size: size, color: frame.color))
        let values = result.samples(0).values
        #expect(values.allSatisfy { (114...141).contains($0) })
    }
}
