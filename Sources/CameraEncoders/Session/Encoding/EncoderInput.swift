// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraImaging

/// What frames must be like when they reach the codec, and how they get there.
struct EncoderInput: Sendable {
    let format: PixelFormat
    let size: Resolution
    let color: ColorSpace
    let stage: ConversionStage
    /// What scales, where the user brought it; otherwise the stage does.
    let resizer: (any Resizer)?

    /// The frame as the codec wants it.
    ///
    /// - Parameters:
    ///   - frame: A frame of the camera.
    ///   - style: What is done to it; a resizer of the user's gets the frame afterwards.
    /// - Returns: The frame for the codec.
    /// - Throws: What converting, drawing and resizing throw.
    func prepare(_ frame: Frame, style: PreparedStyle?) throws(CameraError) -> Frame {
        guard let resizer else {
            return try stage.convert(frame, to: format, size: size, color: color, style: style)
        }
        var frame = frame
        if let style, !style.isPlain {
            frame = try stage.convert(frame, to: format, size: style.size(of: frame.size), color: color, style: style)
        }
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
