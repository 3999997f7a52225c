// SPDX-License-Identifier: MIT

public import CameraCore
public import CameraImaging

/// What an encoder needs of the camera that made it.
public protocol EncoderParent: AnyObject, Sendable {
    /// Whether the camera was closed; encoders cannot be made any more then.
    var isClosed: Bool { get }

    /// Where frames come from.
    var router: FrameRouter { get }

    /// Converts frames, once for all encoders of the camera.
    var conversions: ConversionStage { get }

    /// What times count from.
    var clockMode: ClockMode { get }

    /// How long stopping waits for an output.
    var stopTimeout: Duration { get }

    /// What is done to the pictures of a splitter port; nil for nothing. Called for each frame, from any thread.
    func style(ofPort port: Int) -> PreparedStyle?

    /// Takes an event; called from any thread, must not wait.
    func report(_ event: CameraEvent)
}

extension EncoderParent {
    /// Nothing.
    public func style(ofPort port: Int) -> PreparedStyle? { nil }
}
