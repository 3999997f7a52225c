// SPDX-License-Identifier: MIT

public import CameraCore

/// The driver's own controls, by its names and in its units.
extension Camera {
    /// The controls of the device, with their ranges and values, in the driver's own units.
    ///
    /// - Throws: `.closed`; `.device` when the driver refuses to tell them.
    public func controls() throws(CameraError) -> [CameraControl] {
        try withSource("listing the controls") { try $0.controls() }
    }

    /// Sets a control of the device by its name; may be called from any thread, also while recording.
    ///
    /// - Throws: `.unsupported` for a name that the device does not have, `.invalidValue` with the range, `.busy` for a control
    ///   that cannot change while the camera runs.
    public func setControl(_ name: String, to value: ControlValue) throws(CameraError) {
        try withSource("setting the control \(name)") { try $0.setControl(name, to: value) }
    }

    /// Starts a watch that tells of each change of a control, whoever makes it; the watch ends when the camera is closed.
    ///
    /// ```swift
    /// let watch = try camera.watchControls()
    /// while let change = try watch.next(timeout: nil) { print(change.control.name, change.control.value ?? "") }
    /// ```
    public func watchControls() throws(CameraError) -> any ControlWatch {
        try withSource("watching the controls") { try $0.watchControls() }
    }

    /// Calls a closure with the source of an open camera, and wraps the errors that it throws.
    func withSource<Value>(
        _ operation: String, _ body: (any VideoSource) throws -> Value
    ) throws(CameraError) -> Value {
        try checkOpen(operation)
        do {
            return try body(router.source)
        } catch {
            throw CameraError(wrapping: error, as: .device, operation, subject: router.source.name)
        }
    }
}
