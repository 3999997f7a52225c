// SPDX-License-Identifier: MIT

/// Reports changes of a camera's controls, whether made by this program, another one, or the device itself.
///
/// A device may change a volatile control, such as the gain that an automatic mode chooses, without a report. Safe to
/// use from any thread, but only one thread at a time may wait in ``next(timeout:)``. Changes of the same control that
/// are not taken in time become one.
public protocol ControlWatch: AnyObject, Sendable {
    /// Waits for the next change.
    ///
    /// - Parameter timeout: The longest to wait; nil for no limit.
    /// - Returns: The change; nil when the time is up, and at once after ``close()`` or when the camera is closed.
    /// - Throws: `.deviceLost` when the camera was unplugged; `.device`.
    func next(timeout: Duration?) throws(CameraError) -> ControlChange?

    /// Ends the watch, and the wait under way.
    func close()
}

/// A change of a control.
public struct ControlChange: Hashable, Sendable {
    /// The control after the change.
    public var control: CameraControl
    /// The parts of the control that changed.
    public var changes: Changes

    /// Describes a change.
    public init(control: CameraControl, changes: Changes) {
        self.control = control
        self.changes = changes
    }

    /// The parts of a control that can change.
    public struct Changes: OptionSet, Hashable, Sendable {
        /// The bits.
        public let rawValue: UInt8
        /// Makes a set from its bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        /// The value.
        public static let value = Changes(rawValue: 1)
        /// The restrictions, ``CameraControl/traits``.
        public static let traits = Changes(rawValue: 2)
        /// The kind and range of the values, ``CameraControl/kind``.
        public static let kind = Changes(rawValue: 4)
    }
}
