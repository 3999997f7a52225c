// SPDX-License-Identifier: MIT

package import CameraCore

/// Converts frames: layout, colour, size and position of the picture; decodes JPEG.
///
/// Safe to use from several threads at once. Each conversion runs on its caller's thread.
package final class FrameConverter: Sendable {
    let pool: BytePool
    /// What lies between the steps of a conversion; bounded by the number of threads that convert at once.
    let intermediates = BytePool()

    /// Makes a converter.
    ///
    /// - Parameter pool: Where the converted pictures lie; each takes one block of it for as long as it is kept.
    package init(pool: BytePool) {
        self.pool = pool
    }

    /// Converts a frame.
    ///
    /// Between Y, U, V and R, G, B the matrix and the range count; `unspecified` stands for BT.601, and so does `rgb` in a
    /// layout of Y, U and V. R, G and B are always sRGB in full range, JPEG pictures always ``ColorSpace/jpeg``. Primaries
    /// and transfer are named after what was asked but never computed. Shrinking averages, growing interpolates. Pixels
    /// that share chroma are averaged; R, G and B that are not scaled have the chroma that was shared, as it is. Sizes may be
    /// odd. Of pixels behind a filter the missing colours are the mean of the neighbours that have them, of 8 bits and
    /// without white balance.
    ///
    /// - Parameters:
    ///   - frame: A frame in any of ``PixelFormat/known`` but H.264 and H.265, with rows of any stride.
    ///   - format: The wanted layout; any but the compressed ones and those of
    ///     ``PixelFormat/bayerFormats``.
    ///   - size: The size of the result, after a quarter turn if there is one.
    ///   - color: What the numbers of the result are to mean.
    ///   - crop: The part of the frame that is wanted, moved to whole chroma samples; nil for all of it.
    ///   - transform: How to turn the picture.
    /// - Returns: A packed frame with the source's ``Frame/info``; the very frame that was given when it is already as
    ///   asked, whatever its strides; nil when the pool has lent all it may.
    /// - Throws: `.corruptData` for a frame that cannot be decoded or is shorter than its size asks; `.unsupported` for
    ///   layouts and matrices that are not known; `.invalidValue` for a size that cannot be and for a part outside.
    package func convert(
        _ frame: Frame, to format: PixelFormat, size: Resolution, color: ColorSpace, crop: PixelRegion? = nil,
        transform: Transform = .identity
    ) throws(CameraError) -> Frame? {
        let work = Work(format: format, size: size, color: color, crop: crop, transform: transform)
        if frame.isAlready(work) { return frame }
        guard let bytes = try convertedBytes(of: frame, to: work, from: pool) else { return nil }
        return pool.frame(packed: format, size: size, color: color.labelling(format), info: frame.info, bytes: bytes)
    }

    /// What a result is to be like.
    struct Work {
        var format: PixelFormat
        var size: Resolution
        var color: ColorSpace
        var crop: PixelRegion?
        var transform = Transform.identity
    }

    /// The packed bytes of a conversion, which nobody else has; also where there is nothing to convert.
    func convertedBytes(of frame: Frame, to work: Work, from pool: BytePool) throws(CameraError) -> PooledBytes? {
        try work.size.validated(Conversion.operation)
        try frame.checkPlanes()
        let region = try work.region(of: frame)
        guard work.format.bayer == nil || frame.isAlready(work) else {
            throw CameraError(
                .unsupported, Conversion.operation, subject: work.format.name,
                reason: "what a sensor delivers behind its filter cannot be made of other pictures nor changed; leave "
                    + "size, crop, rotation and drawing as they are, or choose a format of red, green and blue")
        }
        guard let byteCount = work.format.byteCount(of: work.size) else {
            throw CameraError(
                .unsupported, Conversion.operation, subject: work.format.name,
                reason: "frames cannot be converted to it; choose an uncompressed format")
        }
        if let pattern = frame.format.bayer, !frame.isAlready(work) {
            return try convertedBytes(of: frame.demosaiced(pattern, from: intermediates), to: work, from: pool)
        }
        let change = try ColorChange(from: frame, to: work.format, work.color)
        guard let bytes = pool.take(byteCount) else { return nil }
        if frame.isAlready(work) {
            frame.copyPacked(to: bytes.baseAddress)
            return bytes
        }
        var conversion = Conversion(
            of: frame, region, to: work.format, size: work.size, change: change, turn: work.transform.turn, into: bytes,
            intermediates: intermediates)
        try conversion.run()
        return bytes
    }
}

