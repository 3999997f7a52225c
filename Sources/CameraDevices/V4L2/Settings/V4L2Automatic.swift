// SPDX-License-Identifier: MIT

internal import V4L2

/// The control that says whether the device chooses something by itself.
struct V4L2Automatic {
    private let controls: V4L2SettingControls
    private let control: ControlDescription
    private let allOn: [Int64]
    private let on: Int64?
    private let off: Int64?

    /// Finds the control; nil when the device does not have it.
    ///
    /// - Parameters:
    ///   - controls: The device's controls.
    ///   - identifier: The control's number.
    ///   - on: The choices that are automatic; what the driver starts with is preferred, then the first.
    ///   - off: The choices that are not; the first is preferred.
    /// - Throws: The driver's error.
    init?(_ controls: V4L2SettingControls, _ identifier: UInt32, on: [Int64] = [1], off: [Int64] = [0]) throws {
        guard let control = try controls.find(identifier) else { return nil }
        let choices = try controls.choices(of: control)
        self.controls = controls
        self.control = control
        allOn = on
        let available = on.filter(choices.contains)
        self.on = available.contains(control.defaultValue) ? control.defaultValue : available.first
        self.off = off.first(where: choices.contains)
    }

    var canBeOn: Bool { on != nil }
    var canBeOff: Bool { off != nil }
    var isOnAtFirst: Bool { allOn.contains(control.defaultValue) }

    func isOn() throws -> Bool { try controls.read(control).map(allOn.contains) ?? false }

    func set(_ isOn: Bool) throws {
        guard let choice = isOn ? on : off, try controls.read(control) != choice else { return }
        try controls.write(choice, to: control)
    }
}
