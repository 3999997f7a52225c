// SPDX-License-Identifier: MIT

internal import CameraCore

/// A packed picture that is still being made: its bytes can be written to.
///
/// Valid as long as whoever made it keeps the bytes.
struct PictureMemory {
    let base: UnsafeMutablePointer<UInt8>
    let format: PixelFormat
    let size: Resolution
    let color: ColorSpace

    init(_ bytes: PooledBytes, format: PixelFormat, size: Resolution, color: ColorSpace) {
        base = bytes.baseAddress.assumingMemoryBound(to: UInt8.self)
        self.format = format
        self.size = size
        self.color = color
    }

    /// One plane as rows of bytes.
    struct Plane {
        let base: UnsafeMutablePointer<UInt8>
        let rowBytes: Int
        let rows: Int

        var byteCount: Int { rowBytes * rows }

        func row(_ index: Int) -> UnsafeMutablePointer<UInt8> { base + index * rowBytes }
    }

    /// A plane of the picture.
    func plane(_ index: Int) -> Plane {
        var start = base
        for plane in 0..<format.planeCount {
            guard let layout = format.layout(ofPlane: plane) else { break }
            let (rowBytes, rows) = (layout.rowBytes(width: size.width), layout.rows(height: size.height))
            if plane == index { return Plane(base: start, rowBytes: rowBytes, rows: rows) }
            start += rowBytes * rows
        }
        preconditionFailure("a picture in \(format.name) has no plane \(index)")
    }
}

extension PixelFormat {
    /// The channels of a plane's bytes, for drawing on them.
    struct InkPlane {
        /// The channel of each byte of a sample group: 0 is luma or red; nil for alpha, which stays.
        let channels: [Int?]
        /// How many pixels share a group.
        let sharing: Subsampling
    }

    /// The planes of a layout that can be drawn on; none for others.
    var inkPlanes: [InkPlane] {
        func single(_ channel: Int, _ sharing: Subsampling) -> InkPlane {
            InkPlane(channels: [channel], sharing: sharing)
        }
        return switch self {
        case .grey: [single(0, .none)]
        case .yuv420: [single(0, .none), single(1, .both), single(2, .both)]
        case .yuv422: [single(0, .none), single(1, .horizontal), single(2, .horizontal)]
        case .nv12: [single(0, .none), InkPlane(channels: [1, 2], sharing: .both)]
        case .nv21: [single(0, .none), InkPlane(channels: [2, 1], sharing: .both)]
        case .rgb24: [InkPlane(channels: [0, 1, 2], sharing: .none)]
        case .bgr24: [InkPlane(channels: [2, 1, 0], sharing: .none)]
        case .rgba: [InkPlane(channels: [0, 1, 2, nil], sharing: .none)]
        case .bgra: [InkPlane(channels: [2, 1, 0, nil], sharing: .none)]
        default: []
        }
    }

    /// The layout in which pictures of this one are drawn on: itself, or one that holds the same samples.
    var drawable: PixelFormat { self == .yuyv || self == .uyvy ? .yuv422 : self }
}

/// Turns the colours of what is drawn into the numbers of a picture.
struct InkSpace {
    /// From full-range R, G and B; nil where the picture has these itself.
    let matrix: ColorMatrix?

    /// Finds the numbers of a picture in this layout.
    ///
    /// - Throws: `.unsupported` when the matrix is not known.
    init(_ format: PixelFormat, _ color: ColorSpace) throws(CameraError) {
        matrix = format.isRGB ? nil : ColorMatrix.fromRGB(to: try ColorChange.space(color))
    }

    /// The numbers of a colour, without its alpha.
    func channels(of color: Color) -> SIMD3<UInt16> {
        let rgb = SIMD3(Double(color.red), Double(color.green), Double(color.blue))
        guard let matrix else { return SIMD3<UInt16>(rgb) }
        func value(_ sum: ColorMatrix.Sum) -> UInt16 {
            UInt16(max(0, min(255, ((sum.weights * rgb).sum() + sum.offset).rounded())))
        }
        return SIMD3(value(matrix.first), value(matrix.second), value(matrix.third))
    }
}
