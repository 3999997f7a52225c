// SPDX-License-Identifier: MIT

internal import CameraCodecs
public import CameraCore

/// Records compressed video: `h264`, `h265` and `mjpeg`, also as the camera delivers it.
open class CookedVideoEncoder: VideoEncoder, @unchecked Sendable {
    /// Makes a codec that hands pictures on as they come where the camera delivers the format itself, and no size, option or style needs an encoder.
    open override func makeCodec(format: MediaFormat) throws -> (any Codec)? {
        let stream = sourceStream
        let fits = PassThroughCodec.fits(
            stream, format: format, resize: configuration.resize, options: configuration.options)
        return fits && isPlain ? PassThroughCodec(of: stream.format) : try super.makeCodec(format: format)
    }
}
