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

    /// Describes a file.
    public init(format: PixelFormat, size: Resolution, frameRate: FrameRate) {
        self.format = format
        self.size = size
        self.frameRate = frameRate
    }
}
