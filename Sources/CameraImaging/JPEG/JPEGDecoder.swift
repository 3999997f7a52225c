// SPDX-License-Identifier: MIT

internal import CJPEG
internal import CameraCore

/// Decodes JPEG pictures to their own planes with libjpeg; used by one thread at a time.
///
/// A picture is whole when all of it was sent: bytes between its segments, or an unknown revision in its header, of which
/// libjpeg warns, take nothing from it. A picture of which libjpeg had to make up a part is refused.
final class JPEGDecoder {
    private let handle: OpaquePointer
    private static let operation = "decoding a JPEG picture"

    /// Makes a decoder.
    ///
    /// - Throws: `.system` when there is no memory.
    init() throws(CameraError) {
        guard let handle = cjpeg_decoder_open() else { throw Self.memoryError }
        self.handle = handle
    }

    deinit {
        cjpeg_decoder_close(handle)
    }

    /// Reads the header of a picture whose bytes stay until it is decoded.
    ///
    /// - Throws: `.corruptData` with a ``PictureFault``, whatever is wrong with the picture.
    func header(of bytes: UnsafeRawBufferPointer) throws(CameraError) -> JPEGHeader {
        var header = cjpeg_header()
        try check(cjpeg_read_header(handle, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, &header))
        let sharing = Subsampling(across: Int(header.across), down: Int(header.down))
        let known = JPEGHeader.Subsampling.allCases.first {
            ($0 == .grey) == (header.components == 1) && $0.sharing == sharing
        }
        guard let known else { throw Self.error(.unsupported, "its chroma is sampled in an unknown way") }
        let size = Resolution(Int(header.width), Int(header.height))
        guard size.width <= Resolution.largestSide, size.height <= Resolution.largestSide else {
            throw Self.error(.malformed, "it claims to have \(size) pixels")
        }
        return JPEGHeader(size: size, subsampling: known)
    }

    /// Reads the header of a picture that must have the size that its camera was set to.
    func header(of bytes: UnsafeRawBufferPointer, ofSize size: Resolution) throws(CameraError) -> JPEGHeader {
        let header = try header(of: bytes)
        guard header.size == size else {
            throw Self.error(.otherSize, "it has \(header.size) pixels, but the camera was set to \(size)")
        }
        return header
    }

    /// The sides of the planes that ``decode(to:)`` fills.
    static func planeSizes(of header: JPEGHeader) -> [PlaneSize] {
        let chroma = PlaneSize(header.size, sharedBy: header.subsampling.sharing)
        return [PlaneSize(header.size)] + (header.subsampling == .grey ? [] : [chroma, chroma])
    }

    /// Decodes the picture whose header was read last; once.
    ///
    /// - Parameter planes: Planes of the sides that ``planeSizes(of:)`` tells.
    /// - Throws: `.corruptData` with a ``PictureFault``, also for damage that leaves a part of the picture intact.
    func decode(to planes: [PlaneBuffer]) throws(CameraError) {
        let targets = planes.map {
            cjpeg_plane(base: $0.base, stride: $0.stride, width: $0.width, height: $0.height)
        }
        try check(cjpeg_decode(handle, targets))
    }

    private func check(_ outcome: cjpeg_outcome) throws(CameraError) {
        let words = String(cString: cjpeg_decoder_message(handle))
        switch outcome {
        case CJPEG_WHOLE: return
        case CJPEG_INCOMPLETE: throw Self.error(.incomplete, words)
        case CJPEG_CORRUPT: throw Self.error(.corrupt, words)
        case CJPEG_UNSUPPORTED: throw Self.error(.unsupported, words)
        case CJPEG_NO_MEMORY: throw Self.memoryError
        default: throw Self.error(.malformed, words)
        }
    }

    private static func error(_ kind: PictureFault.Kind, _ words: String) -> CameraError {
        CameraError(.corruptData, operation, underlying: PictureFault(kind, words))
    }

    private static var memoryError: CameraError {
        CameraError(.system, operation, reason: "there is no memory for it")
    }
}
