// SPDX-License-Identifier: MIT

import CameraCore
import CameraImaging
import Testing

/// Frames end right before memory that must not be touched: reading one byte too far ends the tests.
@Suite struct BoundsTests {
    static let sizes = [
        Resolution(64, 48), Resolution(33, 17), Resolution(17, 33), Resolution(127, 3), Resolution(2, 2),
        Resolution(1, 7),
        Resolution(7, 1), Resolution(31, 31), Resolution(320, 9),
    ]
    static let targets = [
        Resolution(64, 48), Resolution(16, 12), Resolution(48, 36), Resolution(24, 18), Resolution(33, 17),
        Resolution(66, 34), Resolution(11, 5), Resolution(1, 1), Resolution(129, 65), Resolution(85, 12),
    ]

    @Test(arguments: layouts, sizes)
    func scalingStaysInside(_ layout: PixelFormat, _ size: Resolution) throws {
        let converter = FrameConverter(pool: BytePool())
        let transforms = [Transform.identity, Transform(rotation: .clockwise90, hflip: true)]
        for padding in [0, 1] {
            let frame = try Frame.laidDown(grey(layout, size), layout, padding: padding)
            for target in Self.targets {
                for format in [PixelFormat.yuv420, .nv12, .yuyv, .rgb24] {
                    for transform in transforms {
                        let result = try #require(
                            try converter.convert(
                                frame, to: format, size: target, color: .bt709, transform: transform))
                        // What is read from beyond the picture would show too, and so would rounding in one direction.
                        let grey = format.isRGB ? 99.0 : 16 + 99.0 * 219 / 255
                        for channel in 0..<format.channelCount {
                            let expected = channel == 0 || format.isRGB ? grey : 128
                            #expect(
                                result.samples(channel).values.allSatisfy { abs($0 - expected) < 1 },
                                "\(size) to \(format.name) of \(target)")
                        }
                    }
                }
            }
        }
    }

    private func grey(_ layout: PixelFormat, _ size: Resolution) -> Picture {
        let picture = Picture(size.width, size.height) { _, _ in SIMD3(repeating: 99) }
        return layout.isRGB ? picture : picture.recolored(.bt601).shared(layout.sharing.across, layout.sharing.down)
    }

    @Test(arguments: layouts)
    func framesThatAreTooShortAreRefused(_ layout: PixelFormat) throws {
        let converter = FrameConverter(pool: BytePool())
        let size = Resolution(33, 17)
        let whole = try Frame.laidDown(grey(layout, size), layout)
        let target: PixelFormat = layout == .nv12 ? .yuv420 : .nv12
        for damage in [(-1, 0), (0, -1), (0, 1), (0, .max / 2), (-.max, 0), (0, -10_000)] as [(Int, Int)] {
            for index in 0..<whole.planeCount {
                var planes = (0..<whole.planeCount).map(whole.plane)
                let plane = planes[index]
                planes[index] = Frame.Plane(
                    baseAddress: plane.baseAddress, byteCount: plane.byteCount + damage.0,
                    stride: plane.stride + damage.1)
                let frame = Frame(
                    format: layout, size: size, color: .bt601, info: Frame.testInfo, planes: planes, owner: whole)
                let error = #expect(throws: CameraError.self) {
                    try converter.convert(frame, to: target, size: size, color: .bt601)
                }
                #expect(error?.code == .corruptData)
            }
        }
    }
}
