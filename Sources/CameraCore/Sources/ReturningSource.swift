// SPDX-License-Identifier: MIT

/// A source whose device can go away and come back, such as a camera that is unplugged and plugged in again.
///
/// A recording with `onDisconnect: .wait` needs one. When ``VideoSource/next(timeout:)`` has thrown, or gave no frame for too
/// long, the source is stopped, and the device thread calls ``comeBack()`` and then ``VideoSource/start()``, until both
/// succeed.
public protocol ReturningSource: VideoSource {
    /// Waits until the device is back, and opens it with its previous configuration and settings.
    ///
    /// Called on the device thread while the source is stopped. ``VideoSource/interrupt()`` ends the wait under way, or else
    /// the next one.
    ///
    /// - Returns: Whether the device is back; false when the wait was interrupted.
    /// - Throws: Why a device that is back cannot be used; the method is called again later.
    func comeBack() throws -> Bool
}
