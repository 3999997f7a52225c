// SPDX-License-Identifier: MIT

public import CameraCore

/// picamera's settings, with picamera's names and ranges.
///
/// A camera has the settings for which its driver has controls; ``settings()`` lists them with their ranges on that camera.
/// Rotation, flips, zoom and image effects work on every camera: what the driver lacks is done to the pictures in software,
/// as a part of their ``style(splitterPort:)``.
///
/// Reading or changing a setting that the camera does not have throws `.unsupported`, and the error names the settings that
/// it has; a value out of range throws `.invalidValue` with the range. Settings can change during a recording where the
/// driver allows that. A setting reads back as the nearest value that the driver has.
extension Camera {
    /// The settings that this camera has, with their ranges and values.
    ///
    /// - Throws: `.closed`; `.device` when the driver refuses to tell them.
    public func settings() throws(CameraError) -> [SettingDescription] {
        var settings = try withSource("listing the settings") { try $0.settings() }
        let style = style()
        for software in SoftwareSetting.allCases {
            let index = settings.firstIndex { $0.setting == software.setting }
            let description = software.description(own: index.map { settings[$0] }, style: style)
            if let index { settings[index] = description } else { settings.append(description) }
        }
        return settings
    }

    /// The present value of a setting.
    ///
    /// - Throws: `.unsupported`, with the settings there are, when the camera does not have it or does not tell it.
    public func setting(_ setting: CameraSetting) throws(CameraError) -> SettingValue {
        try withSource("reading \(setting)") { source in
            var found = try source.description(of: setting)
            if let software = SoftwareSetting(setting) { found = software.description(own: found, style: style()) }
            guard let found else { throw try source.lack(of: setting, "reading \(setting)") }
            guard let value = found.value else {
                throw CameraError(
                    .unsupported, "reading \(setting)", subject: source.name,
                    reason: "the driver does not tell it, or is at a choice that picamera has no word for")
            }
            return value
        }
    }

    /// Changes a setting; may be called from any thread, also while recording where the driver allows that.
    ///
    /// - Throws: `.unsupported`, with the settings there are; `.invalidValue`, with the range.
    public func set(_ setting: CameraSetting, to value: SettingValue) throws(CameraError) {
        guard let software = SoftwareSetting(setting) else {
            return try withSource("setting \(setting) to \(value)") { try $0.set(setting, to: value) }
        }
        let own = try withSource("setting \(setting) to \(value)") { try $0.description(of: setting) }
        if let own, own.takes(value) {
            try withSource("setting \(setting) to \(value)") { try $0.set(setting, to: value) }
            try changeStyle { software.set(software.neutral, in: &$0) }
        } else {
            try software.description(own: own, style: style()).check(value, of: router.source.name)
            try changeStyle { software.set(value, in: &$0) }
            if let own, own.takes(software.neutral) {
                try withSource("setting \(setting) to \(software.neutral)") {
                    try $0.set(setting, to: software.neutral)
                }
            }
        }
    }

    // MARK: Picture

    /// The brightness, from 0 to 100; 50 is neutral.
    public var brightness: Int { get throws(CameraError) { try integer(.brightness) } }

    /// Changes the brightness: from 0 to 100.
    public func setBrightness(_ brightness: Int) throws(CameraError) { try set(.brightness, to: .integer(brightness)) }

    /// The contrast, from -100 to 100; 0 is neutral.
    public var contrast: Int { get throws(CameraError) { try integer(.contrast) } }

    /// Changes the contrast: from -100 to 100.
    public func setContrast(_ contrast: Int) throws(CameraError) { try set(.contrast, to: .integer(contrast)) }

    /// The saturation, from -100 (no colours) to 100; 0 is neutral.
    public var saturation: Int { get throws(CameraError) { try integer(.saturation) } }

    /// Changes the saturation: from -100, without colours, to 100.
    public func setSaturation(_ saturation: Int) throws(CameraError) { try set(.saturation, to: .integer(saturation)) }

    /// The sharpness, from -100 to 100; 0 is neutral.
    public var sharpness: Int { get throws(CameraError) { try integer(.sharpness) } }

    /// Changes the sharpness: from -100 to 100.
    public func setSharpness(_ sharpness: Int) throws(CameraError) { try set(.sharpness, to: .integer(sharpness)) }

    /// The effect filter over the pictures.
    public var imageEffect: ImageEffect { get throws(CameraError) { try word(.imageEffect) } }

