// SPDX-License-Identifier: MIT

public import CameraCore
package import CameraImaging
internal import Synchronization

/// What the encoders of a camera share: where their frames come from, and what holds for all recordings.
///
/// A camera makes it. Encoders hold a reference to it, and not to the camera, so that they do not keep the camera open.
public final class EncoderParent: Sendable {
    /// The longest time that stopping a recording waits for an output.
    public let stopTimeout: Duration
    /// Where frames come from.
    package let router: FrameRouter
    /// Converts frames, once for all encoders of the camera.
    package let conversions = ConversionStage()
    private let state: Mutex<State>
    private let styleOfPort: @Sendable (_ port: Int) -> PreparedStyle?
    private let onEvent: @Sendable (CameraEvent) -> Void

    private struct State {
        var clockMode: ClockMode
        var isClosed = false
    }

    /// Describes what encoders share.
    ///
    /// - Parameters:
    ///   - router: Where frames come from.
    ///   - clockMode: What times count from.
    ///   - stopTimeout: How long stopping waits for an output.
    ///   - style: What is done to the pictures of a splitter port; asked for each frame, from any thread.
    ///   - report: Takes events; called from any thread, must not wait.
    package init(
        router: FrameRouter, clockMode: ClockMode = .reset, stopTimeout: Duration = .seconds(15),
        style: @escaping @Sendable (_ port: Int) -> PreparedStyle? = { _ in nil },
        report: @escaping @Sendable (CameraEvent) -> Void = { _ in }
    ) {
        self.router = router
        self.stopTimeout = stopTimeout
        state = Mutex(State(clockMode: clockMode))
        styleOfPort = style
        onEvent = report
    }

    /// Whether the camera was closed; no encoder starts any more then.
    public var isClosed: Bool { state.withLock(\.isClosed) }

    /// What the times of recordings count from.
    public var clockMode: ClockMode { state.withLock(\.clockMode) }

    package func setClockMode(_ clockMode: ClockMode) { state.withLock { $0.clockMode = clockMode } }

    /// Lets no encoder start any more.
    package func close() { state.withLock { $0.isClosed = true } }

    /// What is done to the pictures of a splitter port; nil for nothing.
    package func style(ofPort port: Int) -> PreparedStyle? { styleOfPort(port) }

    /// Hands an event to everybody who listens.
    package func report(_ event: CameraEvent) { onEvent(event) }
}
