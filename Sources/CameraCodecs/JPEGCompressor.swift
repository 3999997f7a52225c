// SPDX-License-Identifier: MIT

internal import CTurboJPEG
internal import CYUV
internal import CameraCore

/// Compresses frames to JPEG pictures with TurboJPEG, straight from their planes.
final class JPEGCompressor: @unchecked Sendable {
    // Unchecked: one thread uses it at a time.

    private let configuration: CodecConfiguration
    private let restart: JPEGRestartMarkers?
    private let pool: BytePool
    private let handle: tjhandle
    /// Room for the largest picture; what is not written to costs no memory.
    private let scratch: UnsafeMutablePointer<UInt8>
    /// Room for the chroma planes of frames that have them interleaved.
    private let chroma: UnsafeMutablePointer<UInt8>

    /// Makes a compressor.
    ///
    /// - Parameters:
    ///   - configuration: What to make; checked by the codec.
    ///   - restart: Where restart markers go; nil for none.
    ///   - pool: Where the pictures' memory comes from.
    /// - Throws: `.codec` when TurboJPEG has no memory.
    init(_ configuration: CodecConfiguration, restart: JPEGRestartMarkers?, pool: BytePool) throws(CameraError) {
        guard let handle = tjInitCompress() else {
            throw CameraError(.codec, "making a JPEG encoder", reason: "TurboJPEG has no memory for it")
        }
        self.configuration = configuration
        self.restart = restart
        self.pool = pool
        self.handle = handle
        let size = configuration.size
        let strips = restart?.strips(ofHeight: size.height) ?? [0..<size.height]
        let needed = strips.reduce(JPEGRestartMarkers.segmentByteCount) {
            $0 + Int(tjBufSize(Int32(size.width), Int32($1.count), configuration.inputFormat.subsampling))
        }
        scratch = .allocate(capacity: needed)
        chroma = .allocate(capacity: configuration.inputFormat == .nv12 ? 2 * size.chromaSamples : 0)
    }

    deinit {
        tjDestroy(handle)
        scratch.deallocate()
        chroma.deallocate()
    }

    /// Compresses a frame of the configured size and format.
    ///
    /// - Parameters:
    ///   - frame: The frame.
    ///   - quality: 1...100.
    ///   - exif: A segment that stands in the place of JFIF's; empty to keep that one.
    /// - Returns: The picture, SOI to EOI.
    /// - Throws: `.codec` when TurboJPEG fails.
    func compress(_ frame: Frame, quality: Int, exif: [UInt8] = []) throws(CameraError) -> PacketBytes {
        let result = withExtendedLifetime(frame) { () -> Result<Int, CameraError> in
            let planes = planes(of: frame)
            return Result { () throws(CameraError) in try compress(planes, quality: quality) }
        }
        let made = try result.get()
        let (head, rest) = exif.isEmpty ? (0, 0) : (Self.markerByteCount, restAfterJFIF)
        let count = head + exif.count + made - rest
        guard let block = pool.take(count) else {
            throw CameraError(.codec, Self.operation, reason: "there is no memory for the picture")
        }
        block.baseAddress.copyMemory(from: scratch, byteCount: head)
        exif.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress {
                (block.baseAddress + head).copyMemory(from: start, byteCount: bytes.count)
            }
        }
        (block.baseAddress + head + exif.count).copyMemory(from: scratch + rest, byteCount: made - rest)
        return PacketBytes(block, count: count)
    }

    /// Bytes of the marker that a picture starts with.
    private static let markerByteCount = 2

    /// Where the picture in the scratch memory goes on behind its JFIF segment, which TurboJPEG writes first.
    private var restAfterJFIF: Int {
        let start = Self.markerByteCount
        guard scratch[start] == 0xFF, scratch[start + 1] == 0xE0 else { return start }
        return start + 2 + Int(scratch[start + 2]) << 8 + Int(scratch[start + 3])
    }

    /// Puts the picture into the scratch memory; its length.
    private func compress(_ planes: [PlaneRows], quality: Int) throws(CameraError) -> Int {
        let height = configuration.size.height
        guard let restart else { return try compress(planes, rows: 0..<height, quality: quality, to: scratch) }
        var count = 0
        for (number, rows) in restart.strips(ofHeight: height).enumerated() {
            let place = restart.place(ofStrip: number, after: count, in: scratch)
            let stripCount = try compress(planes, rows: rows, quality: quality, to: place)
            count = restart.join(strip: number, of: stripCount, after: count, in: scratch, height: height)
        }
        return count
    }

    private func compress(
        _ planes: [PlaneRows], rows: Range<Int>, quality: Int, to destination: UnsafeMutablePointer<UInt8>
    ) throws(CameraError) -> Int {
        var sources = planes.map { Optional($0.start + rows.lowerBound / $0.pixelsDown * $0.stride) }
        let strides = planes.map { Int32($0.stride) }
        var destination: UnsafeMutablePointer<UInt8>? = destination
        var count: UInt = 0
        // The accurate transform costs no more than the fast one where there are vector instructions for both.
        let flags = TJFLAG_NOREALLOC | TJFLAG_ACCURATEDCT
        let status = tjCompressFromYUVPlanes(
            handle, &sources, Int32(configuration.size.width), strides, Int32(rows.count),
            configuration.inputFormat.subsampling, &destination, &count, Int32(quality), flags)
        guard status == 0 else {
            throw CameraError(.codec, Self.operation, reason: String(cString: tjGetErrorStr2(handle)))
        }
        return Int(count)
    }

    /// A plane as TurboJPEG takes it.
    private struct PlaneRows {
        let start: UnsafePointer<UInt8>
        let stride: Int
        let pixelsDown: Int
    }

    /// The frame's planes, those of NV12 taken apart first.
    private func planes(of frame: Frame) -> [PlaneRows] {
        func rows(_ plane: Int) -> PlaneRows {
            PlaneRows(
                start: frame.plane(plane).baseAddress.assumingMemoryBound(to: UInt8.self),
                stride: frame.plane(plane).stride, pixelsDown: frame.format.layout(ofPlane: plane)?.pixelsDown ?? 1)
        }
        guard frame.format == .nv12 else { return (0..<frame.planeCount).map(rows) }
        let (pair, width) = (rows(1), frame.size.chromaWidth)
        let second = chroma + frame.size.chromaSamples
        SplitUVPlane(
            pair.start, Int32(pair.stride), chroma, Int32(width), second, Int32(width), Int32(width),
            Int32(frame.size.chromaHeight))
        let halves = [UnsafePointer(chroma), UnsafePointer(second)]
        return [rows(0)] + halves.map { PlaneRows(start: $0, stride: width, pixelsDown: 2) }
    }

    private static let operation = "compressing a JPEG picture"
}

extension PixelFormat {
    /// TurboJPEG's name for how chroma is shared.
    fileprivate var subsampling: Int32 {
        switch self {
        case .grey: Int32(TJSAMP_GRAY.rawValue)
        case .yuv422: Int32(TJSAMP_422.rawValue)
        default: Int32(TJSAMP_420.rawValue)
        }
    }
}

extension Resolution {
    /// Chroma samples in a row at 4:2:0.
    fileprivate var chromaWidth: Int { (width + 1) / 2 }
    /// Rows of chroma samples at 4:2:0.
    fileprivate var chromaHeight: Int { (height + 1) / 2 }
    fileprivate var chromaSamples: Int { chromaWidth * chromaHeight }
}