    /// Changes the effect filter over the pictures.
    ///
    /// - Parameters:
    ///   - effect: The filter.
    ///   - parameters: The filter's parameters, as ``ImageEffect`` lists them; empty for its defaults. A filter with parameters
    ///     always works in software.
    /// - Throws: `.invalidValue` for parameters that the filter does not take.
    public func setImageEffect(_ effect: ImageEffect, parameters: [Double] = []) throws(CameraError) {
        guard !parameters.isEmpty else { return try set(.imageEffect, to: .choice(effect.rawValue)) }
        try changeStyle {
            $0.effect = effect
            $0.effectParameters = parameters
        }
        let isInDriver = try withSource("choosing an image effect") { try $0.description(of: .imageEffect)?.isWritable }
        if isInDriver == true {
            try withSource("choosing an image effect") {
                try $0.set(.imageEffect, to: .choice(ImageEffect.none.rawValue))
            }
        }
    }

    /// The parameters of the effect filter; empty for its defaults.
    public var imageEffectParameters: [Double] { style().effectParameters }

    // MARK: Exposure

    /// How the camera chooses the exposure.
    public var exposureMode: ExposureMode { get throws(CameraError) { try word(.exposureMode) } }

    /// Changes how the camera chooses the exposure.
    public func setExposureMode(_ mode: ExposureMode) throws(CameraError) {
        try set(.exposureMode, to: .choice(mode.rawValue))
    }

    /// The exposure compensation of the automatic exposure, in sixths of a stop, from -25 to 25.
    public var exposureCompensation: Int { get throws(CameraError) { try integer(.exposureCompensation) } }

    /// Changes the exposure compensation: sixths of a stop, from -25 to 25.
    public func setExposureCompensation(_ sixths: Int) throws(CameraError) {
        try set(.exposureCompensation, to: .integer(sixths))
    }

    /// The exposure time that was set; zero for automatic.
    public var shutterSpeed: Duration { get throws(CameraError) { try duration(.shutterSpeed) } }

    /// Changes the exposure time; zero for automatic.
    public func setShutterSpeed(_ time: Duration) throws(CameraError) { try set(.shutterSpeed, to: .duration(time)) }

    /// The exposure time in use; can only be read.
    public var exposureSpeed: Duration { get throws(CameraError) { try duration(.exposureSpeed) } }

    /// The sensor's sensitivity as an ISO number; 0 for automatic.
    public var iso: Int { get throws(CameraError) { try integer(.iso) } }

    /// Changes the sensor's sensitivity to an ISO number; 0 for automatic.
    public func setISO(_ iso: Int) throws(CameraError) { try set(.iso, to: .integer(iso)) }

    /// The sensor's analogue gain in use, as a factor; can only be read.
    public var analogGain: Double { get throws(CameraError) { try number(.analogGain) } }

    /// The digital gain in use, as a factor; can only be read.
    public var digitalGain: Double { get throws(CameraError) { try number(.digitalGain) } }

    /// The parts of the picture that the exposure is metered on.
    public var meterMode: MeterMode { get throws(CameraError) { try word(.meterMode) } }

    /// Changes the parts of the picture that the exposure is metered on.
    public func setMeterMode(_ mode: MeterMode) throws(CameraError) { try set(.meterMode, to: .choice(mode.rawValue)) }

    /// How much the dark parts of a picture are brightened (dynamic range compression).
    public var drcStrength: DRCStrength { get throws(CameraError) { try word(.drcStrength) } }

    /// Changes how much the dark parts of a picture are brightened (dynamic range compression).
    public func setDRCStrength(_ strength: DRCStrength) throws(CameraError) {
        try set(.drcStrength, to: .choice(strength.rawValue))
    }

    /// When the flash fires.
    public var flashMode: FlashMode { get throws(CameraError) { try word(.flashMode) } }

    /// Changes when the flash fires.
    public func setFlashMode(_ mode: FlashMode) throws(CameraError) { try set(.flashMode, to: .choice(mode.rawValue)) }

    // MARK: White balance

    /// The white balance mode: the light that is taken for white.
    public var awbMode: AWBMode { get throws(CameraError) { try word(.awbMode) } }

    /// Changes the white balance mode.
    public func setAWBMode(_ mode: AWBMode) throws(CameraError) { try set(.awbMode, to: .choice(mode.rawValue)) }

    /// The white balance gains: the factors of red and blue.
    public var awbGains: AWBGains {
        get throws(CameraError) { try value(.awbGains) { if case .gains(let gains) = $0 { gains } else { nil } } }
    }

    /// Changes the white balance gains, each from 0 to 8; they take effect while ``awbMode`` is `.off`.
    public func setAWBGains(_ gains: AWBGains) throws(CameraError) { try set(.awbGains, to: .gains(gains)) }

    // MARK: Geometry

    /// The rotation of pictures in degrees clockwise: 0, 90, 180 or 270.
    public var rotation: Int { get throws(CameraError) { try integer(.rotation) } }

