// SPDX-License-Identifier: MIT

import CameraCore
import Foundation

/// Pictures with texture that moves, made of simple formulas, so that every test knows what went in.
struct TestFrames: Sendable {
    var format = PixelFormat.nv12
    var size = Resolution(320, 240)
    var color = ColorSpace.bt709
    /// How strong the fine texture is; 0 for gradients alone.
    var detail = 12
    /// How far samples are off at random, differently in each frame, so that pictures cannot be told from earlier ones.
    var noise = 0
    /// Bytes behind each row that are not of the picture.
    var padding = 0

    private static let pool = BytePool()

    /// The frame with a number.
    func frame(_ number: Int) -> Frame {
        let planes = (0..<format.planeCount).map { plane($0, of: number) }
        guard let block = Self.pool.take(planes.reduce(0) { $0 + $1.count }) else {
            preconditionFailure("the pool has no limit")
        }
        var list: [Frame.Plane] = []
        var offset = 0
        for (index, samples) in planes.enumerated() {
            let start = block.baseAddress + offset
            UnsafeMutableRawBufferPointer(start: start, count: samples.count).copyBytes(from: samples)
            list.append(
                Frame.Plane(
                    baseAddress: UnsafeRawPointer(start), byteCount: samples.count, stride: stride(ofPlane: index)))
            offset += samples.count
        }
        let info = FrameInfo(
            timestamp: Timestamp(nanoseconds: Int64(number) * 33_000_000), wallTime: WallTime(nanosecondsSince1970: 0),
            sequence: UInt64(number))
        return Frame(format: format, size: size, color: color, info: info, planes: list, owner: block)
    }

    /// The frame's samples without padding; of NV12 in the order of planar 4:2:0.
    func packed(_ number: Int) -> Data {
        var same = self
        same.padding = 0
        if format == .nv12 { same.format = .yuv420 }
        return Data((0..<same.format.planeCount).flatMap { same.plane($0, of: number) })
    }

    private func stride(ofPlane plane: Int) -> Int {
        (format.layout(ofPlane: plane)?.rowBytes(width: size.width) ?? 0) + padding
    }

    private func plane(_ plane: Int, of number: Int) -> [UInt8] {
        guard let layout = format.layout(ofPlane: plane) else { return [] }
        let (rows, rowBytes) = (layout.rows(height: size.height), layout.rowBytes(width: size.width))
        var samples: [UInt8] = []
        samples.reserveCapacity(rows * (rowBytes + padding))
        for y in 0..<rows {
            for x in 0..<rowBytes {
                let value =
                    switch (plane, layout.bytesPerGroup) {
                    case (0, _): luma(x, y, number)
                    case (_, 2): chroma(x / 2, y * layout.pixelsDown / 2, number, x % 2)
                    default: chroma(x, y * layout.pixelsDown / 2, number, plane - 1)
                    }
                samples.append(UInt8(value))
            }
            samples.append(contentsOf: repeatElement(0xA5, count: padding))
        }
        return samples
    }

    private func luma(_ x: Int, _ y: Int, _ number: Int) -> Int {
        // A gradient that wanders, and blocks of texture that move across it.
        let gradient = 40 + (x + y + 3 * number) % 512 * 150 / 512
        let texture = ((x + 2 * number) * 7 ^ (y + number) * 5) & 15
        let sample = gradient + (texture - 8) * detail / 8
        guard noise > 0 else { return sample }
        var hash = UInt32(truncatingIfNeeded: (number * 4096 + y) * 4096 + x) &* 2_654_435_761
        hash ^= hash >> 15
        hash &*= 2_246_822_519
        return min(max(sample + Int(hash >> 16) % (2 * noise + 1) - noise, 0), 255)
    }

    private func chroma(_ x: Int, _ y: Int, _ number: Int, _ which: Int) -> Int {
        which == 0 ? 100 + (x + number) % 256 / 5 : 150 - (y + number) % 256 / 5
    }
}

/// Writes planar 4:2:0 pictures as the programs of others read them.
func y4m(_ pictures: [Data], size: Resolution, frameRate: FrameRate) -> Data {
    let (numerator, denominator) = (frameRate.numerator, frameRate.denominator)
    var file = Data("YUV4MPEG2 W\(size.width) H\(size.height) F\(numerator):\(denominator) Ip C420jpeg\n".utf8)
    for picture in pictures { file += Data("FRAME\n".utf8) + picture }
    return file
}

/// The peak signal-to-noise ratio in decibels; infinite for equal bytes.
func psnr(_ left: Data, _ right: Data) -> Double {
    guard left.count == right.count, !left.isEmpty else { return 0 }
    let sum = zip(left, right).reduce(0) { $0 + (Int($1.0) - Int($1.1)) * (Int($1.0) - Int($1.1)) }
    return 10 * log10(255 * 255 * Double(left.count) / Double(sum))
}
