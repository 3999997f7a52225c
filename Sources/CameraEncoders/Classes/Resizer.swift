// SPDX-License-Identifier: MIT

public import CameraCore

/// Brings frames to the size that an encoder was asked for.
public protocol Resizer: Sendable {
    /// The size of what it makes.
    var size: Resolution { get }

    /// The frame at ``size``, in the layout and colours that the codec wants; called from the encode worker.
    func resize(_ frame: Frame, to format: PixelFormat, color: ColorSpace) throws -> Frame
}
