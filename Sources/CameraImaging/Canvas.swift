// SPDX-License-Identifier: MIT

public import CameraCore

/// A picture to draw on, lent to the drawing hook of a ``PictureStyle`` for one call.
///
/// All that is drawn is cut off at the picture's edges, in the picture's own layout and colours.
public struct Canvas: ~Copyable {
    /// How the pixels lie.
    public let format: PixelFormat
    /// The picture's size.
    public let size: Resolution
    /// What the numbers mean.
    public let color: ColorSpace
    /// When and where the frame was taken.
    public let info: FrameInfo
}
