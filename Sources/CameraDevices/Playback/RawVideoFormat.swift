// SPDX-License-Identifier: MIT

public import CameraCore

/// What a headerless file of raw video holds: packed frames, one after the other.
public struct RawVideoFormat: Hashable, Sendable {
    /// The layout of the frames.
    public var format: PixelFormat
    /// Their size.
    public var size: Resolution
    /// Frames per second.
    public var frameRate: FrameRate
    /// The span of their numbers; those of RGB are always full.
    public var range: ColorSpace.Range

    /// Describes a file.
    public init(
        format: PixelFormat, size: Resolution, frameRate: FrameRate, range: ColorSpace.Range = .limited
    ) {
        self.format = format
        self.size = size
        self.frameRate = frameRate
        self.range = range
    }
}
