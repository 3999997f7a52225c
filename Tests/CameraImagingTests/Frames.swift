// SPDX-License-Identifier: MIT

import CameraCore
import Foundation
import Testing

/// Every layout that is not compressed and has all colours at each pixel.
let layouts = PixelFormat.known.filter { !$0.isCompressed && $0.bayer == nil }

extension PixelFormat {
    /// How many pixels share chroma, as the test sees it.
    var sharing: (across: Int, down: Int) {
        if [.yuv420, .nv12, .nv21].contains(self) { return (2, 2) }
        if [.yuv422, .yuyv, .uyvy].contains(self) { return (2, 1) }
        return (1, 1)
    }

    /// ffmpeg's name.
    var ffmpegName: String {
        [.yuv420: "yuv420p", .yuv422: "yuv422p", .yuyv: "yuyv422", .uyvy: "uyvy422", .grey: "gray"][self] ?? name
    }

    /// Where a sample of a channel (0...2) lies in a pixel's or pair's bytes.
    private func byteOffset(_ channel: Int, column: Int) -> Int {
        switch self {
        case .yuyv: channel == 0 ? column * 2 : column * 4 + (channel == 1 ? 1 : 3)
        case .uyvy: channel == 0 ? column * 2 + 1 : column * 4 + (channel == 1 ? 0 : 2)
        case .nv12: channel == 0 ? column : column * 2 + channel - 1
        case .nv21: channel == 0 ? column : column * 2 + 2 - channel
        case .rgb24: column * 3 + channel
        case .bgr24: column * 3 + 2 - channel
        case .rgba: column * 4 + channel
        case .bgra: column * 4 + 2 - channel
        default: column
        }
    }

    /// Plane and byte of a sample: of a channel, at the channel's own column.
    func place(_ channel: Int, column: Int) -> (plane: Int, byte: Int) {
        let plane =
            switch planeCount {
            case 3: channel
            case 2: min(channel, 1)
            default: 0
            }
        return (plane, byteOffset(channel, column: column))
    }

    /// Channels that the layout holds.
    var channelCount: Int { self == .grey ? 1 : 3 }
}

/// Memory of a test's frame, whose last byte lies before a page that must not be touched.
final class GuardedMemory: @unchecked Sendable {
    // Unchecked: written before the frame is made, read only afterwards.
    private var mappings: [(start: UnsafeMutableRawPointer, byteCount: Int)] = []

    deinit { for mapping in mappings { munmap(mapping.start, mapping.byteCount) } }

    /// Memory for `byteCount` bytes, filled with noise.
    func allocate(_ byteCount: Int) throws -> UnsafeMutableRawPointer {
        let page = sysconf(Int32(_SC_PAGESIZE))
        let used = (byteCount + page - 1) / page * page
        let protection = PROT_READ | PROT_WRITE
        let mapped = mmap(nil, used + page, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        let start = try #require(mapped != MAP_FAILED ? mapped : nil)
        mappings.append((start, used + page))
        try #require(mprotect(start + used, page, PROT_NONE) == 0)
        let block = start + (used - byteCount)
        for byte in 0..<byteCount {
            block.storeBytes(of: UInt8(truncatingIfNeeded: byte &* 89), toByteOffset: byte, as: UInt8.self)
        }
        return block
    }
}

extension Frame {
    static let testInfo = FrameInfo(
        timestamp: Timestamp(nanoseconds: 42), wallTime: WallTime(nanosecondsSince1970: 43), sequence: 44)

    /// Lays the numbers of a picture down in memory.
    ///
    /// - Parameters:
    ///   - picture: A picture whose chroma is shared as `format` wants it.
    ///   - format: The layout.
    ///   - padding: Bytes behind each row, which are filled with noise.
    /// - Returns: The frame, in guarded memory.
    /// - Throws: When there is no memory.
    static func laidDown(_ picture: Picture, _ format: PixelFormat, padding: Int = 0) throws -> Frame {
        let size = Resolution(picture.width, picture.height)
        let memory = GuardedMemory()
        var blocks: [UnsafeMutableRawPointer] = []
        var planes: [Plane] = []
        for index in 0..<format.planeCount {
            let layout = try #require(format.layout(ofPlane: index))
            let stride = layout.rowBytes(width: size.width) + padding
            // The padding of the last row may not exist.
            let byteCount = stride * layout.rows(height: size.height) - padding
            let block = try memory.allocate(byteCount)
            blocks.append(block)
            planes.append(Plane(baseAddress: block, byteCount: byteCount, stride: stride))
        }
        for channel in 0..<format.channelCount {
            let samples = picture.planes[channel]
            for y in 0..<samples.height {
                for x in 0..<samples.width {
                    let place = format.place(channel, column: x)
                    blocks[place.plane].storeBytes(
                        of: UInt8(max(0, min(255, samples[x, y].rounded()))),
                        toByteOffset: y * planes[place.plane].stride + place.byte, as: UInt8.self)
                }
            }
        }
        return Frame(
            format: format, size: size, color: picture.color, info: testInfo, planes: planes, owner: memory)
    }

    /// A frame around a JPEG picture.
    static func jpeg(_ data: Data, _ size: Resolution) throws -> Frame {
        let memory = GuardedMemory()
        let block = try memory.allocate(data.count)
        data.withUnsafeBytes { if let start = $0.baseAddress { block.copyMemory(from: start, byteCount: data.count) } }
        return Frame(
            format: .mjpeg, size: size, color: .jpeg, info: testInfo,
            planes: [Plane(baseAddress: block, byteCount: data.count, stride: data.count)], owner: memory)
    }

    /// A frame of packed bytes.
    static func packed(_ data: Data, _ format: PixelFormat, _ size: Resolution, _ color: ColorSpace) throws -> Frame {
        let bytes = try #require(BytePool().take(data.count))
        try #require(format.byteCount(of: size) == data.count)
        data.withUnsafeBytes { data in
            UnsafeMutableRawBufferPointer(start: bytes.baseAddress, count: data.count).copyMemory(from: data)
        }
        return Frame(packed: format, size: size, color: color, info: testInfo, bytes: bytes)
    }

    /// The numbers of a channel.
    func samples(_ channel: Int) -> Samples {
        let sharing = channel == 0 ? (1, 1) : format.sharing
        return Samples(
            (size.width + sharing.0 - 1) / sharing.0, (size.height + sharing.1 - 1) / sharing.1
        ) { x, y in
            let place = format.place(channel, column: x)
            let plane = plane(place.plane)
            return Double(plane.baseAddress.load(fromByteOffset: y * plane.stride + place.byte, as: UInt8.self))
        }
    }

    /// The numbers of all channels.
    var picture: Picture {
        Picture(planes: (0..<format.channelCount).map(samples), color: color, sharing: format.sharing)
    }

    /// The bytes without padding.
    var packedData: Data {
        var data = Data(count: packedByteCount)
        data.withUnsafeMutableBytes { if let start = $0.baseAddress { copyPacked(to: start) } }
        return data
    }
}

/// The largest and the mean difference of two planes; infinite where their sizes differ.
func difference(_ left: Samples, _ right: Samples) -> (largest: Double, mean: Double) {
    guard left.width == right.width, left.height == right.height else { return (.infinity, .infinity) }
    let differences = zip(left.values, right.values).map { abs($0 - $1) }
    return (differences.max() ?? 0, differences.reduce(0, +) / Double(differences.count))
}
