// SPDX-License-Identifier: MIT

public import CameraCore

/// What is done to pictures between the camera and an encoder, in the order of its properties.
public struct PictureStyle: Sendable {
    /// The part that is shown; the rest is cut off.
    public var zoom = ZoomRegion.full
    /// How the picture is turned.
    public var transform = Transform.identity
    /// The filter over it.
    public var effect = ImageEffect.none
    /// The filter's parameters, as picamera has them; empty for its own choice.
    public var effectParameters: [Double] = []
    /// The colour of the whole picture; nil for its own colours.
    public var colorEffects: ColorEffects?
    /// Pictures over it, the last one on top.
    public var overlays: [PictureOverlay] = []
    /// Text over it.
    public var annotation: Annotation?
    /// Draws what the user's code wants, over everything else.
    ///
    /// Called on an encode worker, for each frame once for each size and format that is wanted.
    public var drawing: (@Sendable (_ canvas: inout Canvas) throws -> Void)?

    /// The picture as it comes.
    public init() {}
}
