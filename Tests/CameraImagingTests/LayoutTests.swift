// SPDX-License-Identifier: MIT

import CameraCore
import CameraImaging
import Foundation
import Testing

/// Every layout into every other, against the plain reference.
@Suite struct LayoutTests {
    static let sizes = [Resolution(64, 48), Resolution(33, 17), Resolution(1, 1), Resolution(2, 3), Resolution(66, 5)]

    @Test(arguments: layouts, layouts)
    func convertsKeepingColor(from source: PixelFormat, to target: PixelFormat) throws {
        for size in Self.sizes {
            try check(source, .bt601, target, .bt601, size)
        }
    }

    @Test(arguments: layouts, layouts)
    func convertsChangingColor(from source: PixelFormat, to target: PixelFormat) throws {
        for size in Self.sizes.prefix(3) {
            try check(source, .bt601, target, .bt709, size)
            try check(source, .bt709, target, .jpeg, size)
            try check(source, .jpeg, target, .bt601, size)
        }
    }

    /// Bytes of the result that no step fills would show what the memory held before; so would writing too far.
    @Test(arguments: layouts, layouts)
    func fillsTheResultAndNothingElse(from source: PixelFormat, to target: PixelFormat) throws {
        for size in Self.sizes {
            var picture = Picture.soft(size.width, size.height)
            if !source.isRGB {
                picture = picture.recolored(.bt601).shared(source.sharing.across, source.sharing.down)
            }
            let frame = try Frame.laidDown(picture, source, padding: 5)
            let byteCount = try #require(target.byteCount(of: size))
            let results = try [UInt8(0x55), 0xAA].map { poison in
                let pool = BytePool()
                do {
                    let block = try #require(pool.take(byteCount))
                    memset(block.baseAddress, Int32(poison), block.capacity)
                }
                let converter = FrameConverter(pool: pool)
                let result = try #require(try converter.convert(frame, to: target, size: size, color: .bt709))
                guard result !== frame else { return result.packedData }
                let end = result.plane(0).baseAddress + byteCount
                let capacity = max(64, byteCount.nextPowerOfTwo)
                for offset in 0..<capacity - byteCount {
                    #expect(end.load(fromByteOffset: offset, as: UInt8.self) == poison)
                }
                return result.packedData
            }
            #expect(results[0] == results[1], "\(source.name) to \(target.name), \(size)")
        }
    }

    private func check(
        _ source: PixelFormat, _ sourceColor: ColorSpace, _ target: PixelFormat, _ targetColor: ColorSpace,
        _ size: Resolution
    ) throws {
        let sourceColor = source.isRGB ? .sRGB : sourceColor
        let targetColor = target.isRGB ? .sRGB : targetColor
        var picture = Picture.soft(size.width, size.height)
        if !source.isRGB { picture = picture.recolored(sourceColor).shared(source.sharing.across, source.sharing.down) }
        let frame = try Frame.laidDown(picture, source, padding: 13)
        let pool = BytePool()
        let converter = FrameConverter(pool: pool)
        let result = try #require(try converter.convert(frame, to: target, size: size, color: targetColor))

        // What the frame holds is what counts, not what it was made of.
        var expected = frame.picture
        if source == .grey {
            let neutral = Samples(size.width, size.height) { _, _ in 128 }
            expected.planes += [neutral, neutral]
            // Grey has no matrix.
            expected.color.matrix = targetColor.matrix == .rgb ? .bt601 : targetColor.matrix
            expected.color.primaries = targetColor.primaries
            expected.color.transfer = targetColor.transfer
        }
        if target.isRGB { expected = expected.repeated }
        expected = expected.recolored(targetColor).shared(target.sharing.across, target.sharing.down)
        // Besides the rounding of the result: where chroma was interpolated, that of the interpolated samples, up to 2.1 times.
        let interpolates = source.sharing != (1, 1) && !target.isRGB && sourceColor != targetColor
        let rearranges = source.sharing != target.sharing && !target.isRGB
        let tolerance = interpolates ? 2.5 : rearranges ? 1.5 : 0.55
        let place: Comment = "\(source.name) \(sourceColor.matrix) to \(target.name), \(size)"
        for channel in 0..<target.channelCount {
            let found = difference(result.samples(channel), expected.planes[channel].map { max(0, min(255, $0)) })
            #expect(found.largest <= tolerance, "channel \(channel) of \(place)")
        }
        #expect(result.info == frame.info)
        if frame !== result {
            #expect(result.isPacked)
            #expect(result.color == targetColor)
        }
    }
}

extension Int {
    fileprivate var nextPowerOfTwo: Int { 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount) }
}
