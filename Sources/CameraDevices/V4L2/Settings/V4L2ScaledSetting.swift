// SPDX-License-Identifier: MIT

internal import CameraCore
internal import V4L2

/// A whole number over a control without a unit, such as brightness.
struct V4L2ScaledSetting: V4L2Setting {
    private let controls: V4L2SettingControls
    private let control: ControlDescription
    private let scale: SettingScale

    /// Nil when the device does not have the control, or has but one number for it.
    init?(
        _ controls: V4L2SettingControls, _ identifier: UInt32, _ values: ClosedRange<Int>, neutral: Int
    ) throws {
        guard let control = try controls.find(identifier),
            let scale = SettingScale(values, neutral: neutral, of: control)
        else { return nil }
        self.controls = controls
        self.control = control
        self.scale = scale
    }

    var values: SettingDescription.Values { .integers(scale.values) }
    var defaultValue: SettingValue? { .integer(scale.value(Double(control.defaultValue))) }

    func value() throws -> SettingValue? {
        try controls.read(control).map { .integer(scale.value(Double($0))) }
    }

    func set(_ value: SettingValue) throws {
        guard case .integer(let number) = value else { return }
        try controls.write(Int64(clamping: scale.native(number)), to: control)
    }
}

/// Factors of red and blue over two controls without a unit; what the driver starts with is taken for 1.
struct V4L2GainsSetting: V4L2Setting {
    private let controls: V4L2SettingControls
    private let red: (control: ControlDescription, scale: SettingScale)
    private let blue: (control: ControlDescription, scale: SettingScale)
    private let automatic: V4L2Automatic?

    /// Nil when the device does not have both.
    init?(_ controls: V4L2SettingControls) throws {
        guard let red = try controls.find(PictureControl.redBalance),
            let blue = try controls.find(PictureControl.blueBalance),
            let redScale = SettingScale(0...8000, neutral: 1000, of: red),
            let blueScale = SettingScale(0...8000, neutral: 1000, of: blue)
        else { return nil }
        self.controls = controls
        self.red = (red, redScale)
        self.blue = (blue, blueScale)
        automatic = try V4L2Automatic(controls, PictureControl.whiteBalanceAutomatic)
    }

    var values: SettingDescription.Values {
        let low = max(red.scale.values.lowerBound, blue.scale.values.lowerBound)
        let high = min(red.scale.values.upperBound, blue.scale.values.upperBound)
        return .gains(Double(low) / 1000...Double(max(low, high)) / 1000)
    }

    var defaultValue: SettingValue? { .gains(AWBGains(red: 1, blue: 1)) }

    func value() throws -> SettingValue? {
        guard let redNumber = try controls.read(red.control), let blueNumber = try controls.read(blue.control)
        else { return nil }
        return .gains(
            AWBGains(
                red: Double(red.scale.value(Double(redNumber))) / 1000,
                blue: Double(blue.scale.value(Double(blueNumber))) / 1000))
    }

    func set(_ value: SettingValue) throws {
        guard case .gains(let gains) = value else { return }
        for (gain, channel) in [(gains.red, red), (gains.blue, blue)] {
            let number = channel.scale.native(Int(clamping: gain * 1000))
            try controls.write(Int64(clamping: number), to: channel.control)
        }
    }
}

extension SettingScale {
    fileprivate init?(_ values: ClosedRange<Int>, neutral: Int, of control: ControlDescription) {
        self.init(
            values, neutral: neutral, minimum: Double(control.minimum), initial: Double(control.defaultValue),
            maximum: Double(control.maximum), step: Double(max(control.step, 1)))
    }
}
