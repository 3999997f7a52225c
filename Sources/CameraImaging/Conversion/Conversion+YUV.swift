// SPDX-License-Identifier: MIT

internal import CYUV
internal import CameraCore

/// The planes of a picture of Y, U and V; no chroma where it is grey or nobody needs it.
struct YUVPlanes<Plane> {
    let luma: Plane
    let chroma: Chroma<Plane>?
}

/// The chroma planes of a picture.
struct Chroma<Plane> {
    let u: Plane
    let v: Plane
}

extension PixelFormat {
    /// How pixels share chroma in an uncompressed layout; nil where there is none.
    var subsampling: Subsampling? {
        switch self {
        case .yuv420, .nv12, .nv21: .both
        case .yuv422, .yuyv, .uyvy: .horizontal
        default: nil
        }
    }
}

// MARK: - The result

extension Conversion {
    /// The result's luma, where it lies in a plane of its own.
    var lumaOfResult: PlaneBuffer? {
        guard format != .yuyv, format != .uyvy else { return nil }
        let size = PlaneSize(size)
        return PlaneBuffer(base: destination, stride: size.width, width: size.width, height: size.height)
    }

    /// The result's chroma, where it lies in planes of its own.
    var chromaOfResult: Chroma<PlaneBuffer>? {
        guard format == .yuv420 || format == .yuv422, let size = chromaSize else { return nil }
        let start = destination + self.size.pixelCount
        let u = PlaneBuffer(base: start, stride: size.width, width: size.width, height: size.height)
        return Chroma(
            u: u, v: PlaneBuffer(base: u.row(u.height), stride: size.width, width: size.width, height: size.height))
    }

    /// The sides of the result's chroma planes, interleaved or not; nil for grey.
    var chromaSize: PlaneSize? { format.subsampling.map { PlaneSize(size, sharedBy: $0) } }

    /// Fills what of the result has no planes of its own.
    func interleave(_ luma: PlaneView, _ chroma: Chroma<PlaneView>) {
        let (u, v) = (chroma.u, chroma.v)
        let pairs = destination + size.pixelCount
        let rowBytes = 2 * u.width
        switch format {
        case .nv12: MergeUVPlane(u.base, u.stride, v.base, v.stride, pairs, rowBytes, u.width, u.height)
        case .nv21: MergeUVPlane(v.base, v.stride, u.base, u.stride, pairs, rowBytes, u.width, u.height)
        case .yuyv:
            I422ToYUY2(
                luma.base, luma.stride, u.base, u.stride, v.base, v.stride, destination, 2 * rowBytes, luma.width,
                luma.height)
        case .uyvy:
            I422ToUYVY(
                luma.base, luma.stride, u.base, u.stride, v.base, v.stride, destination, 2 * rowBytes, luma.width,
                luma.height)
        default: break
        }
    }
}

// MARK: - The conversions

extension Conversion {
    /// Changes layout and geometry, and leaves the numbers alone.
    mutating func rearrangeYUV() throws(CameraError) {
        arrange(
            try separate(
                needsChroma: format != .grey, luma: keepsGeometry ? lumaOfResult : nil,
                chroma: keepsGeometry ? chromaOfResult : nil))
    }

    /// Makes the result of planes at the source's size that have the result's numbers.
    mutating func arrange(_ planes: YUVPlanes<PlaneView>) {
        let luma = place(planes.luma, at: PlaneSize(size), on: lumaOfResult)
        guard let chromaSize else { return }
        interleave(luma, place(planes.chroma, at: chromaSize, on: chromaOfResult))
    }

    /// Changes the numbers as well.
    mutating func recolorYUV(from source: YUVSpace, to target: YUVSpace) throws(CameraError) {
        // No chroma, no matrix: grey is the same in all of them.
        let source = frame.format == .grey ? target.with(range: source.range) : source
        let keepsMatrix = source.hasMatrix(of: target)
        let matrix = ColorMatrix.between(source, target)
        let planes = try separate(needsChroma: format != .grey || !keepsMatrix)

        let oldLuma = place(planes.luma, at: PlaneSize(size))
        let luma = buffer(PlaneSize(size), preferring: lumaOfResult)
        if keepsMatrix {
            oldLuma.map(with: RangeKernel(weight: matrix.first.weights.x, offset: matrix.first.offset), to: luma)
        } else {
            let (kernel, chroma) = (ChannelKernel(matrix.first), place(planes.chroma, at: PlaneSize(size)))
            for row in 0..<luma.height {
                kernel.mix(
                    oldLuma.row(row), chroma.u.row(row), chroma.v.row(row), into: luma.row(row), count: Int(luma.width))
            }
        }

        guard let chromaSize else { return }
        let oldChroma = place(planes.chroma, at: chromaSize)
        let u = buffer(chromaSize, preferring: chromaOfResult?.u)
        let v = buffer(chromaSize, preferring: chromaOfResult?.v)
        if keepsMatrix {
            oldChroma.u.map(with: RangeKernel(weight: matrix.second.weights.y, offset: matrix.second.offset), to: u)
            oldChroma.v.map(with: RangeKernel(weight: matrix.third.weights.z, offset: matrix.third.offset), to: v)
        } else {
            let (uKernel, vKernel) = (ChannelKernel(matrix.second), ChannelKernel(matrix.third))
            for row in 0..<u.height {
                let (oldU, oldV) = (oldChroma.u.row(row), oldChroma.v.row(row))
                // Luma has no weight in chroma, so that any row can stand for it.
                uKernel.mix(oldU, oldU, oldV, into: u.row(row), count: Int(u.width))
                vKernel.mix(oldU, oldU, oldV, into: v.row(row), count: Int(v.width))
            }
        }
        interleave(luma.view, Chroma(u: u.view, v: v.view))
    }

