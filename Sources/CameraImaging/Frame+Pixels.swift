// SPDX-License-Identifier: MIT

public import CameraCore

extension Frame {
    /// The frame's samples as they are, without conversion.
    ///
    /// - Returns: Layouts of R, G and B have 3 or 4 channels in their own order. Layouts of Y, U and V have these 3 channels;
    ///   pixels that share chroma all have the sample that they share. Grey has 1 channel.
    /// - Throws: `.unsupported` for compressed frames and Bayer frames; `.corruptData` for a frame with fewer bytes than its
    ///   size needs.
    public func pixels() throws(CameraError) -> PixelArray<UInt8> {
        guard !format.isCompressed, format.bayer == nil else {
            throw CameraError(
                .unsupported, Self.reading, subject: format.name,
                reason: "its pixels have no numbers of their own; take rgbPixels()"
                    + (format.bayer == nil ? "" : ", or bayerPixels() for the sensor's"))
        }
        try checkPlanes()
        guard format.isRGB || format == .grey else { return yuvPixels() }
        let channels = format.layout(ofPlane: 0)?.bytesPerGroup ?? 1
        return PixelArray(rows: size.height, columns: size.width, channels: channels) { copyPacked(to: $0) }
    }

    /// The frame's pixels as red, green and blue, sRGB in full range, converted from any layout by the frame's colour space.
    ///
    /// - Throws: `.corruptData` for a frame that cannot be decoded, or has fewer bytes than its size needs; `.unsupported` for
    ///   a layout or colour matrix that is not known.
    public func rgbPixels() throws(CameraError) -> PixelArray<UInt8> {
        let converter = FrameConverter(pool: BytePool())
        guard let frame = try converter.convert(self, to: .rgb24, size: size, color: color) else {
            throw CameraError(.system, Self.reading, reason: "no memory left in the pool")
        }
        return try frame.pixels()
    }

    /// The samples of a Bayer frame, as the sensor gave them, in one channel.
    ///
    /// ``PixelArray/demosaiced(_:)`` with the format's ``PixelFormat/bayer`` makes colours of these samples.
    ///
    /// - Throws: `.unsupported` for a frame of another format; `.corruptData` for a frame with fewer bytes than its size needs.
    public func bayerPixels() throws(CameraError) -> PixelArray<UInt16> {
        guard let pattern = format.bayer else {
            throw CameraError(
                .unsupported, Self.reading, subject: format.name,
                reason:
                    "it is not what a sensor delivers behind a Bayer filter; choose such a pixel format of the camera, "
                    + "as rggb8, if it has one")
        }
        try checkPlanes()
        return PixelArray(rows: size.height, columns: size.width, channels: 1) { target in
            for row in 0..<size.height { copyBayerRow(row, pattern, to: target + row * size.width) }
        }
    }

    private func yuvPixels() -> PixelArray<UInt8> {
        let places = yuvPlaces
        let (lumaStep, chromaStep) = (places.luma.step, places.u.step)
        let width = size.width
        return PixelArray(rows: size.height, columns: width, channels: 3) { target in
            for row in 0..<size.height {
                let (y, u, v) = (places.luma.row(row), places.u.row(row), places.v.row(row))
                let line = target + 3 * row * width
                for x in 0..<width {
                    line[3 &* x] = y[x &* lumaStep]
                    line[3 &* x &+ 1] = u[(x &>> 1) &* chromaStep]
                    line[3 &* x &+ 2] = v[(x &>> 1) &* chromaStep]
                }
            }
        }
    }

    /// Where the samples of a channel lie, all of whose chroma has one for two pixels across.
    private struct SamplePlace {
        let base: UnsafePointer<UInt8>
        let stride: Int
        let step: Int
        let pixelsDown: Int

        func row(_ row: Int) -> UnsafePointer<UInt8> { base + row / pixelsDown * stride }
    }

    private var yuvPlaces: (luma: SamplePlace, u: SamplePlace, v: SamplePlace) {
        func place(_ index: Int, _ offset: Int, step: Int) -> SamplePlace {
            let plane = plane(index)
            return SamplePlace(
                base: plane.baseAddress.assumingMemoryBound(to: UInt8.self) + offset, stride: plane.stride, step: step,
                pixelsDown: format.layout(ofPlane: index)?.pixelsDown ?? 1)
        }
        return switch format {
        case .yuyv: (place(0, 0, step: 2), place(0, 1, step: 4), place(0, 3, step: 4))
        case .uyvy: (place(0, 1, step: 2), place(0, 0, step: 4), place(0, 2, step: 4))
        case .nv12: (place(0, 0, step: 1), place(1, 0, step: 2), place(1, 1, step: 2))
        case .nv21: (place(0, 0, step: 1), place(1, 1, step: 2), place(1, 0, step: 2))
        default: (place(0, 0, step: 1), place(1, 0, step: 1), place(2, 0, step: 1))
        }
    }

    private static let reading = "reading a frame's pixels"
}
