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
        if planes.contains(where: { $0.stride < 0 }) { return bottomUpCopy(format, info, planes) }
        return Frame(format: format, size: size, color: color, info: info, planes: planes, owner: self)
    }

    /// A copy from the top down of a picture that lies in memory from the bottom up, as some AVI files have them.
    private func bottomUpCopy(_ format: PixelFormat, _ info: FrameInfo, _ planes: [Frame.Plane]) -> Frame {
        guard let byteCount = format.byteCount(of: size), let bytes = BytePool().take(byteCount) else {
            preconditionFailure("a decoded picture has a size, and an unused pool has a block")
        }
        var destination = bytes.baseAddress
        for (index, plane) in planes.enumerated() {
            guard let layout = format.layout(ofPlane: index) else { continue }
            let rowBytes = layout.rowBytes(width: size.width)
            for row in 0..<layout.rows(height: size.height) {
                destination.copyMemory(from: plane.baseAddress + row * plane.stride, byteCount: rowBytes)
                destination += rowBytes
            }
        }
        return Frame(packed: format, size: size, color: color, info: info, bytes: bytes)
    }

    /// The package's names of libavutil's layouts, and whether they use the whole byte when nothing else is said.
    private static let formats: [Int32: (format: PixelFormat, isFullRange: Bool)] = [
        AV_PIX_FMT_YUV420P.rawValue: (.yuv420, false), AV_PIX_FMT_YUVJ420P.rawValue: (.yuv420, true),
        AV_PIX_FMT_YUV422P.rawValue: (.yuv422, false), AV_PIX_FMT_YUVJ422P.rawValue: (.yuv422, true),
        AV_PIX_FMT_NV12.rawValue: (.nv12, false), AV_PIX_FMT_NV21.rawValue: (.nv21, false),
        AV_PIX_FMT_YUYV422.rawValue: (.yuyv, false), AV_PIX_FMT_UYVY422.rawValue: (.uyvy, false),
        AV_PIX_FMT_GRAY8.rawValue: (.grey, true),
        AV_PIX_FMT_RGB24.rawValue: (.rgb24, true), AV_PIX_FMT_BGR24.rawValue: (.bgr24, true),
        AV_PIX_FMT_RGBA.rawValue: (.rgba, true), AV_PIX_FMT_BGRA.rawValue: (.bgra, true),
    ]
}

#endif
