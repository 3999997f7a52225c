// SPDX-License-Identifier: MIT

public import CameraCore

extension TestCamera {
    /// The controls, with the names, ranges and units of V4L2 drivers.
    ///
    /// What an automatic decides is told as it is in use, and is inactive meanwhile. May be called from any thread.
    public func controls() -> [CameraControl] {
        let (controls, exposure) = controlState
        return TestControl.allCases.map { control in
            CameraControl(
                name: control.rawValue, kind: control.kind,
                value: .integer(controls.value(of: control, exposure: exposure)),
                defaultValue: .integer(control.initial),
                traits: controls.isRuled(control) ? [.inactive, .volatile] : [])
        }
    }

    /// Sets a control for the frames that are drawn from now on; may be called from any thread.
    ///
    /// - Throws: `.unknownOption` with the names that there are; `.invalidValue` with what the control takes;
    ///   `.unsupported` while an automatic decides on it.
    public func setControl(_ name: String, to value: ControlValue) throws {
        guard let control = TestControl(rawValue: name) else {
            throw CameraError(
                .unknownOption, "setting the control \(name)", subject: self.name,
                reason: "it has " + TestControl.allCases.map(\.rawValue).joined(separator: ", "))
        }
        let description = CameraControl(name: name, kind: control.kind, value: nil, defaultValue: nil)
        guard case .integer(let number) = try description.accepting(value, of: self.name) else { return }
        try changeControls { (controls, _) throws(CameraError) in
            // As webcams have it: a value without effect would be one that nobody sees again.
            guard !controls.isRuled(control) else {
                throw CameraError(
                    .unsupported, "setting the control \(name) to \(value)", subject: self.name,
                    reason: "another control rules it now: switch its automatic off first")
            }
            controls[control] = number
        }
    }
}
