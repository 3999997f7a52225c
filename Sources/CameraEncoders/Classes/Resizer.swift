// SPDX-License-Identifier: MIT

public import CameraCore

/// Scales frames to the size that an encoder was asked for.
public protocol Resizer: Sendable {
    /// The size of the scaled frames.
    var size: Resolution { get }

    /// Scales a frame to ``size``, in the layout and colours that the codec needs; called on the encode worker.
    func resize(_ frame: Frame, to format: PixelFormat, color: ColorSpace) throws -> Frame
}
