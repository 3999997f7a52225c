// SPDX-License-Identifier: MIT

internal import CameraCore
internal import SystemPackage
internal import V4L2

/// The controls of an encoder, and what an encoder's options make of them.
struct EncoderSettings {
    /// A control's value, and the option that wants it.
    struct Setting {
        let control: ControlDescription
        let value: Int64
        let option: String
        /// Whether the value is required; otherwise it is left out where the device does not have it.
        let isDemanded: Bool
    }

    private let device: VideoDevice
    private let controls: [UInt32: ControlDescription]
    private let format: MediaFormat
    /// What is to be set, in this order.
    private(set) var settings: [Setting] = []
    /// The driver's frame rate divided by that of the frames; other than 1 where the driver adjusted the rate.
    private var tempo = 1.0

    /// Reads the controls of a device whose coded format is set.
    init(_ device: VideoDevice, _ format: MediaFormat) throws(DeviceError) {
        self.device = device
        self.format = format
        controls = Dictionary(
            try device.controls().map { ($0.identifier, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// A control by its number; nil when the device does not have it.
    func control(_ identifier: UInt32) -> ControlDescription? {
        controls[identifier].flatMap { $0.flags.contains(.readOnly) ? nil : $0 }
    }

    /// Works out what the options want.
    ///
    /// - Parameters:
    ///   - configuration: What the encoder is to make.
    ///   - rate: The rate that the driver reckons with.
    /// - Throws: `.unsupported`, `.invalidValue` or `.unknownOption` that names the option.
    mutating func apply(_ configuration: CodecConfiguration, at rate: FrameRate) throws(CameraError) {
        let options = configuration.options
        settings = []
        tempo = rate.framesPerSecond / configuration.frameRate.framesPerSecond
        let known: Set = ["bitRate", "profile", "level", "keyFrameInterval", "inlineHeaders"]
        for name in options.namesSet where !known.contains(name) && options.parameters[name] == nil {
            throw refusal(.unsupported, name, "it does not have this option; encoding in software may")
        }
        // Without pictures that need later ones, packets come in the order of the frames and without delay.
        try set(EncoderControl.bidirectionalFrames, 0, "bidirectional frames")
        try set(EncoderControl.headerMode, EncoderControl.headersJoined, "header mode")
        let repeats: Int64 = options.inlineHeaders == false ? 0 : 1
        try set(EncoderControl.repeatHeaders, repeats, "inlineHeaders")
        try set(EncoderControl.prependHeaders, repeats, "inlineHeaders")
        try setRate(configuration)
        try setInterval(options)
        try setProfile(options)
        try setLevel(configuration)
        try setAspect(configuration.pixelAspect)
        try setParameters(options.parameters)
    }

    /// Changes the bit rate among the settings.
    ///
    /// - Returns: What is to be set.
    /// - Throws: `.unsupported` or `.invalidValue`.
    mutating func setBitRate(_ bitRate: Int) throws(CameraError) -> Setting {
        try set(EncoderControl.bitRate, driverBitRate(Int64(clamping: bitRate)), "bitRate", isDemanded: true)
        guard let setting = settings.last else { preconditionFailure("it was set") }
        return setting
    }

    private mutating func setRate(_ configuration: CodecConfiguration) throws(CameraError) {
        let pixels = Double(configuration.size.pixelCount) * configuration.frameRate.framesPerSecond
        // As in software: one bit for eight pixels, a megabit at least.
        let bitRate = configuration.options.bitRate.map(Int64.init(clamping:)) ?? max(Int64(pixels / 8), 1_000_000)
        try set(EncoderControl.frameRateControl, 1, "bitRate")
        try set(
            EncoderControl.bitRate, driverBitRate(bitRate), "bitRate",
            isDemanded: configuration.options.bitRate != nil)
    }

    /// The bit rate to tell the driver, which spreads it over the frames of a second at its own frame rate.
    private func driverBitRate(_ bitRate: Int64) -> Int64 {
        tempo == 1 ? bitRate : Int64(exactly: (Double(bitRate) * tempo).rounded()) ?? bitRate
    }

    private mutating func setInterval(_ options: EncoderOptions) throws(CameraError) {
        guard let interval = options.keyFrameInterval else { return }
        guard interval >= 0 else { throw refusal(.invalidValue, "keyFrameInterval", "\(interval) is below 0") }
        let found = [EncoderControl.groupSize, EncoderControl.keyFramePeriod].filter { control($0) != nil }
        guard !found.isEmpty else { throw lacks("keyFrameInterval") }
        for identifier in found {
            // No key frames but those that are asked for: as few as the driver can.
            let value = interval == 0 ? control(identifier)?.maximum ?? 0 : Int64(interval)
            try set(identifier, value, "keyFrameInterval", isDemanded: true)
        }
    }

    private mutating func setProfile(_ options: EncoderOptions) throws(CameraError) {
        guard let name = options.profile else { return }
        let (identifier, choices) =
            format == .h265
            ? (EncoderControl.profileH265, EncoderControl.profilesH265)
            : (EncoderControl.profileH264, EncoderControl.profilesH264)
        guard let value = choices[name] else {
            let names = choices.keys.sorted().joined(separator: ", ")
            throw refusal(.invalidValue, "profile", "'\(name)' is not one of \(names)")
        }
        try set(identifier, value, "profile", isDemanded: true)
    }

    private mutating func setLevel(_ configuration: CodecConfiguration) throws(CameraError) {
        let options = configuration.options
        if format == .h265 {
            guard let name = options.level else { return }
            guard let value = EncoderControl.levelsH265[name.hasSuffix(".0") ? String(name.dropLast(2)) : name] else {
                throw refusal(.invalidValue, "level", "'\(name)' is not a level of H.265")
            }
            return try set(EncoderControl.levelH265, value, "level", isDemanded: true)
        }
        guard format == .h264 else {
            if options.level != nil { throw lacks("level") }
            return
        }
        func allows(_ level: H264Level) throws(CameraError) {
            try level.check(
                size: configuration.size, frameRate: configuration.frameRate, bitRate: options.bitRate,
                highProfile: options.profile == "high")
        }
        if let name = options.level {
            let level = try H264Level(named: name)
            try allows(level)
            try set(
                EncoderControl.levelH264, EncoderControl.levelsH264[level.name] ?? 0, "level", isDemanded: true)
        } else if let level = H264Level.all.first(where: { (try? allows($0)) != nil }) {
            // What the driver starts with may be too low for the size. The lowest that fits and that it has:
            let value = EncoderControl.levelsH264[level.name] ?? 0
            guard let control = control(EncoderControl.levelH264) else { return }
            let choices = (try? device.choices(of: control))?.map(\.number) ?? []
            if let fitting = choices.first(where: { $0 >= value }) { try set(control.identifier, fitting, "level") }
        }
    }

    /// Has the stream tell the shape of its pixels, where the encoder can.
    private mutating func setAspect(_ aspect: PixelAspect) throws(CameraError) {
        guard format == .h264, aspect != .square else { return }
        try set(EncoderControl.tellsAspect, 1, "pixelAspect")
        try set(EncoderControl.aspectKind, EncoderControl.extendedAspect, "pixelAspect")
        try set(EncoderControl.aspectWidth, Int64(aspect.width), "pixelAspect")
        try set(EncoderControl.aspectHeight, Int64(aspect.height), "pixelAspect")
    }

    private mutating func setParameters(_ parameters: [String: String]) throws(CameraError) {
        for (name, text) in parameters.sorted(by: { $0.key < $1.key }) {
            guard let control = controls.values.first(where: { $0.variableName == name }) else {
                throw refusal(.unknownOption, name, "the encoder has no such control; 'v4l2-ctl -l' lists them")
            }
            guard let value = Int64(text) else {
                throw refusal(.invalidValue, name, "'\(text)' is not a whole number")
            }
            try set(control.identifier, value, name, isDemanded: true)
        }
    }

    /// Notes a value; what is not demanded is left out where the device cannot do it.
    private mutating func set(
        _ identifier: UInt32, _ value: Int64, _ option: String, isDemanded: Bool = false
    ) throws(CameraError) {
        guard let control = control(identifier) else {
            if isDemanded { throw lacks(option) }
            return
        }
        var value = value
        if !(control.minimum...max(control.minimum, control.maximum)).contains(value) {
            if isDemanded {
                throw refusal(
                    .invalidValue, option,
                    "\(value) does not lie in \(control.minimum)...\(control.maximum), which the encoder can do")
            }
            value = min(max(value, control.minimum), control.maximum)
        }
        if control.kind == .menu || control.kind == .integerMenu {
            let choices = (try? device.choices(of: control)) ?? []
            guard choices.contains(where: { $0.number == value }) else {
                guard isDemanded else { return }
                let names = choices.map(\.name).joined(separator: ", ")
                throw refusal(.unsupported, option, "the encoder has \(names)")
            }
        }
        settings.removeAll { $0.control.identifier == identifier }
        settings.append(Setting(control: control, value: value, option: option, isDemanded: isDemanded))
    }

    private func lacks(_ option: String) -> CameraError {
        refusal(.unsupported, option, "the encoder has no control for it")
    }

    private func refusal(_ code: CameraError.Code, _ option: String, _ reason: String) -> CameraError {
        CameraError(code, "configuring the encoder \(device.path)", subject: option, reason: reason)
    }
}

extension StatefulEncoder {
    /// Sets controls, before buffers are made.
    ///
    /// - Throws: `.invalidValue` that names the option; the driver's error when it has failed.
    func apply(_ settings: EncoderSettings) throws {
        for setting in settings.settings {
            guard let refusal = try trySetting(setting), setting.isDemanded else { continue }
            throw self.refusal(of: setting, refusal)
        }
    }

    /// Sets a control.
    ///
    /// - Returns: What the driver refuses it with; nil when it does not.
    /// - Throws: The driver's error when it has failed.
    func trySetting(_ setting: EncoderSettings.Setting) throws(DeviceError) -> DeviceError? {
        do throws(DeviceError) {
            try device.setValue(setting.value, of: setting.control)
            return nil
        } catch {
            guard error.isRefusal else { throw error }
            return error
        }
    }

    /// A refused control in words for users.
    func refusal(of setting: EncoderSettings.Setting, _ error: DeviceError) -> CameraError {
        CameraError(
            .invalidValue, "setting up the encoder \(device.path)", subject: setting.option,
            reason: "the driver refuses \(setting.value) for '\(setting.control.name)'", systemError: error.errno)
    }
}
