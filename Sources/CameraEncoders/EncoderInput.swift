// SPDX-License-Identifier: MIT

internal import CameraCore

/// What frames must be like when they reach the codec, and how they get there.
struct EncoderInput: Sendable {
    let format: PixelFormat
    let size: Resolution
    let color: ColorSpace
    let stage: ConversionStage
    /// What scales, when a size was asked for.
    let resizer: (any Resizer)?

    /// The frame as the codec wants it.
    func prepare(_ frame: Frame) throws(CameraError) -> Frame {
        guard let resizer else { return try stage.convert(frame, to: format, size: size, color: color) }
        do {
            return try resizer.resize(frame, to: format, color: color)
        } catch {
            throw CameraError(wrapping: error, as: .codec, "resizing a frame")
        }
    }
}

extension EncoderInput {
    /// The colours of a stream's frames once they have this layout.
    static func rawColor(for layout: PixelFormat, from stream: VideoStream) -> ColorSpace {
        if layout.bayer != nil { return stream.color }
        if layout.isRGB { return .sRGB }
        // From RGB or grey to YUV: what video of that size is expected to be.
        if stream.format.isRGB || stream.color.matrix == .rgb { return stream.size.height >= 720 ? .bt709 : .bt601 }
        return stream.color
    }
}
