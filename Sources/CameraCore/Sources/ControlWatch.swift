// SPDX-License-Identifier: MIT

/// Tells of controls that change, whoever changes them: this program, another one, or the device's own automatics.
///
/// A device may change a volatile control, such as the gain that an automatic finds, without telling. Safe to use from any
/// thread; one at a time waits in ``next(timeout:)``. Of changes that are not taken in time, those of the same control
/// become one.
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
    /// The control as the change left it.
    public var control: CameraControl
    /// What is new.
    public var changes: Changes

    /// Describes a change.
    public init(control: CameraControl, changes: Changes) {
        self.control = control
        self.changes = changes
    }

    /// What can change.
    public struct Changes: OptionSet, Hashable, Sendable {
        /// The bits.
        public let rawValue: UInt8
        /// Makes a set of bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        /// The value.
        public static let value = Changes(rawValue: 1)
        /// What can be done with it.
        public static let traits = Changes(rawValue: 2)
        /// The values that it takes.
        public static let kind = Changes(rawValue: 4)
    }
}
