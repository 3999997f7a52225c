// SPDX-License-Identifier: MIT

internal import CYUV
internal import CameraCore

/// The pixels of an overlay as bytes B, G, R, A, shared by its copies, with what was made of them for pictures.
final class OverlayPixels: Sendable {
    static let operation = "laying an overlay over pictures"

    let size: Resolution
    private let cells: Cells<UInt8>
    /// Made for the last few kinds of pictures.
    let decals = BoundedCache<DecalKey, Decal>(limit: 4)

    /// What a decal was made for.
    struct DecalKey: Hashable, Sendable {
        let place: PixelRegion
        let alpha: UInt8
        let size: Resolution
        let format: PixelFormat
        let color: ColorSpace
    }

    init(_ bytes: [UInt8], size: Resolution, format: PixelFormat?) throws(CameraError) {
        try size.validated(Self.operation)
        let known: [PixelFormat] = [.rgb24, .rgba, .bgr24, .bgra]
        let guess = known.first { $0.byteCount(of: size) == bytes.count }
        if let format, !known.contains(format) {
            throw CameraError(
                .unsupported, Self.operation, subject: format.name,
                reason: "give its pixels as rgb24, bgr24, rgba or bgra")
        }
        guard let format = format ?? guess, format.byteCount(of: size) == bytes.count else {
            let counts = (format.map { [$0] } ?? [.rgb24, .rgba]).compactMap { $0.byteCount(of: size) }
            throw CameraError(
                .invalidValue, Self.operation, subject: "\(size)",
                reason: "\(bytes.count) bytes were given, and the pixels have "
                    + counts.map { "\($0)" }.joined(separator: " or ") + " without padding")
        }
        self.size = size
        let cells = Cells<UInt8>(repeating: 255, count: 4 * size.pixelCount)
        self.cells = cells
        let (width, height) = (Int32(size.width), Int32(size.height))
        // libyuv names four bytes from the highest of a little-endian word on, and three bytes the other way round.
        let rearrange =
            switch format {
            case .rgb24: RAWToARGB
            case .bgr24: RGB24ToARGB
            case .rgba: ABGRToARGB
            default: ARGBCopy
            }
        _ = rearrange(bytes, Int32(bytes.count / size.height), cells.base, 4 * width, width, height)
    }

    /// The pixels at another size: averaged where it is smaller, interpolated where it is larger.
    func scaled(to target: Resolution) -> Cells<UInt8> {
        guard target != size else { return cells }
        let (width, height) = (Int32(size.width), Int32(size.height))
        let (newWidth, newHeight) = (Int32(target.width), Int32(target.height))
        // Colours count as much as they are opaque, or else what is not seen would shine through at edges.
        let weighted = Cells<UInt8>(repeating: 0, count: cells.count)
        let result = Cells<UInt8>(repeating: 0, count: 4 * target.pixelCount)
        ARGBAttenuate(cells.base, 4 * width, weighted.base, 4 * width, width, height)
        ARGBScale(
            weighted.base, 4 * width, width, height, result.base, 4 * newWidth, newWidth, newHeight, kFilterBox)
        ARGBUnattenuate(result.base, 4 * newWidth, result.base, 4 * newWidth, newWidth, newHeight)
        return result
    }
}

/// A part of an overlay at its shown size, as rows of ink.
struct OverlayRows: InkSource {
    private let pixels: Cells<UInt8>
    private let shown: Resolution
    private let part: PixelRegion
    private let alpha: UInt16
    private let kernels: [ChannelKernel]
    /// A row of B, of G, of R and of A, and one of a channel that is made of them.
    private let scratch: Cells<UInt8>

    init(_ overlay: PictureOverlay, part: PixelRegion, _ space: InkSpace) {
        shown = overlay.shownSize
        pixels = overlay.pixels.scaled(to: shown)
        self.part = part
        alpha = UInt16(overlay.alpha)
        kernels = space.matrix.map { [$0.first, $0.second, $0.third].map(ChannelKernel.init) } ?? []
        scratch = Cells(repeating: 0, count: 5 * part.size.width)
    }

    func fill(_ row: InkRow, at index: Int) {
        let (count, width) = (row.count, Int32(row.count))
        let rows = (0..<5).map { scratch.base + $0 * count }
        let source = pixels.base + 4 * ((part.y + index) * shown.width + part.x)
        SplitARGBPlane(
            source, 4 * width, rows[2], width, rows[1], width, rows[0], width, rows[3], width, width, 1)
        for column in 0..<count {
            let product = UInt16(rows[3][column]) &* alpha &+ 128
            row.cover[column] = UInt8(truncatingIfNeeded: (product &+ (product &>> 8)) &>> 8)
        }
        for channel in 0..<3 {
            var values = rows[2 - channel]
            if !kernels.isEmpty {
                values = rows[4]
                kernels[channel].mix(rows[2], rows[1], rows[0], into: values, count: count)
            }
            let (ink, cover) = (row[channel], row.cover)
            for column in 0..<count { ink[column] = UInt16(values[column]) &* UInt16(cover[column]) }
        }
    }
}
