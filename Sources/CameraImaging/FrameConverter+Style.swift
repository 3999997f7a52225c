// SPDX-License-Identifier: MIT

public import CameraCore

extension FrameConverter {
    /// Converts a frame and does what a style asks.
    ///
    /// - Parameters:
    ///   - frame: A frame, which is only read.
    ///   - format: The wanted layout; any but the compressed ones.
    ///   - size: The size of the result, after the style's quarter turn if there is one.
    ///   - color: What the numbers of the result are to mean.
    ///   - style: What is done besides.
    /// - Returns: A packed frame; the very frame that was given where nothing is to be done; nil when the pool has lent all
    ///   it may.
    /// - Throws: As the plain conversion; `.invalidValue` for an overlay larger than the result; what the style's drawing
    ///   throws.
    public func convert(
        _ frame: Frame, to format: PixelFormat, size: Resolution, color: ColorSpace, style: PreparedStyle
    ) throws(CameraError) -> Frame? {
        try convert(frame, to: format, size: size, color: color, transform: style.style.transform)
    }
}