    /// Scales and turns chroma planes; those of a grey picture are made.
    mutating func place(
        _ chroma: Chroma<PlaneView>?, at size: PlaneSize, on target: Chroma<PlaneBuffer>? = nil
    ) -> Chroma<PlaneView> {
        if let chroma {
            return Chroma(u: place(chroma.u, at: size, on: target?.u), v: place(chroma.v, at: size, on: target?.v))
        }
        let (u, v) = (buffer(size, preferring: target?.u), buffer(size, preferring: target?.v))
        u.fill(with: 128)
        v.fill(with: 128)
        return Chroma(u: u.view, v: v.view)
    }
}

// MARK: - The source

extension Conversion {
    /// Separates the frame into planes.
    ///
    /// - Parameters:
    ///   - needsChroma: Whether chroma is of use.
    ///   - luma: Where to write luma if it has to be written and fits.
    ///   - chroma: Where to write chroma if it has to be written and fits.
    /// - Returns: The planes, in the frame itself where they lie there already.
    /// - Throws: `.corruptData` for JPEG pictures.
    mutating func separate(
        needsChroma: Bool, luma: PlaneBuffer? = nil, chroma: Chroma<PlaneBuffer>? = nil
    ) throws(CameraError) -> YUVPlanes<PlaneView> {
        let whole = PlaneSize(region.size)
        switch frame.format {
        case .mjpeg: return try decode(luma: luma, chroma: chroma)
        case .yuyv, .uyvy: return separatePixelPairs(needsChroma: needsChroma, luma: luma, chroma: chroma)
        case .yuv420, .yuv422:
            let size = PlaneSize(region.size, sharedBy: frame.format.subsampling ?? .none)
            return YUVPlanes(
                luma: view(ofPlane: 0, size: whole),
                chroma: Chroma(u: view(ofPlane: 1, size: size), v: view(ofPlane: 2, size: size)))
        case .nv12, .nv21:
            let luma = view(ofPlane: 0, size: whole)
            guard needsChroma else { return YUVPlanes(luma: luma, chroma: nil) }
            let size = PlaneSize(region.size, sharedBy: .both)
            let u = buffer(size, preferring: chroma?.u)
            let v = buffer(size, preferring: chroma?.v)
            let (first, second) = frame.format == .nv12 ? (u, v) : (v, u)
            let pairs = view(ofPlane: 1, size: size)
            SplitUVPlane(
                pairs.base, pairs.stride, first.base, first.stride, second.base, second.stride, size.width, size.height)
            return YUVPlanes(luma: luma, chroma: Chroma(u: u.view, v: v.view))
        default: return YUVPlanes(luma: view(ofPlane: 0, size: whole), chroma: nil)
        }
    }

    /// Separates YUYV and UYVY.
    private mutating func separatePixelPairs(
        needsChroma: Bool, luma: PlaneBuffer?, chroma: Chroma<PlaneBuffer>?
    ) -> YUVPlanes<PlaneView> {
        let size = PlaneSize(region.size)
        let pixels = view(ofPlane: 0, size: size)
        let yuyv = frame.format == .yuyv
        let luma = buffer(size, preferring: luma)
        guard needsChroma else {
            let separate = yuyv ? YUY2ToY : UYVYToY
            // libyuv's results only tell of null pointers and empty pictures.
            _ = separate(pixels.base, pixels.stride, luma.base, luma.stride, size.width, size.height)
            return YUVPlanes(luma: luma.view, chroma: nil)
        }
        // Two rows become one in the same pass where the result wants that.
        let subsampling = format.subsampling == .both ? Subsampling.both : .horizontal
        let chromaSize = PlaneSize(region.size, sharedBy: subsampling)
        let u = buffer(chromaSize, preferring: chroma?.u)
        let v = buffer(chromaSize, preferring: chroma?.v)
        let separate =
            switch (yuyv, subsampling) {
            case (true, .both): YUY2ToI420
            case (true, _): YUY2ToI422
            case (false, .both): UYVYToI420
            case (false, _): UYVYToI422
            }
        _ = separate(
            pixels.base, pixels.stride, luma.base, luma.stride, u.base, u.stride, v.base, v.stride, size.width,
            size.height)
        return YUVPlanes(luma: luma.view, chroma: Chroma(u: u.view, v: v.view))
    }

    /// Decodes a JPEG picture.
    private mutating func decode(
        luma: PlaneBuffer?, chroma: Chroma<PlaneBuffer>?
    ) throws(CameraError) -> YUVPlanes<PlaneView> {
        let data = frame.plane(0)
        let bytes = UnsafeRawBufferPointer(start: data.baseAddress, count: data.byteCount)
        let decoder = try JPEGDecoder()
        let header = try decoder.header(of: bytes, ofSize: frame.size)
        let sizes = JPEGDecoder.planeSizes(of: header)
        let targets = [luma, chroma?.u, chroma?.v]
        var planes: [PlaneBuffer] = []
        for (size, target) in zip(sizes, targets) { planes.append(buffer(size, preferring: target)) }
        try decoder.decode(to: planes)
        let luma = planes[0].view.cropped(to: region, sharedBy: .none)
        guard planes.count == 3 else { return YUVPlanes(luma: luma, chroma: nil) }
        let sharing = header.subsampling.sharing
        return YUVPlanes(
            luma: luma,
            chroma: Chroma(
                u: planes[1].view.cropped(to: region, sharedBy: sharing),
                v: planes[2].view.cropped(to: region, sharedBy: sharing)))
    }
}
