// SPDX-License-Identifier: MIT

public import CameraCore

/// Brings frames to the size that an encoder was asked for.
public protocol Resizer: Sendable {
    /// The size of what it makes.
    var size: Resolution { get }

    /// The frame at ``size``, in the layout and colours that the codec wants; called from the encode worker.
    func resize(_ frame: Frame, to format: PixelFormat, color: ColorSpace) throws -> Frame
}

/// The resizer that encoders use unless they are given another: the camera's shared conversion stage.
public struct SharedResizer: Resizer {
    /// The size of what it makes.
    public let size: Resolution
    private let stage: ConversionStage

    /// Makes a resizer on a stage.
    public init(_ size: Resolution, stage: ConversionStage) {
        self.size = size
        self.stage = stage
    }

    /// Converts the frame in the shared stage.
    public func resize(_ frame: Frame, to format: PixelFormat, color: ColorSpace) throws -> Frame {
        try stage.convert(frame, to: format, size: size, color: color)
    }
}
