// SPDX-License-Identifier: MIT

internal import CameraCore
internal import V4L2

/// A setting of several words over a menu control, such as the metering mode.
struct V4L2ChoiceSetting: V4L2Setting {
    private let controls: V4L2SettingControls
    private let control: ControlDescription
    private let table: [(word: String, choice: Int64)]

    /// Nil when the device does not have the control, or at most one of the choices.
    init?(_ controls: V4L2SettingControls, _ identifier: UInt32, _ table: [(word: String, choice: Int64)]) throws {
        guard let control = try controls.find(identifier) else { return nil }
        let choices = try controls.choices(of: control)
        self.table = table.filter { choices.contains($0.choice) }
        guard self.table.count > 1 else { return nil }
        self.controls = controls
        self.control = control
    }

    var values: SettingDescription.Values { .choices(table.map(\.word)) }
    var defaultValue: SettingValue? { word(of: control.defaultValue) }

    func value() throws -> SettingValue? { try controls.read(control).flatMap(word) }

    func set(_ value: SettingValue) throws {
        guard case .choice(let word) = value, let entry = table.first(where: { $0.word == word }) else { return }
        try controls.write(entry.choice, to: control)
    }

    private func word(of choice: Int64) -> SettingValue? {
        table.first { $0.choice == choice }.map { .choice($0.word) }
    }
}

/// A setting of on and off over a boolean control.
struct V4L2SwitchSetting: V4L2Setting {
    private let controls: V4L2SettingControls
    private let control: ControlDescription

    /// Nil when the device does not have the control.
    init?(_ controls: V4L2SettingControls, _ identifier: UInt32) throws {
        guard let control = try controls.find(identifier) else { return nil }
        self.controls = controls
        self.control = control
    }

    var values: SettingDescription.Values { .boolean }
    var defaultValue: SettingValue? { .boolean(control.defaultValue != 0) }

    func value() throws -> SettingValue? { try controls.read(control).map { .boolean($0 != 0) } }

    func set(_ value: SettingValue) throws {
        guard case .boolean(let isOn) = value else { return }
        try controls.write(isOn ? 1 : 0, to: control)
    }
}

/// The rotation by quarter turns over the control for degrees.
struct V4L2RotationSetting: V4L2Setting {
    private let controls: V4L2SettingControls
    private let control: ControlDescription
    private let turns: [Int]

    /// Nil when the device cannot turn.
    init?(_ controls: V4L2SettingControls) throws {
        guard let control = try controls.find(PictureControl.rotation) else { return nil }
        let step = max(control.step, 1)
        turns = [0, 90, 180, 270].filter {
            let number = Int64($0)
            return number >= control.minimum && number <= control.maximum
                && number.saturatingSubtract(control.minimum) % step == 0
        }
        guard turns.count > 1 else { return nil }
        self.controls = controls
        self.control = control
    }

    var values: SettingDescription.Values { .oneOf(turns) }
    var defaultValue: SettingValue? { .integer(Int(control.defaultValue)) }

    func value() throws -> SettingValue? { try controls.read(control).map { .integer(Int($0) % 360) } }

    func set(_ value: SettingValue) throws {
        guard case .integer(let degrees) = value else { return }
        try controls.write(Int64(degrees), to: control)
    }
}
