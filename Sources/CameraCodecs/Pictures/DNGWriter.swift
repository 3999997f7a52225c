// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraImaging

/// Digital Negatives: what a sensor delivered behind its filter of one colour over each pixel, without any loss.
///
/// Samples of 8 bits are kept as such, others in 16 bits. This package knows the colours of no sensor: the file says that
/// its red, green and blue are those of sRGB under daylight, which programs let their users correct.
enum DNGWriter {
    static let codec = CodecDescription(
        .dng, name: maker, version: nil, license: "MIT", inputFormats: PixelFormat.bayerFormats, maker: picture)

    private static func picture(_ frame: Frame, from pool: BytePool) throws(CameraError) -> PacketBytes {
        guard let pattern = frame.format.bayer else { preconditionFailure("the frame was checked") }
        let (width, height) = (frame.size.width, frame.size.height)
        let rowBytes = (pattern.bits + 7) / 8 * width
        let header = directory(frame, pattern, byteCount: rowBytes * height).header
        let count = header.count + rowBytes * height
        let block = try pool.block(count, "encoding DNG")
        block.baseAddress.copyMemory(from: header, byteCount: header.count)
        let rows = block.baseAddress + header.count
        if pattern.bits == 8 {
            frame.copyPacked(to: rows)
            return PacketBytes(block, count: count)
        }
        withUnsafeTemporaryAllocation(of: UInt16.self, capacity: width) { samples in
            guard let start = samples.baseAddress else { return }
            for row in 0..<height {
                frame.copyBayerRow(row, pattern, to: start)
                for column in 0..<width { samples[column] = samples[column].littleEndian }
                (rows + row * rowBytes).copyMemory(from: start, byteCount: rowBytes)
            }
        }
        return PacketBytes(block, count: count)
    }

    /// The tags, by the numbers of TIFF 6.0, TIFF/EP and the "Digital Negative (DNG) Specification", version 1.4.
    private static func directory(_ frame: Frame, _ pattern: BayerPattern, byteCount: Int) -> TIFFDirectory {
        let size = frame.size
        let colors = [(0, 0), (0, 1), (1, 0), (1, 1)].map { UInt8(pattern.order.color(row: $0.0, column: $0.1)) }
        var tags = TIFFDirectory(stripByteCount: byteCount)
        tags.add(254, longs: [0])  // NewSubFileType: the picture at full size
        tags.add(256, longs: [UInt32(clamping: size.width)])
        tags.add(257, longs: [UInt32(clamping: size.height)])
        tags.add(258, shorts: [pattern.bits == 8 ? 8 : 16])  // BitsPerSample
        tags.add(259, shorts: [1])  // Compression: none
        tags.add(262, shorts: [32803])  // PhotometricInterpretation: a colour filter array
        tags.add(274, shorts: [1])  // Orientation: upright
        tags.add(277, shorts: [1])  // SamplesPerPixel
        tags.add(278, longs: [UInt32(clamping: size.height)])  // RowsPerStrip
        tags.add(284, shorts: [1])  // PlanarConfiguration
        tags.add(305, text: maker)  // Software
        tags.add(306, text: LocalTime(frame.info.wallTime).moment)  // DateTime
        tags.add(33421, shorts: [2, 2])  // CFARepeatPatternDim
        tags.add(33422, bytes: colors)  // CFAPattern
        tags.add(50706, bytes: [1, 4, 0, 0])  // DNGVersion
        tags.add(50707, bytes: [1, 1, 0, 0])  // DNGBackwardVersion
        tags.add(50708, text: "\(maker) \(frame.format.name)")  // UniqueCameraModel
        tags.add(50714, rationals: [(0, 1)])  // BlackLevel
        tags.add(50717, longs: [UInt32(pattern.largest)])  // WhiteLevel
        tags.add(50721, signedRationals: colorMatrix.map { ($0, 10_000) })  // ColorMatrix1
        tags.add(50728, rationals: [(1, 1), (1, 1), (1, 1)])  // AsShotNeutral
        tags.add(50778, shorts: [21])  // CalibrationIlluminant1: D65
        return tags
    }

    /// From CIE XYZ to the linear red, green and blue of sRGB, times 10000 (IEC 61966-2-1).
    private static let colorMatrix: [Int32] = [32406, -15372, -4986, -9689, 18758, 415, 557, -2040, 10570]
    private static let maker = "swift-camera"
}
