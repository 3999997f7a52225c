// SPDX-License-Identifier: MIT

internal import CameraCore
internal import V4L2

/// The ISO number over a menu of such numbers, 0 for automatic.
struct V4L2Sensitivity: V4L2Setting {
    private let controls: V4L2SettingControls
    private let control: ControlDescription
    private let automatic: V4L2Automatic?
    private let steps: [(choice: Int64, iso: Double)]

    /// Nil when the device does not have the menu.
    init?(_ controls: V4L2SettingControls) throws {
        guard let control = try controls.find(PictureControl.sensitivity) else { return nil }
        steps = try controls.numbers(of: control).map { ($0.choice, Double($0.number) / 1000) }.filter { $0.iso >= 1 }
        guard !steps.isEmpty else { return nil }
        automatic = try V4L2Automatic(controls, PictureControl.sensitivityAutomatic)
        self.controls = controls
        self.control = control
    }

    var values: SettingDescription.Values {
        let all = steps.map { Int($0.iso.rounded()) }
        let low = automatic?.canBeOn == true ? 0 : all.min() ?? 0
        return .integers(low...max(low, all.max() ?? 0))
    }

    var defaultValue: SettingValue? {
        automatic?.isOnAtFirst == true ? .integer(0) : value(of: control.defaultValue)
    }

    func value() throws -> SettingValue? {
        try automatic?.isOn() == true ? .integer(0) : controls.read(control).flatMap(value)
    }

    func set(_ value: SettingValue) throws {
        guard case .integer(let iso) = value else { return }
        if iso == 0, let automatic { return try automatic.set(true) }
        try automatic?.set(false)
        let nearest = steps.min { abs($0.iso - Double(iso)) < abs($1.iso - Double(iso)) }
        if let nearest { try controls.write(nearest.choice, to: control) }
    }

    private func value(of choice: Int64) -> SettingValue? {
        steps.first { $0.choice == choice }.map { .integer(Int($0.iso.rounded())) }
    }
}

/// The ISO number over a gain without a unit, whose ends are taken for 100 and 800; 0 for automatic.
struct V4L2GainSensitivity: V4L2Setting {
    private let controls: V4L2SettingControls
    private let control: ControlDescription
    private let automatic: V4L2Automatic?
    private let scale: SettingScale

    /// What picamera's cameras reach by amplification.
    private static let range = 100...800

    /// Nil when the device has no gain.
    init?(_ controls: V4L2SettingControls) throws {
        guard let control = try controls.find(PictureControl.gain),
            let scale = SettingScale(
                Self.range, neutral: Self.range.lowerBound, minimum: Double(control.minimum),
                initial: Double(control.minimum), maximum: Double(control.maximum), step: Double(max(control.step, 1)))
        else { return nil }
        automatic = try V4L2Automatic(controls, PictureControl.gainAutomatic)
        self.controls = controls
        self.control = control
        self.scale = scale
    }

    var values: SettingDescription.Values {
        .integers((automatic?.canBeOn == true ? 0 : Self.range.lowerBound)...Self.range.upperBound)
    }

    var defaultValue: SettingValue? {
        .integer(automatic?.isOnAtFirst == true ? 0 : scale.value(Double(control.defaultValue)))
    }

    func value() throws -> SettingValue? {
        if try automatic?.isOn() == true { return .integer(0) }
        return try controls.read(control).map { .integer(scale.value(Double($0))) }
    }

    func set(_ value: SettingValue) throws {
        guard case .integer(let iso) = value else { return }
        if iso == 0, let automatic { return try automatic.set(true) }
        try automatic?.set(false)
        try controls.write(Int64(clamping: scale.native(max(iso, Self.range.lowerBound))), to: control)
    }
}
