// SPDX-License-Identifier: MIT

import CameraCore
import CameraImaging
import CameraOutputs
import Synchronization
import Testing

/// picamera's test_array.py as far as it needs no camera: what is written arrives as an array, or not at all.
@Suite struct ArrayOutputTests {
    private static let size = Resolution(10, 10)

    private func stream(_ format: MediaFormat, _ size: Resolution = size) -> StreamDescription {
        StreamDescription(format: format, size: size, frameRate: 30, color: format == .rgb24 ? .sRGB : .bt601)
    }

    private func info(_ index: Int64 = 0) -> PacketInfo {
        PacketInfo(
            index: index, type: .key, timestamp: .zero, sensorTime: Timestamp(nanoseconds: 5 + index),
            wallTime: WallTime(nanosecondsSince1970: 7))
    }

    private let rgb: [UInt8] = (0..<100).flatMap { _ in [1, 2, 3] as [UInt8] }
    private let yuv: [UInt8] =
        Array(repeating: 1, count: 100) + Array(repeating: 2, count: 25) + Array(repeating: 3, count: 25)

    /// Notes what it is given.
    private final class Notes: FrameAnalysis, @unchecked Sendable {
        // Unchecked: the notes are locked.
        let arrays = Mutex<[(PixelArray<UInt8>, PacketInfo)]>([])

        override func analyze(_ pixels: PixelArray<UInt8>, _ info: PacketInfo) {
            arrays.withLock { $0.append((pixels, info)) }
        }
    }

    private func expectChannels(_ pixels: PixelArray<UInt8>, _ values: [UInt8] = [1, 2, 3]) {
        #expect(pixels.rows == 10 && pixels.columns == 10 && pixels.channels == 3)
        for channel in 0..<3 {
            let numbers = Set((0..<100).map { pixels[$0 / 10, $0 % 10, channel] })
            #expect(numbers == [values[channel]])
        }
    }

    /// picamera's `rgb_array2` and `yuv_array2`, where a picture came in two halves; here each write is a whole one.
    @Test(arguments: [MediaFormat.rgb24, .yuv420]) func aPictureBecomesAnArray(format: MediaFormat) throws {
        let output = ArrayOutput()
        #expect(output.frame == nil)
        #expect(#expect(throws: CameraError.self) { try output.pixels }?.code == .notStarted)
        let bytes = format == .rgb24 ? rgb : yuv
        try output.begin(stream(format))
        try output.write(bytes.span.bytes, info(4))
        try output.end()
        try output.flush()
        expectChannels(try output.pixels)
        let frame = try #require(output.frame)
        #expect(frame.format == format.pixelFormat && frame.size == Self.size && !frame.isLoan)
        #expect(frame.info.sequence == 4 && frame.info.timestamp == Timestamp(nanoseconds: 9))
        #expect(try output.rgbPixels == frame.rgbPixels())
        for wrong in [Array(bytes.prefix(10)), Array(bytes.dropLast()), bytes + [0], []] {
            let error = #expect(throws: CameraError.self) { try output.write(wrong.span.bytes, info(5)) }
            #expect(error?.code == .invalidValue)
            #expect(error?.reason?.contains("\(bytes.count)") == true)
        }
        #expect(output.frame === frame, "what is no picture replaces none")
    }

    @Test func anOutputIsUsedAgain() throws {
        let output = ArrayOutput()
        try output.begin(stream(.rgb24))
        try output.write(rgb.span.bytes, info())
        let first = try output.pixels
        try output.begin(stream(.yuv420, Resolution(2, 2)))
        #expect(try output.pixels == first)
        let bytes: [UInt8] = [10, 20, 30, 40, 128, 128]
        try output.write(bytes.span.bytes, info(1))
        #expect(try output.pixels.elements == [10, 128, 128, 20, 128, 128, 30, 128, 128, 40, 128, 128])
    }

    /// picamera's `rgb_analysis2` and `yuv_analysis2`.
    @Test(arguments: [MediaFormat.rgb24, .yuv420]) func eachPictureIsAnalyzed(format: MediaFormat) throws {
        let output = Notes()
        let bytes = format == .rgb24 ? rgb : yuv
        #expect(#expect(throws: CameraError.self) { try output.write(bytes.span.bytes, info()) }?.code == .notStarted)
        try output.begin(stream(format))
        try output.write(bytes.span.bytes, info(0))
        try output.write(bytes.span.bytes, info(1))
        let arrays = output.arrays.withLock { $0 }
        #expect(arrays.map(\.1.index) == [0, 1])
        for (pixels, _) in arrays { expectChannels(pixels) }
        let short = Array(bytes.prefix(10))
        let error = #expect(throws: CameraError.self) { try output.write(short.span.bytes, info(2)) }
        #expect(error?.code == .invalidValue)
        #expect(output.arrays.withLock { $0.count } == 2)
    }

    /// picamera's `array_no_analyze`.
    @Test func theBaseClassSaysToOverride() throws {
        let output = FrameAnalysis()
        try output.begin(stream(.rgb24))
        let error = #expect(throws: CameraError.self) { try output.write(rgb.span.bytes, info()) }
        #expect(error?.code == .unsupported)
        #expect(error?.reason?.contains("override analyze(_:_:)") == true)
    }

    @Test(arguments: [MediaFormat.jpeg, .h264, .dng]) func compressedPicturesHaveNoPixels(format: MediaFormat) {
        for output in [ArrayOutput(), Notes()] as [any Output] {
            let error = #expect(throws: CameraError.self) { try output.begin(stream(format)) }
            #expect(error?.code == .invalidFormat)
            #expect(error?.reason?.contains("rgb24") == true)
        }
    }
}
