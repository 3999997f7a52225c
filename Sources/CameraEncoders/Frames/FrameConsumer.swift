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

    /// Takes a frame, or drops it and counts that. Called from the device thread, must not wait.
    func accept(_ frame: Frame) -> FrameReceipt

    /// Whether it waits for a camera that went away; otherwise it is told of that by ``finish(_:)``.
    var waitsForReturn: Bool { get }

    /// Says that the camera that it waits for went away.
    ///
    /// Called from any thread, perhaps several times in one absence; must not wait.
    func noteAbsence()

    /// Says that no more frames come: nil when the source ended, otherwise why it failed. Called once.
    func finish(_ error: CameraError?)
}

/// What a consumer did with a frame.
package enum FrameReceipt: Sendable {
    /// It took it, or counted it as dropped.
    case taken
    /// It let it go by, and waits for a later one.
    case passed
    /// It takes no more frames.
    case refused
}

extension FrameConsumer {
    /// All streams.
    package var stream: Int? { nil }

    /// False.
    package var waitsForReturn: Bool { false }

    /// Nothing.
    package func noteAbsence() {}
}
