// SPDX-License-Identifier: MIT

internal import CYUV
internal import CameraCore

/// The planes of a picture of R, G and B, perhaps with alpha.
struct RGBPlanes<Plane> {
    let red: Plane
    let green: Plane
    let blue: Plane
    let alpha: Plane?

    func map<Other>(_ transform: (Plane) -> Other) -> RGBPlanes<Other> {
        RGBPlanes<Other>(
            red: transform(red), green: transform(green), blue: transform(blue), alpha: alpha.map(transform))
    }
}

/// Pixels of R, G and B in 3 or 4 bytes.
private struct PackedPixels {
    let bytesPerPixel: Int32
    let startsWithRed: Bool

    init(_ format: PixelFormat) {
        bytesPerPixel = format == .rgb24 || format == .bgr24 ? 3 : 4
        startsWithRed = format == .rgb24 || format == .rgba
    }

    var hasAlpha: Bool { bytesPerPixel == 4 }

    /// The planes by libyuv's names: byte 0 is red in its pixels of three bytes and blue in those of four.
    private func named<Plane>(_ planes: RGBPlanes<Plane>) -> (red: Plane, green: Plane, blue: Plane) {
        startsWithRed != hasAlpha
            ? (planes.red, planes.green, planes.blue) : (planes.blue, planes.green, planes.red)
    }

    /// Separates rows of pixels into planes of the same width, as many rows as the planes have.
    ///
    /// libyuv 1904 (Debian 13) overruns its own stack in the columns that are left over of its blocks of up to 32
    /// (`SplitRGBRow_Any_AVX2`, `SplitXRGBRow_Any_AVX2`), so that it gets whole blocks alone.
    func separate(_ pixels: UnsafePointer<UInt8>, stride: Int32, into planes: RGBPlanes<PlaneBuffer>) {
        let (red, green, blue) = named(planes)
        let blocks = green.width & ~31
        if blocks > 0, hasAlpha {
            SplitARGBPlane(
                pixels, stride, red.base, red.stride, green.base, green.stride, blue.base, blue.stride,
                planes.alpha?.base, planes.alpha?.stride ?? 0, blocks, green.height)
        } else if blocks > 0 {
            SplitRGBPlane(
                pixels, stride, red.base, red.stride, green.base, green.stride, blue.base, blue.stride, blocks,
                green.height)
        }
        guard blocks < green.width else { return }
        // libyuv's names: from byte 0 on, pixels of four bytes are blue, green, red, alpha and those of three red, green, blue.
        let channels = hasAlpha ? [blue, green, red, planes.alpha] : [red, green, blue]
        for (channel, plane) in channels.enumerated() {
            if let plane { separate(channel, from: blocks, of: pixels, stride: stride, into: plane) }
        }
    }

    /// Takes a channel out of the columns from `first` on.
    private func separate(
        _ channel: Int, from first: Int32, of pixels: UnsafePointer<UInt8>, stride: Int32, into plane: PlaneBuffer
    ) {
        let columns = Int(first)..<Int(plane.width)
        for row in 0..<plane.height {
            let source = pixels + Int(row) * Int(stride) + channel
            let target = plane.row(row)
            for column in columns { target[column] = source[column * Int(bytesPerPixel)] }
        }
    }

    /// Makes pixels of planes; opaque ones where there is no alpha.
    func merge(_ planes: RGBPlanes<PlaneView>, into pixels: UnsafeMutablePointer<UInt8>, stride: Int32) {
        let (red, green, blue) = named(planes)
        if hasAlpha {
            MergeARGBPlane(
                red.base, red.stride, green.base, green.stride, blue.base, blue.stride, planes.alpha?.base,
                planes.alpha?.stride ?? 0, pixels, stride, green.width, green.height)
        } else {
            MergeRGBPlane(
                red.base, red.stride, green.base, green.stride, blue.base, blue.stride, pixels, stride, green.width,
                green.height)
        }
    }
}

extension Conversion {
    /// Changes the order of the bytes and the geometry.
    mutating func rearrangeRGB() {
        let (source, target) = (PackedPixels(frame.format), PackedPixels(format))
        let size = PlaneSize(size)
        let stride = size.width * target.bytesPerPixel
        guard keepsGeometry else {
            target.merge(placedRGB(withAlpha: source.hasAlpha && target.hasAlpha), into: destination, stride: stride)
            return
        }
        let pixels = view(ofPlane: 0, size: size)
        if frame.format == format {
            return CopyPlane(pixels.base, pixels.stride, destination, stride, stride, size.height)
        }
        let keepsOrder = source.startsWithRed == target.startsWithRed
        let rearrange =
            switch (source.hasAlpha, target.hasAlpha) {
            case (false, false): RAWToRGB24
            case (false, true): keepsOrder ? RGB24ToARGB : RAWToARGB
            case (true, false): keepsOrder ? ARGBToRGB24 : ARGBToRAW
            case (true, true): ABGRToARGB
            }
        // libyuv's results only tell of null pointers and empty pictures.
        _ = rearrange(pixels.base, pixels.stride, destination, stride, size.width, size.height)
    }

