// SPDX-License-Identifier: MIT

package import CameraCore

/// Somebody who wants a camera's frames.
package protocol FrameConsumer: AnyObject, Sendable {
    /// Whether a source that can wait may deliver another frame; called from any thread, must not wait.
    ///
    /// - Parameter consumers: How many share the source's frames, this one too.
    /// - Returns: Whether it has room.
    func hasRoom(among consumers: Int) -> Bool

    /// The stream whose frames it takes; nil for all. Constant.
    var stream: Int? { get }

    /// Takes a frame, or drops it and counts that; false when the consumer has ended. Called from the device thread, must
    /// not wait.
    func accept(_ frame: Frame) -> Bool

    /// Says that no more frames come: nil when the source ended, otherwise why it failed. Called once.
    func finish(_ error: CameraError?)
}

extension FrameConsumer {
    /// All streams.
    package var stream: Int? { nil }
}