extension FrameConverter.Work {
    /// The part of the frame that is converted.
    fileprivate func region(of frame: Frame) throws(CameraError) -> PixelRegion {
        let whole = PixelRegion(whole: frame.size)
        guard let crop else { return whole }
        guard whole.contains(crop) else {
            throw CameraError(
                .invalidValue, Conversion.operation, subject: "\(crop)",
                reason: "this part does not lie within the frame of \(frame.size)")
        }
        return crop.aligned(in: frame.size, of: frame.format)
    }
}

extension Frame {
    /// Whether a conversion would change nothing.
    fileprivate func isAlready(_ work: FrameConverter.Work) -> Bool {
        guard format == work.format, size == work.size, work.transform.isIdentity,
            work.crop == nil || work.crop == PixelRegion(whole: size)
        else { return false }
        return format.isRGB || format.isCompressed || color.hasNumbers(of: work.color)
    }

    /// Throws when the planes are shorter than the size asks, or the size is none.
    func checkPlanes() throws(CameraError) {
        try size.validated(Conversion.operation)
        guard PixelFormat.known.contains(format), !format.isInterCoded else {
            throw CameraError(
                .unsupported, Conversion.operation, subject: format.description,
                reason: "frames of this layout cannot be read; choose another pixel format of the camera")
        }
        for index in 0..<planeCount {
            guard let layout = format.layout(ofPlane: index) else { continue }
            let plane = plane(index)
            let rowBytes = layout.rowBytes(width: size.width)
            let lastRow = layout.rows(height: size.height) - 1
            let (lastStart, overflow) = plane.stride.multipliedReportingOverflow(by: lastRow)
            guard plane.stride >= rowBytes, plane.stride <= Int32.max, !overflow,
                plane.byteCount - rowBytes >= lastStart
            else {
                throw CameraError(
                    .corruptData, Conversion.operation,
                    reason: "plane \(index) has \(plane.byteCount) bytes in rows of \(plane.stride), too few for "
                        + "\(format.name) of \(size)")
            }
        }
    }
}

extension ColorSpace {
    /// Whether the same numbers stand for the same colours, as far as matrix and range go.
    fileprivate func hasNumbers(of other: ColorSpace) -> Bool {
        if matrix == other.matrix && range == other.range { return true }
        guard let space = YUVSpace(self) else { return false }
        return space == YUVSpace(other)
    }

    /// What a picture in `format` is labelled with that was asked to have these colours.
    func labelling(_ format: PixelFormat) -> ColorSpace {
        var color = self
        if format.isRGB {
            color.matrix = .rgb
            color.range = .full
        } else if matrix == .rgb {
            color.matrix = .bt601
        }
        return color
    }
}

/// What happens to the numbers of a picture.
enum ColorChange {
    /// Nothing.
    case none
    /// Y, U and V of one space become those of another.
    case between(YUVSpace, YUVSpace)
    /// Y, U and V become R, G and B.
    case toRGB(YUVSpace)
    /// R, G and B become Y, U and V.
    case fromRGB(YUVSpace)

    fileprivate init(from frame: Frame, to format: PixelFormat, _ color: ColorSpace) throws(CameraError) {
        let source = frame.format.isCompressed ? ColorSpace.jpeg : frame.color
        switch (frame.format.isRGB, format.isRGB) {
        case (true, true): self = .none
        case (true, false): self = .fromRGB(try Self.space(color))
        case (false, true): self = .toRGB(try Self.space(source))
        case (false, false):
            self = source.hasNumbers(of: color) ? .none : .between(try Self.space(source), try Self.space(color))
        }
    }

    static func space(_ color: ColorSpace) throws(CameraError) -> YUVSpace {
        guard let space = YUVSpace(color) else {
            throw CameraError(
                .unsupported, Conversion.operation,
                reason: "the matrix with code point \(color.matrix.rawValue) of H.273 is not known; name another one")
        }
        return space
    }
}
