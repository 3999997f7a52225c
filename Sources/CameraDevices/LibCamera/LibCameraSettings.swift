// SPDX-License-Identifier: MIT

internal import CameraCore

/// picamera's settings over controls that have libcamera's names, ranges and units.
///
/// The numbers of choices are those of libcamera's `control_ids_core.yaml` and `control_ids_draft.yaml`, which have not
/// changed since 0.0.3.
struct LibCameraSettings {
    /// The controls that can be set, by name.
    let controls: [String: CameraControl]
    /// What was set here, by name.
    let wanted: [String: ControlValue]
    /// What the last picture was taken with.
    let metadata: FrameMetadata?
    /// The rate that the camera was configured for.
    let frameRate: FrameRate

    /// Describes a camera.
    ///
    /// - Parameters:
    ///   - controls: The controls that can be set.
    ///   - wanted: What was set, by name.
    ///   - metadata: What the last picture was taken with.
    ///   - frameRate: The rate that the camera was configured for.
    init(
        _ controls: [CameraControl], wanted: [String: ControlValue], metadata: FrameMetadata?, frameRate: FrameRate
    ) {
        self.controls = Dictionary(controls.map { ($0.name, $0) }) { first, _ in first }
        self.wanted = wanted
        self.metadata = metadata
        self.frameRate = frameRate
    }

    /// What a setting takes and is; nil when the camera has no control for it.
    func description(of setting: CameraSetting) -> SettingDescription? {
        mapping(of: setting).map { mapping in
            SettingDescription(
                setting, mapping.values, value: mapping.value, defaultValue: mapping.initial,
                isWritable: mapping.changes != nil)
        }
    }

    /// The controls to set, in this order, for a value that the setting takes.
    func changes(for setting: CameraSetting, to value: SettingValue) -> [Change] {
        mapping(of: setting)?.changes?(value) ?? []
    }

    /// A control and the value to set; with nil the control is left to libcamera again.
    typealias Change = (name: String, value: ControlValue?)

    /// How one setting becomes controls.
    struct Mapping {
        let values: SettingDescription.Values
        let value: SettingValue?
        let initial: SettingValue?
        /// The controls to set for a value; nil for what can only be read.
        var changes: ((SettingValue) -> [Change])?
    }

    private func mapping(of setting: CameraSetting) -> Mapping? {
        switch setting {
        case .brightness: scaled("Brightness", 0...100, neutral: 50, initial: 0)
        case .contrast: scaled("Contrast", -100...100, neutral: 0, initial: 1)
        case .saturation: scaled("Saturation", -100...100, neutral: 0, initial: 1)
        case .sharpness: scaled("Sharpness", -100...100, neutral: 0, initial: 1)
        case .exposureMode: exposureMode
        case .exposureCompensation: exposureCompensation
        case .shutterSpeed: shutterSpeed
        case .exposureSpeed: exposureSpeed
        case .iso: iso
        case .analogGain: gain("AnalogueGain")
        case .digitalGain: gain("DigitalGain")
        case .meterMode: meterMode
        case .awbMode: awbMode
        case .awbGains: awbGains
        case .zoom: zoom
        case .frameRateDelta: frameRateDelta
        case .frameRateRange: frameRateRange
        case .videoDenoise: videoDenoise
        // libcamera flips and turns when the camera is configured, has no names for the others, and one control of noise.
        case .rotation, .hflip, .vflip, .imageDenoise, .videoStabilization, .drcStrength, .flashMode, .imageEffect: nil
        }
    }

    // MARK: Values

    /// What the last picture was taken with; nil where the camera does not tell.
    func taken(_ name: String) -> ControlValue? { metadata?.value(of: name) }

    /// What was set, or else what the camera starts with.
    func present(_ name: String) -> ControlValue? { wanted[name] ?? controls[name]?.defaultValue }

    /// The numbers of a menu or a switch.
    func choices(_ name: String) -> Set<Int64> {
        switch controls[name]?.kind {
        case .menu(let items): Set(items.map(\.number))
        case .boolean: [0, 1]
        case .integer(let range, _) where range.upperBound.saturatingSubtract(range.lowerBound) < 64: Set(range)
        default: []
        }
    }

    /// The range of a number, or of an array's numbers.
    func range(_ name: String) -> ClosedRange<Double>? {
        switch controls[name]?.kind {
        case .integer(let range, _), .array(let range, _, _), .list(let range, _, _):
            Double(range.lowerBound)...Double(range.upperBound)
        case .number(let range), .numbers(let range, _): range
        default: nil
        }
    }

    /// A number in the form that the control takes.
    func value(_ number: Double, for name: String) -> ControlValue {
        switch controls[name]?.kind {
        case .number, .numbers: .number(number)
        default: .integer(Int64(clamping: number))
        }
    }
}
