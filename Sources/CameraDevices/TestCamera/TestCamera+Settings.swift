// SPDX-License-Identifier: MIT

public import CameraCore

extension TestCamera {
    /// picamera's settings that the test camera has.
    ///
    /// Setting a shutter speed, an ISO or gains ends the automatic choice of that value alone; 0, or for gains an
    /// ``AWBMode`` other than off, restores it. May be called from any thread.
    public func settings() -> [SettingDescription] {
        let (controls, exposure) = controlState
        return CameraSetting.allCases.compactMap { TestSettings.description(of: $0, controls, exposure) }
    }

    /// Changes a setting for the frames that are drawn from now on; may be called from any thread.
    ///
    /// - Throws: `.unsupported` when the test camera does not have it, or it can only be read; `.invalidValue` with the
    ///   range.
    public func set(_ setting: CameraSetting, to value: SettingValue) throws {
        let (controls, exposure) = controlState
        guard let description = TestSettings.description(of: setting, controls, exposure) else {
            throw try lack(of: setting, "setting \(setting) to \(value)")
        }
        try description.check(value, of: name)
        try changeControls { (controls, exposure) throws(CameraError) in
            TestSettings.set(setting, to: value, in: &controls, exposure)
        }
    }
}

/// How picamera's settings become a test camera's controls, and back.
enum TestSettings {
    private static let shortest = Duration.microseconds(100)

    private static func scale(_ control: TestControl, _ values: ClosedRange<Int>, neutral: Int) -> SettingScale? {
        SettingScale(
            values, neutral: neutral, minimum: Double(control.range.lowerBound), initial: Double(control.initial),
            maximum: Double(control.range.upperBound), step: 1)
    }

    /// The control of a setting that is a whole number around a neutral one, and its scale.
    private static func scaled(_ setting: CameraSetting) -> (control: TestControl, scale: SettingScale)? {
        let (control, scale): (TestControl, SettingScale?)
        switch setting {
        case .brightness: (control, scale) = (.brightness, self.scale(.brightness, 0...100, neutral: 50))
        case .contrast: (control, scale) = (.contrast, self.scale(.contrast, -100...100, neutral: 0))
        case .saturation: (control, scale) = (.saturation, self.scale(.saturation, -100...100, neutral: 0))
        default: return nil
        }
        return scale.map { (control, $0) }
    }

    /// A setting as it is; nil where the test camera does not have it.
    static func description(
        of setting: CameraSetting, _ controls: TestControls, _ exposure: TestExposure
    ) -> SettingDescription? {
        func described(
            _ values: SettingDescription.Values, _ value: SettingValue, _ initial: SettingValue?,
            isWritable: Bool = true
        ) -> SettingDescription {
            SettingDescription(setting, values, value: value, defaultValue: initial, isWritable: isWritable)
        }
        if let (control, scale) = scaled(setting) {
            let number = scale.value(Double(controls[control]))
            return described(.integers(scale.values), .integer(number), .integer(scale.value(Double(control.initial))))
        }
        let gainRange = TestControl.gain.range
        let longest = Duration.microseconds(100 * TestControl.exposureTime.range.upperBound)
        switch setting {
        case .exposureMode:
            let isOff = !controls.isTimeAutomatic && !controls.isGainAutomatic
            let mode = isOff ? ExposureMode.off : .auto
            return described(
                .choices([ExposureMode.off.rawValue, ExposureMode.auto.rawValue]), .choice(mode.rawValue),
                .choice(ExposureMode.auto.rawValue))
        case .exposureCompensation:
            return described(.integers(-25...25), .integer(Int(controls[.exposureBias])), .integer(0))
        case .shutterSpeed:
            let time = controls.isTimeAutomatic ? 0 : controls[.exposureTime]
            return described(.durations(.zero...longest), .duration(.microseconds(100 * time)), .duration(.zero))
        case .exposureSpeed:
            return described(.durations(shortest...longest), .duration(exposure.duration), nil, isWritable: false)
        case .iso:
            let iso = controls.isGainAutomatic ? 0 : Int(controls[.gain])
            return described(.integers(0...Int(gainRange.upperBound)), .integer(iso), .integer(0))
        case .analogGain:
            let factors = Double(gainRange.lowerBound) / 100...Double(gainRange.upperBound) / 100
            return described(.numbers(factors), .number(exposure.gain), nil, isWritable: false)
        case .digitalGain: return described(.numbers(1...1), .number(1), nil, isWritable: false)
        case .awbMode:
            let mode = TestControl.lights.first { $0.number == controls[.whiteBalance] }?.mode ?? .auto
            return described(
                .choices(TestControl.lights.map(\.mode.rawValue)), .choice(mode.rawValue),
                .choice(AWBMode.auto.rawValue))
        case .awbGains:
            return described(.gains(0...8), .gains(controls.gains), nil)
        case .zoom: return described(.regions, .region(controls.region), .region(.full))
        default: return nil
        }
    }

    /// Changes what stands for a setting; the value is one that the setting takes.
    static func set(
        _ setting: CameraSetting, to value: SettingValue, in controls: inout TestControls, _ exposure: TestExposure
    ) {
        switch (setting, value) {
        case (.brightness, .integer(let number)), (.contrast, .integer(let number)),
            (.saturation, .integer(let number)):
            if let (control, scale) = scaled(setting) { controls[control] = Int64(scale.native(number).rounded()) }
        case (.exposureMode, .choice(let word)):
            let isOff = word == ExposureMode.off.rawValue
            if isOff { controls.holdExposure(exposure) }
            controls[.automaticExposure] = isOff ? TestControl.Exposure.manual : TestControl.Exposure.automatic
            controls[.automaticGain] = isOff ? 0 : 1
        case (.exposureCompensation, .integer(let sixths)): controls[.exposureBias] = Int64(sixths)
        case (.shutterSpeed, .duration(let time)):
            let isAutomatic = time == .zero
            controls[.automaticExposure] = isAutomatic ? TestControl.Exposure.automatic : TestControl.Exposure.manual
            if !isAutomatic { controls[.exposureTime] = Int64((time.inSeconds * 10_000).rounded()) }
        case (.iso, .integer(let iso)):
            controls[.automaticGain] = iso == 0 ? 1 : 0
            if iso != 0 { controls[.gain] = Int64(iso) }
        case (.awbMode, .choice(let word)):
            if word == AWBMode.off.rawValue { controls.holdGains(controls.gains) }
            let light = TestControl.lights.first { $0.mode.rawValue == word }
            controls[.whiteBalance] = light?.number ?? TestControl.whiteBalance.initial
        case (.awbGains, .gains(let gains)):
            controls[.whiteBalance] = 0
            controls.holdGains(gains)
        case (.zoom, .region(let region)): controls.setRegion(region)
        default: break
        }
    }
}

extension TestControls {
    /// Takes what is in use for what was set.
    fileprivate mutating func holdExposure(_ exposure: TestExposure) {
        self[.exposureTime] = exposure.timeNumber
        self[.gain] = exposure.gainNumber
    }

    fileprivate mutating func holdGains(_ gains: AWBGains) {
        self[.redBalance] = Int64((gains.red * 1000).rounded())
        self[.blueBalance] = Int64((gains.blue * 1000).rounded())
    }
}
