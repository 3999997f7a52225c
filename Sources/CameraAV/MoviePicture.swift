// SPDX-License-Identifier: MIT

#if Containers

internal import CAVFormat
internal import CameraCore

/// A decoded picture: owns a reference to the decoder's memory.
final class MoviePicture: @unchecked Sendable {
    // Unchecked: the decoder fills it before anybody else has it; from then on it is only read.
    private let raw: UnsafeMutablePointer<AVFrame>
    private let libraries: AVLibraries

    /// Takes ownership of `raw`.
    init(_ raw: UnsafeMutablePointer<AVFrame>, _ libraries: AVLibraries) {
        self.raw = raw
        self.libraries = libraries
    }

    deinit {
        var raw: UnsafeMutablePointer<AVFrame>? = raw
        libraries.functions.av_frame_free(&raw)
    }

    /// Whether parts of it are missing or made up.
    var isDamaged: Bool { raw.pointee.decode_error_flags != 0 || raw.pointee.flags & AV_FRAME_FLAG_CORRUPT != 0 }

    var size: Resolution { Resolution(Int(raw.pointee.width), Int(raw.pointee.height)) }

    /// When it is shown, in units of its stream; nil when the movie does not say.
    var stamp: Int64? {
        let stamp = raw.pointee.best_effort_timestamp
        return stamp == cav_no_time ? nil : stamp
    }

    /// How long it is shown, in units of its stream; 0 when the movie does not say.
    var duration: Int64 { cav_frame_duration(raw) }

    /// The shape of the pixels; square when the picture does not say.
    var pixelAspect: PixelAspect {
        PixelAspect(Int(raw.pointee.sample_aspect_ratio.num), Int(raw.pointee.sample_aspect_ratio.den))
    }

    var fieldOrder: FieldOrder {
        switch cav_field_order(raw) {
        case 1: .topFirst
        case 2: .bottomFirst
        default: .progressive
        }
    }

    /// How the picture itself, by its EXIF data for one, wants to be turned; nil when it does not say.
    var orientation: PictureOrientation? { cav_frame_matrix(raw).map { PictureOrientation($0) } }

    /// The layout; nil when the package has no such.
    var format: PixelFormat? { Self.formats[raw.pointee.format]?.format }

    /// libavutil's name of the layout.
    var formatName: String {
        guard let name = libraries.functions.av_get_pix_fmt_name(AVPixelFormat(raw.pointee.format)) else {
            return "in an unknown layout"
        }
        return String(cString: name)
    }

    /// The meaning of the numbers; the code points of libavutil are those of H.273.
    var color: ColorSpace {
        let isRGB = format?.isRGB ?? false
        let isFull =
            raw.pointee.color_range == AVCOL_RANGE_UNSPECIFIED
            ? Self.formats[raw.pointee.format]?.isFullRange ?? false : raw.pointee.color_range == AVCOL_RANGE_JPEG
        return ColorSpace(
            primaries: ColorSpace.Primaries(rawValue: UInt8(truncatingIfNeeded: raw.pointee.color_primaries.rawValue)),
            transfer: ColorSpace.Transfer(rawValue: UInt8(truncatingIfNeeded: raw.pointee.color_trc.rawValue)),
            matrix: isRGB
                ? .rgb : ColorSpace.Matrix(rawValue: UInt8(truncatingIfNeeded: raw.pointee.colorspace.rawValue)),
            range: isFull ? .full : .limited)
    }

    /// A frame over the picture's memory.
    ///
    /// - Parameters:
    ///   - format: The picture's ``format``.
    ///   - info: When it is shown.
    /// - Returns: The frame, which keeps the picture alive.
    func frame(_ format: PixelFormat, _ info: FrameInfo) -> Frame {
        let data = [raw.pointee.data.0, raw.pointee.data.1, raw.pointee.data.2]
        let strides = [raw.pointee.linesize.0, raw.pointee.linesize.1, raw.pointee.linesize.2]
        var planes: [Frame.Plane] = []
        for index in 0..<format.planeCount {
            guard let start = data[index], let layout = format.layout(ofPlane: index) else {
                preconditionFailure("a decoded picture has all of its planes")
            }
            let stride = Int(strides[index])
            let rows = layout.rows(height: size.height)
            planes.append(
                Frame.Plane(
                    baseAddress: UnsafeRawPointer(start),
                    byteCount: stride * (rows - 1) + layout.rowBytes(width: size.width), stride: stride))
        }
        let layout = Self.formats[raw.pointee.format]
        guard layout?.chromaAcross != nil || planes.contains(where: { $0.stride < 0 }) else {
            return Frame(format: format, size: size, color: color, info: info, planes: planes, owner: self)
        }
        return copy(format, info, planes, chromaAcross: layout?.chromaAcross)
    }

