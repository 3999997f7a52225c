// SPDX-License-Identifier: MIT

internal import CTurboJPEG
internal import CameraCore

/// Decodes JPEG pictures to their own planes with TurboJPEG; used by one thread at a time.
final class JPEGDecoder {
    private let handle: tjhandle
    private static let operation = "decoding a JPEG picture"

    /// Makes a decoder.
    ///
    /// - Throws: `.system` when there is no memory.
    init() throws(CameraError) {
        guard let handle = tjInitDecompress() else {
            throw CameraError(.system, Self.operation, reason: "TurboJPEG has no memory for a decoder")
        }
        self.handle = handle
    }

    deinit {
        tjDestroy(handle)
    }

    /// Reads the header.
    func header(of bytes: UnsafeRawBufferPointer) throws(CameraError) -> JPEGHeader {
        // TurboJPEG refuses null and empty buffers by itself.
        let start = bytes.bindMemory(to: UInt8.self).baseAddress
        var (width, height, subsampling, colors) = (Int32(0), Int32(0), Int32(0), Int32(0))
        guard
            tjDecompressHeader3(handle, start, UInt(bytes.count), &width, &height, &subsampling, &colors) == 0
        else { throw damage() }
        // Tables without a picture are a header to TurboJPEG; a header that is cut off is taken for such.
        guard width > 0, height > 0 else {
            throw CameraError(.corruptData, Self.operation, reason: "it ends before the picture begins")
        }
        guard colors == TJCS_YCbCr.rawValue || colors == TJCS_GRAY.rawValue else {
            throw CameraError(
                .unsupported, Self.operation, reason: "it is not made of luma and chroma; choose another pixel format")
        }
        guard let known = JPEGHeader.Subsampling(turbo: subsampling) else {
            throw CameraError(.unsupported, Self.operation, reason: "its chroma is sampled in an unknown way")
        }
        let size = try Resolution(Int(width), Int(height)).validated(Self.operation)
        return JPEGHeader(size: size, subsampling: known)
    }

    /// The sides of the planes that ``decode(_:to:)`` fills: those of the picture, rounded up to whole chroma samples.
    static func planeSizes(of header: JPEGHeader) -> [PlaneSize] {
        let (width, height) = (Int32(header.size.width), Int32(header.size.height))
        let subsampling = header.subsampling.turbo
        return (0..<(header.subsampling == .grey ? 1 : 3)).map { plane in
            PlaneSize(
                width: tjPlaneWidth(plane, width, subsampling), height: tjPlaneHeight(plane, height, subsampling))
        }
    }

    /// Decodes a picture whose header was read before.
    ///
    /// - Parameters:
    ///   - bytes: The picture.
    ///   - planes: Planes of the sides that ``planeSizes(of:)`` tells.
    /// - Throws: `.corruptData`, also for damage that leaves a part of the picture intact.
    func decode(_ bytes: UnsafeRawBufferPointer, to planes: [PlaneBuffer]) throws(CameraError) {
        let start = bytes.bindMemory(to: UInt8.self).baseAddress
        var addresses: [UnsafeMutablePointer<UInt8>?] = planes.map(\.base)
        var strides = planes.map(\.stride)
        // A picture of a few bytes can ask for hours of work by its number of scans.
        let flags = TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS
        guard
            tjDecompressToYUVPlanes(handle, start, UInt(bytes.count), &addresses, 0, &strides, 0, flags) == 0
        else { throw damage() }
    }

    private func damage() -> CameraError {
        CameraError(.corruptData, Self.operation, reason: String(cString: tjGetErrorStr2(handle)))
    }
}

extension JPEGHeader.Subsampling {
    /// Makes it of TurboJPEG's number; nil when that is not known.
    fileprivate init?(turbo: Int32) {
        guard let known = Self.allCases.first(where: { $0.turbo == turbo }) else { return nil }
        self = known
    }

    /// TurboJPEG's number.
    fileprivate var turbo: Int32 {
        let constant =
            switch self {
            case .yuv444: TJSAMP_444
            case .yuv422: TJSAMP_422
            case .yuv420: TJSAMP_420
            case .yuv440: TJSAMP_440
            case .yuv411: TJSAMP_411
            case .grey: TJSAMP_GRAY
            }
        return Int32(constant.rawValue)
    }
}
