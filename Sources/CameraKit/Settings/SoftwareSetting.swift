// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraImaging

/// A setting that every camera has: where the driver lacks it, or the value, the picture is changed in software.
enum SoftwareSetting: CaseIterable {
    case rotation
    case hflip
    case vflip
    case zoom
    case imageEffect

    init?(_ setting: CameraSetting) {
        guard let found = Self.allCases.first(where: { $0.setting == setting }) else { return nil }
        self = found
    }

    var setting: CameraSetting {
        switch self {
        case .rotation: .rotation
        case .hflip: .hflip
        case .vflip: .vflip
        case .zoom: .zoom
        case .imageEffect: .imageEffect
        }
    }

    /// What it takes in software, which is all that picamera's takes.
    var values: SettingDescription.Values {
        switch self {
        case .rotation: .oneOf(Transform.Rotation.allCases.map(\.rawValue))
        case .hflip, .vflip: .boolean
        case .zoom: .regions
        case .imageEffect: .choices(ImageEffect.allCases.map(\.rawValue))
        }
    }

    /// The value that leaves pictures as they are.
    var neutral: SettingValue {
        switch self {
        case .rotation: .integer(0)
        case .hflip, .vflip: .boolean(false)
        case .zoom: .region(.full)
        case .imageEffect: .choice(ImageEffect.none.rawValue)
        }
    }

    /// The value that a style has.
    func value(in style: PictureStyle) -> SettingValue {
        switch self {
        case .rotation: .integer(style.transform.rotation.rawValue)
        case .hflip: .boolean(style.transform.hflip)
        case .vflip: .boolean(style.transform.vflip)
        case .zoom: .region(style.zoom)
        case .imageEffect: .choice(style.effect.rawValue)
        }
    }

    /// Gives a style a value that ``values`` has.
    func set(_ value: SettingValue, in style: inout PictureStyle) {
        switch (self, value) {
        case (.rotation, .integer(let degrees)):
            style.transform.rotation = Transform.Rotation(rawValue: degrees) ?? .none
        case (.hflip, .boolean(let isFlipped)): style.transform.hflip = isFlipped
        case (.vflip, .boolean(let isFlipped)): style.transform.vflip = isFlipped
        case (.zoom, .region(let region)): style.zoom = region
        case (.imageEffect, .choice(let name)):
            style.effect = ImageEffect(rawValue: name) ?? .none
            style.effectParameters = []
        default: break
        }
    }

    /// The setting as a camera has it that may have it in its driver too.
    func description(own: SettingDescription?, style: PictureStyle) -> SettingDescription {
        let inSoftware = value(in: style)
        let value = inSoftware == neutral ? own?.value ?? neutral : inSoftware
        return SettingDescription(setting, values, value: value, defaultValue: neutral)
    }
}
