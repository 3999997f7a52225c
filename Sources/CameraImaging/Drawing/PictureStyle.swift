// SPDX-License-Identifier: MIT

public import CameraCore

/// What is done to pictures between the camera and an encoder, in the order of these properties.
public struct PictureStyle: Sendable {
    /// The part of the camera's picture that is shown, enlarged; the rest is cut off.
    public var zoom = ZoomRegion.full
    /// How the picture is rotated and flipped.
    public var transform = Transform.identity
    /// The effect filter over the picture.
    public var effect = ImageEffect.none
    /// The parameters of the effect, as ``ImageEffect`` lists them; empty for its defaults.
    public var effectParameters: [Double] = []
    /// The one colour that the whole picture has; nil for its own colours.
    public var colorEffects: ColorEffects?
    /// Pictures that are laid over the picture, the last one on top.
    public var overlays: [PictureOverlay] = []
    /// The text on the picture; nil for none.
    public var annotation: Annotation?
    /// A closure of the program's that draws on the picture, over everything else; nil for none.
    ///
    /// Called on an encode worker, once per frame for each size and layout that encoders need. An error that it throws ends the
    /// recording.
    public var drawing: (@Sendable (_ canvas: inout Canvas) throws -> Void)?

    /// Makes a style that changes nothing.
    public init() {}
}