    /// Turns pictures clockwise by a multiple of 90 degrees; below zero counterclockwise.
    ///
    /// - Throws: `.invalidValue` for other angles; `.closed`.
    public func setRotation(_ degrees: Int) throws(CameraError) {
        guard degrees.isMultiple(of: 90) else {
            throw CameraError(
                .invalidValue, "setting the rotation", subject: "\(degrees)",
                reason: "pictures can be turned by 0, 90, 180 or 270 degrees")
        }
        let turned = degrees % 360
        try set(.rotation, to: .integer(turned < 0 ? turned + 360 : turned))
    }

    /// Whether left and right are exchanged.
    public var hflip: Bool { get throws(CameraError) { try boolean(.hflip) } }

    /// Exchanges left and right.
    public func setHFlip(_ isFlipped: Bool) throws(CameraError) { try set(.hflip, to: .boolean(isFlipped)) }

    /// Whether top and bottom are exchanged.
    public var vflip: Bool { get throws(CameraError) { try boolean(.vflip) } }

    /// Exchanges top and bottom.
    public func setVFlip(_ isFlipped: Bool) throws(CameraError) { try set(.vflip, to: .boolean(isFlipped)) }

    /// The part of the camera's picture that is used, enlarged to the size of the frames.
    public var zoom: ZoomRegion {
        get throws(CameraError) { try value(.zoom) { if case .region(let region) = $0 { region } else { nil } } }
    }

    /// Changes the part of the camera's picture that is used, enlarged to the size of the frames.
    public func setZoom(_ region: ZoomRegion) throws(CameraError) { try set(.zoom, to: .region(region)) }

    // MARK: Rate and video

    /// The difference that is added to the frame rate, in frames per second.
    public var frameRateDelta: Double { get throws(CameraError) { try number(.frameRateDelta) } }

    /// Adds a difference, in frames per second, to the frame rate while the camera runs.
    public func setFrameRateDelta(_ delta: Double) throws(CameraError) { try set(.frameRateDelta, to: .number(delta)) }

    /// The frame rates that the automatic exposure may choose from.
    public var frameRateRange: FrameRateRange {
        get throws(CameraError) { try value(.frameRateRange) { if case .rates(let rates) = $0 { rates } else { nil } } }
    }

    /// Changes the frame rates that the automatic exposure may choose from.
    public func setFrameRateRange(_ range: FrameRateRange) throws(CameraError) {
        try set(.frameRateRange, to: .rates(range))
    }

    /// Whether video is stabilised against the shaking of the camera.
    public var videoStabilization: Bool { get throws(CameraError) { try boolean(.videoStabilization) } }

    /// Switches the stabilisation of video on or off.
    public func setVideoStabilization(_ isOn: Bool) throws(CameraError) {
        try set(.videoStabilization, to: .boolean(isOn))
    }

    /// Whether noise is reduced in video.
    public var videoDenoise: Bool { get throws(CameraError) { try boolean(.videoDenoise) } }

    /// Switches noise reduction in video on or off.
    public func setVideoDenoise(_ isOn: Bool) throws(CameraError) { try set(.videoDenoise, to: .boolean(isOn)) }

    /// Whether noise is reduced in still pictures.
    public var imageDenoise: Bool { get throws(CameraError) { try boolean(.imageDenoise) } }

    /// Switches noise reduction in still pictures on or off.
    public func setImageDenoise(_ isOn: Bool) throws(CameraError) { try set(.imageDenoise, to: .boolean(isOn)) }

    // MARK: Values

    private func integer(_ setting: CameraSetting) throws(CameraError) -> Int {
        try value(setting) { if case .integer(let number) = $0 { number } else { nil } }
    }

    private func number(_ setting: CameraSetting) throws(CameraError) -> Double {
        try value(setting) { if case .number(let number) = $0 { number } else { nil } }
    }

    private func boolean(_ setting: CameraSetting) throws(CameraError) -> Bool {
        try value(setting) { if case .boolean(let isOn) = $0 { isOn } else { nil } }
    }

    private func duration(_ setting: CameraSetting) throws(CameraError) -> Duration {
        try value(setting) { if case .duration(let time) = $0 { time } else { nil } }
    }

    private func word<Word: RawRepresentable<String>>(_ setting: CameraSetting) throws(CameraError) -> Word {
        try value(setting) { if case .choice(let word) = $0 { Word(rawValue: word) } else { nil } }
    }

    private func value<Value>(
        _ setting: CameraSetting, _ extract: (SettingValue) -> Value?
    ) throws(CameraError) -> Value {
        let found = try self.setting(setting)
        guard let value = extract(found) else {
            throw CameraError(
                .device, "reading \(setting)", subject: router.source.name,
                reason: "the source gave '\(found)', which is not a value of this setting")
        }
        return value
    }
}
