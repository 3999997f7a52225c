// SPDX-License-Identifier: MIT

internal import CJPEG
internal import CYUV
internal import CameraCore
internal import CameraImaging

/// Compresses frames to JPEG pictures with libjpeg, straight from their planes.
///
/// A row of coding units is brought into shape at a time, in memory that stays in the processor's cache: chroma taken
/// apart, numbers stretched to the full range, edges repeated. Even where none of this is needed the copy is quicker than
/// libjpeg's reading the frame in blocks of eight rows, which have to come from memory each.
final class JPEGCompressor: @unchecked Sendable {
    // Unchecked: one thread uses it at a time.

    private let configuration: CodecConfiguration
    private let restartInterval: Int
    private let pool: BytePool
    private let encoder: OpaquePointer
    private let unit: Resolution
    private let range: RangeChange?
    private let channels: [Channel]
    /// Room for the longest picture; what is not written to costs no memory.
    private let scratch: UnsafeMutablePointer<UInt8>
    private let scratchByteCount: Int
    /// A row of coding units of each channel.
    private let strip: UnsafeMutablePointer<UInt8>
    /// A row of both chroma channels, taken apart.
    private let apart: UnsafeMutablePointer<UInt8>
    /// Where the rows of ``strip`` lie.
    private let rows: UnsafeMutablePointer<UnsafePointer<UInt8>?>

    /// Luma or one of the chroma channels, and the part of ``strip`` and ``rows`` that it has.
    private struct Channel {
        let plane: Int
        let size: Resolution
        /// Samples of a row of whole coding units.
        let width: Int
        let rowsPerUnit: Int
        let stripStart: Int
        let rowsStart: Int
    }

    /// Makes a compressor.
    ///
    /// - Parameters:
    ///   - configuration: What to make; checked by the codec.
    ///   - restartInterval: Rows of coding units from one restart marker to the next; 0 for none.
    ///   - pool: Where the pictures' memory comes from.
    /// - Throws: `.codec` when libjpeg has no memory.
    init(_ configuration: CodecConfiguration, restartInterval: Int, pool: BytePool) throws(CameraError) {
        guard let encoder = cjpeg_open() else {
            throw CameraError(.codec, "making a JPEG encoder", reason: "libjpeg has no memory for it")
        }
        self.encoder = encoder
        self.configuration = configuration
        self.restartInterval = restartInterval
        self.pool = pool
        let (format, size) = (configuration.inputFormat, configuration.size)
        let grey = format == .grey
        unit = format.codingUnit
        range = RangeChange(from: grey ? configuration.color.withJPEGMatrix : configuration.color, to: .jpeg)
        var channels: [Channel] = []
        let units = Resolution(
            (size.width + unit.width - 1) / unit.width, (size.height + unit.height - 1) / unit.height)
        let (across, down) = (unit.width / 8, unit.height / 8)
        var (stripEnd, rowsEnd) = (0, 0)
        for index in 0..<(grey ? 1 : 3) {
            let sharing = index == 0 ? (across: 1, down: 1) : (across: across, down: down)
            let width = units.width * unit.width / sharing.across
            let rowsPerUnit = unit.height / sharing.down
            channels.append(
                Channel(
                    plane: index,
                    size: Resolution(
                        (size.width + sharing.across - 1) / sharing.across,
                        (size.height + sharing.down - 1) / sharing.down),
                    width: width, rowsPerUnit: rowsPerUnit, stripStart: stripEnd, rowsStart: rowsEnd))
            stripEnd += width * rowsPerUnit
            rowsEnd += rowsPerUnit
        }
        self.channels = channels
        strip = .allocate(capacity: stripEnd)
        rows = .allocate(capacity: rowsEnd)
        for channel in channels {
            for index in 0..<channel.rowsPerUnit {
                rows[channel.rowsStart + index] = UnsafePointer(strip + channel.stripStart + index * channel.width)
            }
        }
        apart = .allocate(capacity: format == .nv12 ? 2 * units.width * 8 : 0)
        // libjpeg-turbo's own bound, tjBufSize, and room for EXIF data and for restart markers.
        let samples = units.width * unit.width * units.height * unit.height
        scratchByteCount = samples * (2 + (grey ? 0 : 4 * 64 / unit.pixelCount)) + 2048 + 65536 + 4 * units.height
        scratch = .allocate(capacity: scratchByteCount)
    }

    deinit {
        cjpeg_close(encoder)
        scratch.deallocate()
        strip.deallocate()
        apart.deallocate()
        rows.deallocate()
    }