    /// Makes R, G and B of Y, U and V.
    mutating func makeRGB(from source: YUVSpace) throws(CameraError) {
        let planes = try separate(needsChroma: true)
        let size = PlaneSize(size)
        let luma = place(planes.luma, at: size)
        let chroma = chromaRows(of: planes, at: size)
        let matrix = ColorMatrix.toRGB(from: source)
        let (red, green, blue) = (
            ChannelKernel(matrix.first), ChannelKernel(matrix.second), ChannelKernel(matrix.third)
        )
        let line = scratchRGB(PlaneSize(width: size.width, height: 1), withAlpha: false)
        let target = PackedPixels(format)
        let rowBytes = size.width * target.bytesPerPixel
        let count = Int(size.width)
        for row in 0..<size.height {
            let y = luma.row(row)
            let (u, v) = chroma.rows(row)
            red.mix(y, u, v, into: line.red.base, count: count)
            green.mix(y, u, v, into: line.green.base, count: count)
            blue.mix(y, u, v, into: line.blue.base, count: count)
            target.merge(line.map(\.view), into: destination + Int(row) * Int(rowBytes), stride: rowBytes)
        }
    }

    /// Chroma for each row of a picture of this size.
    ///
    /// Pixels that share a sample all get just that one, unless the picture is scaled anyway.
    private mutating func chromaRows(of planes: YUVPlanes<PlaneView>, at size: PlaneSize) -> ChromaRows {
        var upright = size
        if turn.rotation.swapsSides { upright.swapSides() }
        guard let chroma = planes.chroma, upright == PlaneSize(frame.size),
            let sharing = [Subsampling.horizontal, .both].first(where: {
                chroma.u.measures(PlaneSize(frame.size, sharedBy: $0))
            })
        else { return ChromaRows(chroma: place(planes.chroma, at: size), rowsPerSample: 1, pairs: nil) }
        // Whole pairs are written.
        let pairs = PlaneSize(width: upright.width + 1, height: 1)
        let rows = ChromaRows(
            chroma: chroma, rowsPerSample: Int32(sharing.down), pairs: (scratch.plane(pairs), scratch.plane(pairs)))
        guard !keepsGeometry else { return rows }
        // Pixels of odd sizes share with others when they are turned: each has its own first.
        let (u, v) = (scratch.plane(upright), scratch.plane(upright))
        for row in 0..<upright.height {
            let samples = rows.rows(row)
            u.row(row).update(from: samples.u, count: Int(upright.width))
            v.row(row).update(from: samples.v, count: Int(upright.width))
        }
        return ChromaRows(
            chroma: Chroma(u: place(u.view, at: size), v: place(v.view, at: size)), rowsPerSample: 1, pairs: nil)
    }

    /// Makes Y, U and V of R, G and B, and then changes the geometry, since chroma has fewer samples than colours.
    mutating func makeYUV(of target: YUVSpace) {
        let matrix = ColorMatrix.fromRGB(to: target)
        let lumaKernel = ChannelKernel(matrix.first)
        let size = PlaneSize(region.size)
        let luma = buffer(size, preferring: keepsGeometry ? lumaOfResult : nil)
        let mixer = chromaMixer(matrix)
        let pixels = view(ofPlane: 0, size: size)
        let source = PackedPixels(frame.format)
        // A few rows at a time stay in the processor's cache.
        let strip = scratchRGB(PlaneSize(width: size.width, height: 2), withAlpha: false)
        for top in stride(from: 0, to: size.height, by: 2) {
            let rows = strip.map { $0.cropped(toHeight: min(2, size.height - top)) }
            source.separate(pixels.row(top), stride: pixels.stride, into: rows)
            for row in 0..<rows.green.height {
                lumaKernel.mix(
                    rows.red.row(row), rows.green.row(row), rows.blue.row(row), into: luma.row(top + row),
                    count: Int(size.width))
            }
            mixer?.mix(rows.map(\.view), from: top)
        }
        let chroma = mixer.map { Chroma(u: $0.u.view, v: $0.v.view) }
        arrange(YUVPlanes(luma: luma.view, chroma: chroma))
    }

