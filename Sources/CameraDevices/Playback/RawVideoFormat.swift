// SPDX-License-Identifier: MIT

public import CameraCore

/// The format of a raw video file without a header: packed frames, one after the other.
public struct RawVideoFormat: Hashable, Sendable {
    /// The layout of the frames.
    public var format: PixelFormat
    /// The size of the frames.
    public var size: Resolution
    /// Frames per second.
    public var frameRate: FrameRate
    /// The range of the code values; that of RGB is always full.
    public var range: ColorSpace.Range

    /// Makes a format.
    public init(
        format: PixelFormat, size: Resolution, frameRate: FrameRate, range: ColorSpace.Range = .limited
    ) {
        self.format = format
        self.size = size
        self.frameRate = frameRate
        self.range = range
    }
}
