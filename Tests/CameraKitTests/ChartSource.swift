// SPDX-License-Identifier: MIT

import CameraKit
import Synchronization

/// Delivers one and the same picture of a colour chart again and again; it waits for its consumers.
///
/// The picture is made by the equations of ITU-T H.273, section 8.3, in floating point, without any code under test.
final class ChartSource: VideoSource {
    /// The 24 patches of the ColorChecker chart in sRGB.
    ///
    /// Source: X-Rite, "Colorimetric values for ColorChecker family of targets", sRGB column.
    static let patches: [SIMD3<Double>] = [
        [115, 82, 68], [194, 150, 130], [98, 122, 157], [87, 108, 67], [133, 128, 177], [103, 189, 170],
        [214, 126, 44], [80, 91, 166], [193, 90, 99], [94, 60, 108], [157, 188, 64], [224, 163, 46],
        [56, 61, 150], [70, 148, 73], [175, 54, 60], [231, 199, 31], [187, 86, 149], [8, 133, 161],
        [243, 243, 242], [200, 200, 200], [160, 160, 160], [122, 122, 121], [85, 85, 85], [52, 52, 52],
    ]
    static let columns = 6
    /// Pixels of a patch's side: whole blocks of every codec.
    static let side = 32
    static let size = Resolution(columns * side, patches.count / columns * side)

    let name = "chart"
    let canWait = true
    let streams: [VideoStream]
    private let picture: PooledBytes
    private let state = Mutex((next: Int64(0), isInterrupted: false))

    init?(format: PixelFormat, color: ColorSpace) {
        streams = [VideoStream(format: format, size: Self.size, frameRate: 30, color: color)]
        guard let bytes = Self.bytes(format, color), let block = BytePool().take(bytes.count) else { return nil }
        block.baseAddress.copyMemory(from: bytes, byteCount: bytes.count)
        picture = block
    }

    func configure(_ request: SourceConfiguration) {}

    func start() { state.withLock { $0.isInterrupted = false } }

    func next(timeout: Duration?) -> SourceEvent {
        let number = state.withLock { state -> Int64? in
            if state.isInterrupted { return nil }
            defer { state.next += 1 }
            return state.next
        }
        guard let number else { return .interrupted }
        let time = Timestamp(nanoseconds: 1 + number * 33_333_333)
        return .frame(
            Frame(
                packed: streams[0].format, size: Self.size, color: streams[0].color,
                info: FrameInfo(timestamp: time, wallTime: .now, sequence: UInt64(number)), bytes: picture))
    }

    func interrupt() { state.withLock { $0.isInterrupted = true } }

    func stop() {}

    func close() {}

    // MARK: The picture

    private static func bytes(_ format: PixelFormat, _ color: ColorSpace) -> [UInt8]? {
        func plane(_ channel: Int, across: Int = 1, down: Int = 1) -> [UInt8] {
            codes(across: across, down: down, color).map { $0[channel] }
        }
        switch format {
        case .rgb24:
            return codes(across: 1, down: 1, color).flatMap { [$0[0], $0[1], $0[2]] }
        case .yuv420:
            return plane(0) + plane(1, across: 2, down: 2) + plane(2, across: 2, down: 2)
        case .nv12:
            return plane(0) + codes(across: 2, down: 2, color).flatMap { [$0[1], $0[2]] }
        case .yuyv:
            return codes(across: 2, down: 1, color).flatMap { [$0[0], $0[1], $0[0], $0[2]] }
        default:
            return nil
        }
    }

    /// The code values of every pixel, or of every group of pixels, row by row.
    private static func codes(across: Int, down: Int, _ color: ColorSpace) -> [SIMD3<UInt8>] {
        let codes = patches.map { SIMD3<UInt8>(code(of: $0, color), rounding: .toNearestOrAwayFromZero) }
        return stride(from: 0, to: size.height, by: down).flatMap { y in
            stride(from: 0, to: size.width, by: across).map { x in codes[y / side * columns + x / side] }
        }
    }

    private static func code(of rgb: SIMD3<Double>, _ color: ColorSpace) -> SIMD3<Double> {
        if color.matrix == .rgb { return rgb }
        let (red, blue) = color.matrix == .bt709 ? (0.2126, 0.0722) : (0.299, 0.114)
        let luma = red * rgb[0] + (1 - red - blue) * rgb[1] + blue * rgb[2]
        let blueDifference = (rgb[2] - luma) / (2 * (1 - blue))
        let redDifference = (rgb[0] - luma) / (2 * (1 - red))
        return color.range == .full
            ? SIMD3(luma, 128 + blueDifference, 128 + redDifference)
            : SIMD3(16 + luma * 219 / 255, 128 + blueDifference * 224 / 255, 128 + redDifference * 224 / 255)
    }
}
