// SPDX-License-Identifier: MIT

import CameraCore
import CameraImaging
import Testing

@Suite struct PixelArrayTests {
    @Test(arguments: layouts) func pixelsAreTheFramesNumbers(format: PixelFormat) throws {
        for size in [Resolution(64, 48), Resolution(33, 17), Resolution(1, 1)] {
            var picture = Picture.soft(size.width, size.height)
            if !format.isRGB {
                picture = picture.recolored(.bt601).shared(format.sharing.across, format.sharing.down)
            }
            let frame = try Frame.laidDown(picture, format, padding: 5)
            let pixels = try frame.pixels()
            #expect(pixels.rows == size.height && pixels.columns == size.width)
            #expect(pixels.channels == (format.isRGB ? frame.packedByteCount / size.pixelCount : format.channelCount))
            if format.isRGB {
                #expect(pixels.elements == Array(frame.packedData))
            } else {
                for channel in 0..<format.channelCount {
                    let samples = frame.samples(channel)
                    let sharing = channel == 0 ? (across: 1, down: 1) : format.sharing
                    var wrong = 0
                    for row in 0..<size.height {
                        for column in 0..<size.width {
                            let wanted = samples[column / sharing.across, row / sharing.down]
                            if Double(pixels[row, column, channel]) != wanted { wrong += 1 }
                        }
                    }
                    #expect(wrong == 0, "channel \(channel)")
                }
            }
            let colors = try FrameConverter(pool: BytePool()).convert(
                frame, to: .rgb24, size: size, color: frame.color)
            #expect(try frame.rgbPixels().elements == Array(try #require(colors).packedData))
        }
    }

    @Test func numbersAreReadAndWritten() {
        var array = PixelArray<UInt8>(rows: 2, columns: 3, channels: 3, repeating: 7)
        #expect(array.elements.count == 18)
        let copy = array
        #expect(array == copy)
        array[1, 2, 0] = 9
        #expect(array.elements[15] == 9 && array[1, 2, 0] == 9 && array[1, 1, 0] == 7)
        #expect(array != copy)
        let span = array.span
        let (count, number) = (span.count, span[15])
        #expect(count == 18 && number == 9)
        #expect(
            PixelArray(rows: 2, columns: 1, channels: 1, elements: [1, 2])
                == .init(
                    rows: 2, columns: 1, channels: 1, elements: [1, 2]))
        #expect(
            PixelArray(rows: 2, columns: 1, channels: 1, elements: [1, 2])
                != .init(
                    rows: 1, columns: 2, channels: 1, elements: [1, 2]))
    }

    @Test func compressedFramesHaveColorsOnly() throws {
        let frame = try Frame.jpeg(.init([0xFF, 0xD8, 0xFF]), Resolution(8, 8))
        #expect(#expect(throws: CameraError.self) { try frame.pixels() }?.code == .unsupported)
        #expect(#expect(throws: CameraError.self) { try frame.rgbPixels() }?.code == .corruptData)
    }
}
