// SPDX-License-Identifier: MIT

internal import CameraCore
internal import V4L2

extension V4L2Automatic {
    /// Whether the time of exposure is automatic.
    static func exposure(_ controls: V4L2SettingControls) throws -> V4L2Automatic? {
        typealias Mode = PictureControl.Exposure
        return try V4L2Automatic(
            controls, PictureControl.exposureMode, on: [Mode.automatic, Mode.aperturePriority],
            off: [Mode.manual, Mode.shutterPriority])
    }
}

/// The time of exposure, 0 for automatic; or, to be read only, the time that is in use.
struct V4L2ExposureTime: V4L2Setting {
    private let controls: V4L2SettingControls
    private let control: ControlDescription
    private let automatic: V4L2Automatic?
    let isWritable: Bool

    /// The kernel's unit of exposures.
    private static let unit = Duration.microseconds(100)

    /// Nil when the device does not tell the exposure time, or when the time is to be set and cannot be made manual.
    init?(_ controls: V4L2SettingControls, isInUse: Bool) throws {
        guard let control = try controls.find(PictureControl.exposureTime), control.maximum > 0 else { return nil }
        automatic = isInUse ? nil : try V4L2Automatic.exposure(controls)
        guard automatic?.canBeOff ?? true else { return nil }
        self.controls = controls
        self.control = control
        isWritable = !isInUse
    }

    /// The shortest exposure that the driver has; 0 stands for automatic.
    private var shortest: Int64 { max(control.minimum, 1) }

    var values: SettingDescription.Values {
        let low = automatic?.canBeOn == true ? .zero : time(shortest)
        return .durations(low...max(low, time(control.maximum)))
    }

    var defaultValue: SettingValue? {
        guard isWritable else { return nil }
        return .duration(automatic?.isOnAtFirst == true ? .zero : time(control.defaultValue))
    }

    func value() throws -> SettingValue? {
        if try automatic?.isOn() == true { return .duration(.zero) }
        return try controls.read(control).map { .duration(time($0)) }
    }

    func set(_ value: SettingValue) throws {
        guard case .duration(let time) = value else { return }
        if time == .zero, let automatic { return try automatic.set(true) }
        try automatic?.set(false)
        let number = Int64((Double(time.nanoseconds) / Double(Self.unit.nanoseconds)).rounded())
        try controls.write(min(max(number, shortest), control.maximum), to: control)
    }

    private func time(_ number: Int64) -> Duration { Self.unit * Double(number) }
}

/// How the exposure is chosen: the automatic of its time, and scenes.
struct V4L2ExposureModeSetting: V4L2Setting {
    private let controls: V4L2SettingControls
    private let automatic: V4L2Automatic?
    private let scene: ControlDescription?
    private let scenes: [(mode: ExposureMode, choice: Int64)]

    /// Nil when the device has nothing to choose from.
    init?(_ controls: V4L2SettingControls) throws {
        typealias Scene = PictureControl.Scene
        self.controls = controls
        automatic = try V4L2Automatic.exposure(controls)
        scene = try controls.find(PictureControl.sceneMode)
        let choices = try scene.map(controls.choices) ?? []
        scenes = [
            (.night, Scene.night), (.backlight, Scene.backlight), (.sports, Scene.sports),
            (.snow, Scene.beachAndSnow), (.fireworks, Scene.fireworks),
        ].filter { choices.contains($0.1) }
        guard modes.count > 1 else { return nil }
    }

    private var modes: [ExposureMode] {
        let isAutomatic = automatic?.canBeOn ?? !scenes.isEmpty
        return (automatic?.canBeOff == true ? [.off] : []) + (isAutomatic ? [.auto] + scenes.map(\.mode) : [])
    }

    var values: SettingDescription.Values { .choices(modes.map(\.rawValue)) }

    var defaultValue: SettingValue? {
        let mode = automatic?.isOnAtFirst == false ? .off : mode(of: scene?.defaultValue)
        return mode.map { .choice($0.rawValue) }
    }

    func value() throws -> SettingValue? {
        if try automatic?.isOn() == false { return .choice(ExposureMode.off.rawValue) }
        return try mode(of: scene.flatMap(controls.read)).map { .choice($0.rawValue) }
    }

    func set(_ value: SettingValue) throws {
        guard case .choice(let word) = value, let mode = ExposureMode(rawValue: word) else { return }
        if let scene {
            let choice = scenes.first { $0.mode == mode }?.choice ?? PictureControl.Scene.none
            if try controls.read(scene) != choice { try controls.write(choice, to: scene) }
        }
        try automatic?.set(mode != .off)
    }

    /// The mode of a scene; nil of one that picamera has no name for.
    private func mode(of choice: Int64?) -> ExposureMode? {
        guard let choice, choice != PictureControl.Scene.none else { return .auto }
        return scenes.first { $0.choice == choice }?.mode
    }
}

/// The exposure compensation in sixths of a stop, over a menu in thousandths.
struct V4L2ExposureBias: V4L2Setting {
    private let controls: V4L2SettingControls
    private let control: ControlDescription
    private let steps: [(choice: Int64, sixths: Double)]

    /// Nil when the device does not have the menu.
    init?(_ controls: V4L2SettingControls) throws {
        guard let control = try controls.find(PictureControl.exposureBias) else { return nil }
        steps = try controls.numbers(of: control).map { ($0.choice, Double($0.number) * 6 / 1000) }
        guard steps.count > 1 else { return nil }
        self.controls = controls
        self.control = control
    }

    var values: SettingDescription.Values {
        let all = steps.map(\.sixths)
        let low = max(Int((all.min() ?? 0).rounded()), -25)
        return .integers(low...max(low, min(Int((all.max() ?? 0).rounded()), 25)))
    }

    var defaultValue: SettingValue? { value(of: control.defaultValue) }

    func value() throws -> SettingValue? { try controls.read(control).flatMap(value) }

    func set(_ value: SettingValue) throws {
        guard case .integer(let sixths) = value,
            let step = steps.min(by: { abs($0.sixths - Double(sixths)) < abs($1.sixths - Double(sixths)) })
        else { return }
        try controls.write(step.choice, to: control)
    }

    private func value(of choice: Int64) -> SettingValue? {
        steps.first { $0.choice == choice }.map { .integer(Int($0.sixths.rounded())) }
    }
}