    /// What makes chroma at the source's size; nil for grey.
    private mutating func chromaMixer(_ matrix: ColorMatrix) -> ChromaMixer? {
        guard let subsampling = format.subsampling else { return nil }
        let size = PlaneSize(region.size, sharedBy: subsampling)
        func sums() -> UnsafeMutablePointer<UInt16> {
            let count = Int(size.width)
            let bytes = scratch.bytes(count * MemoryLayout<UInt16>.stride)
            return UnsafeMutableRawPointer(bytes).bindMemory(to: UInt16.self, capacity: count)
        }
        return ChromaMixer(
            u: buffer(size, preferring: keepsGeometry ? chromaOfResult?.u : nil),
            uKernel: ChannelKernel(matrix.second),
            v: buffer(size, preferring: keepsGeometry ? chromaOfResult?.v : nil),
            vKernel: ChannelKernel(matrix.third),
            rowsPerSample: Int32(subsampling.down), sums: (sums(), sums(), sums()))
    }

    /// The frame's planes, scaled and turned.
    private mutating func placedRGB(withAlpha: Bool) -> RGBPlanes<PlaneView> {
        let size = PlaneSize(region.size)
        let planes = scratchRGB(size, withAlpha: withAlpha)
        let pixels = view(ofPlane: 0, size: size)
        PackedPixels(frame.format).separate(pixels.base, stride: pixels.stride, into: planes)
        return planes.map { place($0.view, at: PlaneSize(self.size)) }
    }

    private mutating func scratchRGB(_ size: PlaneSize, withAlpha: Bool) -> RGBPlanes<PlaneBuffer> {
        RGBPlanes(
            red: scratch.plane(size), green: scratch.plane(size), blue: scratch.plane(size),
            alpha: withAlpha ? scratch.plane(size) : nil)
    }
}

/// Chroma with a sample for each pixel, row by row.
private struct ChromaRows {
    let chroma: Chroma<PlaneView>
    let rowsPerSample: Int32
    /// Where the samples of a row are doubled, where two pixels share one.
    let pairs: (u: PlaneBuffer, v: PlaneBuffer)?

    /// The samples of a row; rows are asked for from the first to the last.
    func rows(_ row: Int32) -> (u: UnsafePointer<UInt8>, v: UnsafePointer<UInt8>) {
        let (u, v) = (chroma.u.row(row / rowsPerSample), chroma.v.row(row / rowsPerSample))
        guard let pairs else { return (u, v) }
        if row % rowsPerSample == 0 {
            // libyuv puts two rows together sample by sample; here both are the same.
            MergeUVPlane(u, 0, u, 0, pairs.u.base, 0, chroma.u.width, 1)
            MergeUVPlane(v, 0, v, 0, pairs.v.base, 0, chroma.v.width, 1)
        }
        return (pairs.u.view.base, pairs.v.view.base)
    }
}

/// Makes chroma of R, G and B by averaging the pixels that share a sample.
private struct ChromaMixer {
    let u: PlaneBuffer
    let uKernel: ChannelKernel
    let v: PlaneBuffer
    let vKernel: ChannelKernel
    let rowsPerSample: Int32
    let sums: (UnsafeMutablePointer<UInt16>, UnsafeMutablePointer<UInt16>, UnsafeMutablePointer<UInt16>)

    /// Makes the chroma of a strip whose first row is row `top` of the picture.
    func mix(_ strip: RGBPlanes<PlaneView>, from top: Int32) {
        let rows = strip.green.height
        let width = Int(strip.green.width)
        for upper in stride(from: 0, to: rows, by: Int(rowsPerSample)) {
            // A single row counts twice.
            let lower = min(upper + rowsPerSample, rows) - 1
            func addBlocks(_ plane: PlaneView, _ sums: UnsafeMutablePointer<UInt16>) {
                ChannelKernel.addBlocks(of: plane.row(upper), and: plane.row(lower), into: sums, width: width)
            }
            addBlocks(strip.red, sums.0)
            addBlocks(strip.green, sums.1)
            addBlocks(strip.blue, sums.2)
            let row = (top + upper) / rowsPerSample
            uKernel.mixBlocks(sums.0, sums.1, sums.2, into: u.row(row), count: Int(u.width))
            vKernel.mixBlocks(sums.0, sums.1, sums.2, into: v.row(row), count: Int(v.width))
        }
    }
}
