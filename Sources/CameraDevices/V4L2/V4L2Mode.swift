// SPDX-License-Identifier: MIT

internal import CameraCore
internal import V4L2

/// The format, size and rate that a camera was set to.
struct V4L2Mode: Hashable, Sendable {
    /// Format, size, colours and layout as the driver has them.
    let image: ImageFormat
    /// The nominal rate.
    let frameRate: FrameRate
    /// The pixel aspect ratio.
    var pixelAspect = PixelAspect.square

    /// The layout of the frames; the driver's own, unless they are converted.
    var frameFormat: PixelFormat { image.pixelFormat.frameFormat ?? image.pixelFormat }

    /// The colour space of the frames.
    var frameColor: ColorSpace {
        var color = image.color
        if frameFormat.isRGB {
            color.matrix = .rgb
            color.range = .full
        }
        return color
    }

    /// The mode as users see it.
    var stream: VideoStream {
        var stream = VideoStream(format: frameFormat, size: image.size, frameRate: frameRate, color: frameColor)
        stream.pixelAspect = pixelAspect
        stream.fieldOrder = image.fieldOrder
        return stream
    }
}

extension VideoDevice {
    /// Sets format, size and rate.
    ///
    /// - Parameters:
    ///   - pixelFormat: The layout, which the driver must not change.
    ///   - size: The size, which the driver must not change.
    ///   - frameRate: The rate, from which the driver may differ.
    /// - Returns: What the driver made of it; the rate that was asked for where the driver tells none.
    /// - Throws: `.unsupported` when the driver cannot do the format and size; nothing is changed then.
    func setMode(_ pixelFormat: PixelFormat, _ size: Resolution, _ frameRate: FrameRate) throws -> V4L2Mode {
        let wish = ImageFormat(pixelFormat, size)
        try checkThat(try tryFormat(wish, of: captureType), fulfills: wish)
        let image = try setFormat(wish, of: captureType)
        try checkThat(image, fulfills: wish)
        let told = try setFrameRate(frameRate, of: captureType) ?? self.frameRate(of: captureType)
        var mode = V4L2Mode(image: image, frameRate: told ?? frameRate)
        // Only television has pixels that are not square; many a webcam's driver says nonsense about them.
        if image.fieldOrder != .progressive { mode.pixelAspect = try pixelAspect(of: image.size) }
        return mode
    }

    private func checkThat(_ answer: ImageFormat, fulfills wish: ImageFormat) throws(CameraError) {
        guard answer.pixelFormat == wish.pixelFormat, answer.size == wish.size else {
            throw CameraError(
                .unsupported, "setting the format", subject: path,
                reason: "of \(wish.pixelFormat.name) at \(wish.size) the driver makes "
                    + "\(answer.pixelFormat.name) at \(answer.size); ask for that")
        }
        guard answer.field.isWholePicture else {
            throw CameraError(
                .unsupported, "setting the format", subject: path,
                reason: "it sends the two fields of interlaced video apart, which is not supported")
        }
        if let conversion = ExoticFormat(answer.pixelFormat), !conversion.canRead(answer) {
            throw CameraError(
                .unsupported, "setting the format", subject: path,
                reason: "rows of \(answer.pixelFormat) are padded to \(answer.stride) bytes, which libv4lconvert does "
                    + "not know; choose another width or format")
        }
    }
}