    /// A copy from the top down, as some AVI files do not have their pictures, and with chroma for two pixels across.
    private func copy(
        _ format: PixelFormat, _ info: FrameInfo, _ planes: [Frame.Plane], chromaAcross: Int?
    ) -> Frame {
        guard let byteCount = format.byteCount(of: size), let bytes = BytePool().take(byteCount) else {
            preconditionFailure("a decoded picture has a size, and an unused pool has a block")
        }
        var destination = bytes.baseAddress
        for (index, plane) in planes.enumerated() {
            guard let layout = format.layout(ofPlane: index) else { continue }
            let rowBytes = layout.rowBytes(width: size.width)
            for row in 0..<layout.rows(height: size.height) {
                let source = plane.baseAddress + row * plane.stride
                if index > 0, let chromaAcross {
                    Self.resample(source, sharedBy: chromaAcross, width: size.width, to: destination)
                } else {
                    destination.copyMemory(from: source, byteCount: rowBytes)
                }
                destination += rowBytes
            }
        }
        return Frame(packed: format, size: size, color: color, info: info, bytes: bytes)
    }

    /// Makes chroma for two pixels across of chroma for each, or for four.
    private static func resample(
        _ source: UnsafeRawPointer, sharedBy across: Int, width: Int, to target: UnsafeMutableRawPointer
    ) {
        func sample(_ pixel: Int) -> UInt16 {
            UInt16(source.load(fromByteOffset: min(pixel, width &- 1) / across, as: UInt8.self))
        }
        for x in 0..<(width + 1) / 2 {
            let mean = (sample(2 &* x) &+ sample(2 &* x &+ 1) &+ 1) / 2
            target.storeBytes(of: UInt8(truncatingIfNeeded: mean), toByteOffset: x, as: UInt8.self)
        }
    }

    /// What the package makes of one of libavutil's layouts.
    private struct Layout {
        let format: PixelFormat
        /// Whether the whole byte is used when nothing else is said.
        let isFullRange: Bool
        /// Pixels across that share a chroma sample, where the package has no layout with that number.
        let chromaAcross: Int?

        init(_ format: PixelFormat, isFullRange: Bool = false, chromaAcross: Int? = nil) {
            self.format = format
            self.isFullRange = isFullRange
            self.chromaAcross = chromaAcross
        }
    }

    private static let formats: [Int32: Layout] = [
        AV_PIX_FMT_YUV420P.rawValue: Layout(.yuv420),
        AV_PIX_FMT_YUVJ420P.rawValue: Layout(.yuv420, isFullRange: true),
        AV_PIX_FMT_YUV422P.rawValue: Layout(.yuv422),
        AV_PIX_FMT_YUVJ422P.rawValue: Layout(.yuv422, isFullRange: true),
        AV_PIX_FMT_YUV444P.rawValue: Layout(.yuv422, chromaAcross: 1),
        AV_PIX_FMT_YUVJ444P.rawValue: Layout(.yuv422, isFullRange: true, chromaAcross: 1),
        AV_PIX_FMT_YUV440P.rawValue: Layout(.yuv420, chromaAcross: 1),
        AV_PIX_FMT_YUVJ440P.rawValue: Layout(.yuv420, isFullRange: true, chromaAcross: 1),
        AV_PIX_FMT_YUV411P.rawValue: Layout(.yuv422, chromaAcross: 4),
        AV_PIX_FMT_YUVJ411P.rawValue: Layout(.yuv422, isFullRange: true, chromaAcross: 4),
        AV_PIX_FMT_NV12.rawValue: Layout(.nv12), AV_PIX_FMT_NV21.rawValue: Layout(.nv21),
        AV_PIX_FMT_YUYV422.rawValue: Layout(.yuyv), AV_PIX_FMT_UYVY422.rawValue: Layout(.uyvy),
        AV_PIX_FMT_GRAY8.rawValue: Layout(.grey, isFullRange: true),
        AV_PIX_FMT_RGB24.rawValue: Layout(.rgb24, isFullRange: true),
        AV_PIX_FMT_BGR24.rawValue: Layout(.bgr24, isFullRange: true),
        AV_PIX_FMT_RGBA.rawValue: Layout(.rgba, isFullRange: true),
        AV_PIX_FMT_BGRA.rawValue: Layout(.bgra, isFullRange: true),
    ]
}

#endif
