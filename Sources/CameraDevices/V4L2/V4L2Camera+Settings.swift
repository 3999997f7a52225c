// SPDX-License-Identifier: MIT

public import CameraCore
internal import V4L2

extension V4L2Camera {
    /// picamera's settings as far as the driver has controls for them.
    ///
    /// A setting's neutral value is the driver's default, and the ends of its range are the driver's; where the default
    /// is one of the ends, the setting has only the other half of its range. Exposure and white balance each have one
    /// control that says whether they are automatic, so setting a shutter speed makes the exposure mode `off`, and so
    /// on.
    public func settings() throws -> [SettingDescription] {
        try reporting {
            let device = try openDevice()
            return try CameraSetting.allCases.compactMap { try description(of: $0, on: device) }
        }
    }

    /// A setting as it is now; nil when the driver has no control for it.
    public func description(of setting: CameraSetting) throws -> SettingDescription? {
        try reporting { try description(of: setting, on: try openDevice()) }
    }

    /// Changes a setting, also while the camera runs where the driver lets it.
    ///
    /// - Throws: `.unsupported` when the driver has no control for the setting, or the control cannot change now;
    ///   `.invalidValue` with the range.
    public func set(_ setting: CameraSetting, to value: SettingValue) throws {
        try reporting {
            let device = try openDevice()
            guard let mapping = try mapping(of: setting, on: device) else {
                throw try lack(of: setting, "setting \(setting) to \(value)")
            }
            try SettingDescription(setting, mapping.values, value: nil, isWritable: mapping.isWritable)
                .check(value, of: name)
            try mapping.set(value)
        }
    }

    private func description(of setting: CameraSetting, on device: VideoDevice) throws -> SettingDescription? {
        try mapping(of: setting, on: device).map { mapping in
            SettingDescription(
                setting, mapping.values, value: try mapping.value(), defaultValue: try mapping.defaultValue,
                isWritable: mapping.isWritable)
        }
    }

    /// The control or controls that stand for a setting; nil when the driver does not have them.
    private func mapping(of setting: CameraSetting, on device: VideoDevice) throws -> (any V4L2Setting)? {
        typealias Control = PictureControl
        let controls = V4L2SettingControls(camera: self, device: device)
        switch setting {
        case .brightness: return try V4L2ScaledSetting(controls, Control.brightness, 0...100, neutral: 50)
        case .contrast: return try V4L2ScaledSetting(controls, Control.contrast, -100...100, neutral: 0)
        case .saturation: return try V4L2ScaledSetting(controls, Control.saturation, -100...100, neutral: 0)
        case .sharpness: return try V4L2ScaledSetting(controls, Control.sharpness, -100...100, neutral: 0)
        case .exposureMode: return try V4L2ExposureModeSetting(controls)
        case .exposureCompensation: return try V4L2ExposureBias(controls)
        case .shutterSpeed: return try V4L2ExposureTime(controls, isInUse: false)
        case .exposureSpeed: return try V4L2ExposureTime(controls, isInUse: true)
        case .iso: return try V4L2Sensitivity(controls) ?? V4L2GainSensitivity(controls)
        case .meterMode:
            return try choices(
                controls, Control.exposureMetering,
                [
                    (MeterMode.average, Control.Metering.average), (.spot, Control.Metering.spot),
                    (.matrix, Control.Metering.matrix),
                ])
        case .awbMode:
            return try choices(
                controls, Control.whiteBalancePreset,
                [
                    (AWBMode.off, Control.WhiteBalance.manual), (.auto, Control.WhiteBalance.automatic),
                    (.sunlight, Control.WhiteBalance.daylight), (.cloudy, Control.WhiteBalance.cloudy),
                    (.shade, Control.WhiteBalance.shade), (.fluorescent, Control.WhiteBalance.fluorescent),
                    (.incandescent, Control.WhiteBalance.incandescent), (.flash, Control.WhiteBalance.flash),
                    (.horizon, Control.WhiteBalance.horizon),
                ]) ?? V4L2WhiteBalance(controls)
        case .awbGains: return try V4L2GainsSetting(controls)
        case .rotation: return try V4L2RotationSetting(controls)
        case .zoom: return try V4L2Zoom(self)
        case .hflip: return try V4L2SwitchSetting(controls, Control.horizontalFlip)
        case .vflip: return try V4L2SwitchSetting(controls, Control.verticalFlip)
        case .frameRateDelta: return try V4L2RateDelta(self, device)
        case .videoStabilization: return try V4L2SwitchSetting(controls, Control.imageStabilization)
        case .drcStrength:
            return try choices(controls, Control.wideDynamicRange, [(DRCStrength.off, Int64(0)), (.high, 1)])
        case .flashMode:
            return try choices(
                controls, Control.flashMode,
                [
                    (FlashMode.off, Control.Flash.none), (.on, Control.Flash.flash), (.torch, Control.Flash.torch),
                ])
        case .imageEffect:
            return try choices(
                controls, Control.colorEffect,
                [
                    (ImageEffect.none, Control.Effect.none), (.negative, Control.Effect.negative),
                    (.solarize, Control.Effect.solarization), (.sketch, Control.Effect.sketch),
                    (.emboss, Control.Effect.emboss),
                ])
        // V4L2 has gains without a unit only, one rate at a time, and no control that takes noise away.
        case .analogGain, .digitalGain, .frameRateRange, .videoDenoise, .imageDenoise: return nil
        }
    }

    private func choices<Word: RawRepresentable<String>>(
        _ controls: V4L2SettingControls, _ identifier: UInt32, _ table: [(Word, Int64)]
    ) throws -> V4L2ChoiceSetting? {
        try V4L2ChoiceSetting(controls, identifier, table.map { ($0.0.rawValue, $0.1) })
    }
}
