// SPDX-License-Identifier: MIT

import CameraCore
import CameraImaging
import Foundation
import TestSupport
import Testing

extension Frame {
    /// A picture that ffmpeg makes by itself.
    ///
    /// - Parameters:
    ///   - source: A source of libavfilter: "testsrc2", "mandelbrot".
    ///   - size: The picture's size.
    ///   - format: The layout.
    ///   - color: What the numbers are said to mean; ffmpeg makes BT.601 in limited range.
    /// - Returns: The frame.
    /// - Throws: When ffmpeg cannot make it.
    static func made(
        by source: String, _ size: Resolution, _ format: PixelFormat, _ color: ColorSpace = .bt601
    ) throws -> Frame {
        let end = try run(
            "ffmpeg",
            [
                "-v", "error", "-f", "lavfi", "-i", "\(source)=size=\(size)", "-frames:v", "1", "-f", "rawvideo",
                "-pix_fmt", format.ffmpegName, "-",
            ])
        try #require(end.status == 0, "\(end.errors)")
        return try .packed(end.output, format, size, color)
    }

    /// The frame as ffmpeg's filters change it, in the same layout unless another size is given.
    func filtered(by filters: String, to size: Resolution? = nil) throws -> Frame {
        let range = color.range == .full ? "full" : "limited"
        let end = try run(
            "ffmpeg",
            [
                "-v", "error", "-f", "rawvideo", "-pix_fmt", format.ffmpegName, "-s", "\(self.size)", "-i", "-", "-vf",
                "setparams=range=\(range),\(filters)", "-f", "rawvideo", "-pix_fmt", format.ffmpegName, "-",
            ], input: packedData)
        try #require(end.status == 0, "\(end.errors)")
        return try .packed(end.output, format, size ?? self.size, color)
    }

    /// Leaves the picture as a PNG file for people to look at, in the folder that PICTURES names or in .build/pictures.
    func leave(as name: String) throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let folder =
            ProcessInfo.processInfo.environment["PICTURES"].map { URL(fileURLWithPath: $0) }
            ?? root.appendingPathComponent(".build/pictures")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let rgb = try #require(
            try FrameConverter(pool: BytePool()).convert(self, to: .rgb24, size: size, color: .sRGB))
        let end = try run(
            "ffmpeg",
            [
                "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "\(size)", "-i", "-",
                folder.appendingPathComponent("\(name).png").path,
            ], input: rgb.packedData)
        #expect(end.status == 0, "\(end.errors)")
    }

    /// One colour all over.
    static func plain(
        _ color: Color, _ size: Resolution, _ format: PixelFormat, _ space: ColorSpace, info: FrameInfo = testInfo
    ) throws -> Frame {
        let picture = Picture(size.width, size.height) { _, _ in
            SIMD3(Double(color.red), Double(color.green), Double(color.blue))
        }
        let (across, down) = format.sharing
        let laid = try laidDown(
            format.isRGB ? picture : picture.recolored(space).shared(across, down), format)
        return Frame(
            format: format, size: size, color: laid.color, info: info, planes: (0..<format.planeCount).map(laid.plane),
            owner: laid)
    }

    /// The frame in a style, in its own layout and colours unless others are given.
    func styled(
        to format: PixelFormat? = nil, _ change: (inout PictureStyle) throws -> Void
    ) throws -> Frame {
        var style = PictureStyle()
        try change(&style)
        let prepared = try PreparedStyle(style)
        let before = packedData
        let made = try #require(
            try FrameConverter(pool: BytePool()).convert(
                self, to: format ?? self.format, size: prepared.size(of: size),
                color: (format ?? self.format).isRGB ? .sRGB : color, style: prepared))
        #expect(packedData == before, "the camera's frame was written to")
        return made
    }

    /// The number of a channel at a pixel.
    func sample(_ channel: Int, _ x: Int, _ y: Int) -> Double {
        let (across, down) = channel == 0 ? (1, 1) : format.sharing
        let place = format.place(channel, column: x / across)
        let plane = plane(place.plane)
        return Double(plane.baseAddress.load(fromByteOffset: y / down * plane.stride + place.byte, as: UInt8.self))
    }

    /// R, G and B of a pixel, computed in floating point.
    func rgb(_ x: Int, _ y: Int) -> SIMD3<Double> {
        let chroma = format.channelCount == 3
        return Colors.toRGB(
            SIMD3(sample(0, x, y), chroma ? sample(1, x, y) : 128, chroma ? sample(2, x, y) : 128), color)
    }

    /// The frame as R, G and B.
    var asRGB: Picture {
        get throws {
            try #require(try FrameConverter(pool: BytePool()).convert(self, to: .rgb24, size: size, color: .sRGB))
                .picture
        }
    }
}

/// How alike two planes are, in decibels.
func likeness(_ left: Samples, _ right: Samples) -> Double {
    guard left.width == right.width, left.height == right.height else { return 0 }
    let sum = zip(left.values, right.values).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    return sum == 0 ? .infinity : 10 * log10(255 * 255 * Double(left.values.count) / sum)
}

/// The rectangle of pixels that differ in their luma or colours; nil where none do.
///
/// - Parameters:
///   - before: A frame.
///   - after: A frame of the same layout and size.
///   - threshold: By how much a byte may differ.
/// - Returns: The rectangle.
func changedRegion(_ before: Frame, _ after: Frame, threshold: Int = 0) -> PixelRegion? {
    guard let layout = before.format.layout(ofPlane: 0) else { return nil }
    let (old, new) = (before.plane(0), after.plane(0))
    let rowBytes = layout.rowBytes(width: before.size.width)
    let places = (0..<before.size.width).map { before.format.place(0, column: $0).byte }
    let isLuma = !before.format.isRGB
    var (left, top, right, low) = (Int.max, Int.max, -1, -1)
    for y in 0..<before.size.height {
        let (oldRow, newRow) = (old.baseAddress + y * old.stride, new.baseAddress + y * new.stride)
        if memcmp(oldRow, newRow, rowBytes) == 0 { continue }
        let (oldBytes, newBytes) = (
            oldRow.assumingMemoryBound(to: UInt8.self), newRow.assumingMemoryBound(to: UInt8.self)
        )
        for x in 0..<places.count {
            let isChanged = (isLuma ? 0...0 : -1...1).contains { channel in
                // Red, green and blue lie beside each other.
                let byte = isLuma ? places[x] : layout.bytesPerGroup * x + 1 + channel
                return abs(Int(oldBytes[byte]) - Int(newBytes[byte])) > threshold
            }
            if isChanged { (left, right, top, low) = (min(left, x), max(right, x), min(top, y), max(low, y)) }
        }
    }
    return right < 0 ? nil : PixelRegion(x: left, y: top, size: Resolution(right - left + 1, low - top + 1))
}