    /// Compresses a frame of the configured size and format.
    ///
    /// - Parameters:
    ///   - frame: The frame.
    ///   - quality: 1...100.
    ///   - exif: A segment that stands in the place of JFIF's; empty to keep that one.
    /// - Returns: The picture, SOI to EOI.
    /// - Throws: `.codec` when libjpeg fails.
    func compress(_ frame: Frame, quality: Int, exif: [UInt8] = []) throws(CameraError) -> PacketBytes {
        let count = withExtendedLifetime(frame) { fill(scratch, with: frame, quality: quality, exif: exif) }
        guard count > 0 else {
            throw CameraError(.codec, Self.operation, reason: String(cString: cjpeg_message(encoder)))
        }
        guard let block = pool.take(count) else {
            throw CameraError(.codec, Self.operation, reason: "there is no memory for the picture")
        }
        block.baseAddress.copyMemory(from: scratch, byteCount: count)
        return PacketBytes(block, count: count)
    }

    /// Puts the picture into memory; its length, 0 on failure.
    private func fill(
        _ bytes: UnsafeMutablePointer<UInt8>, with frame: Frame, quality: Int, exif: [UInt8]
    ) -> Int {
        var picture = cjpeg_picture(
            width: Int32(configuration.size.width), height: Int32(configuration.size.height),
            components: Int32(channels.count), across: Int32(unit.width / 8), down: Int32(unit.height / 8),
            quality: Int32(quality), restart_rows: Int32(restartInterval),
            aspect_width: Int32(configuration.pixelAspect.width),
            aspect_height: Int32(configuration.pixelAspect.height))
        guard cjpeg_begin(encoder, &picture, bytes, scratchByteCount, exif, exif.count) != 0 else { return 0 }
        for unitRow in 0..<(configuration.size.height + unit.height - 1) / unit.height {
            prepare(channels[0], unitRow, of: frame)
            if configuration.inputFormat == .nv12 {
                prepareChromaPairs(unitRow, of: frame)
            } else {
                for channel in channels.dropFirst() { prepare(channel, unitRow, of: frame) }
            }
            let isWritten =
                channels.count == 1
                ? cjpeg_write(encoder, rows, nil, nil)
                : cjpeg_write(encoder, rows, rows + channels[1].rowsStart, rows + channels[2].rowsStart)
            guard isWritten != 0 else { return 0 }
        }
        return cjpeg_finish(encoder)
    }

    /// Makes a channel's rows for a row of coding units.
    private func prepare(_ channel: Channel, _ unitRow: Int, of frame: Frame) {
        let plane = frame.plane(channel.plane)
        let kernel = channel.plane == 0 ? range?.luma : range?.chroma
        for index in 0..<channel.rowsPerUnit {
            let row = min(unitRow * channel.rowsPerUnit + index, channel.size.height - 1)
            let source = (plane.baseAddress + row * plane.stride).assumingMemoryBound(to: UInt8.self)
            let target = strip + channel.stripStart + index * channel.width
            if let kernel {
                kernel.map(source, into: target, count: channel.size.width)
            } else {
                target.update(from: source, count: channel.size.width)
            }
            repeatLast(of: target, channel)
        }
    }

    /// The same for the two channels of chroma that lie in one plane.
    private func prepareChromaPairs(_ unitRow: Int, of frame: Frame) {
        let plane = frame.plane(1)
        let (blue, red) = (channels[1], channels[2])
        let count = blue.size.width
        for index in 0..<blue.rowsPerUnit {
            let row = min(unitRow * blue.rowsPerUnit + index, blue.size.height - 1)
            let source = (plane.baseAddress + row * plane.stride).assumingMemoryBound(to: UInt8.self)
            let targets = (strip + blue.stripStart + index * blue.width, strip + red.stripStart + index * red.width)
            if let kernel = range?.chroma {
                SplitUVPlane(source, 0, apart, 0, apart + count, 0, Int32(count), 1)
                kernel.map(apart, into: targets.0, count: count)
                kernel.map(apart + count, into: targets.1, count: count)
            } else {
                SplitUVPlane(source, 0, targets.0, 0, targets.1, 0, Int32(count), 1)
            }
            repeatLast(of: targets.0, blue)
            repeatLast(of: targets.1, red)
        }
    }

    /// Repeats a row's last sample up to the end of the coding unit.
    private func repeatLast(of row: UnsafeMutablePointer<UInt8>, _ channel: Channel) {
        let count = channel.size.width
        (row + count).update(repeating: row[count - 1], count: channel.width - count)
    }

    private static let operation = "compressing a JPEG picture"
}

extension PixelFormat {
    /// The pixels of a coding unit (MCU) of pictures with such chroma.
    var codingUnit: Resolution {
        switch self {
        case .grey: Resolution(8, 8)
        case .yuv422: Resolution(16, 8)
        default: Resolution(16, 16)
        }
    }
}

extension ColorSpace {
    /// Grey is the same in every matrix.
    fileprivate var withJPEGMatrix: ColorSpace {
        var color = self
        color.matrix = ColorSpace.jpeg.matrix
        return color
    }
}
