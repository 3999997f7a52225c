// SPDX-License-Identifier: MIT

internal import CameraKit

/// A setting by picamera's name as `camera controls` shows it.
struct SettingListing: Encodable {
    let setting: String
    let value: String?
    let defaultValue: String?
    /// The range or the choices.
    let values: String
    let isWritable: Bool

    init(_ description: SettingDescription) {
        setting = description.setting.rawValue
        value = description.value?.description
        defaultValue = description.defaultValue?.description
        values = description.values.description
        isWritable = description.isWritable
    }

    /// One line for people.
    var text: String {
        var line = setting + (value.map { "=\($0)" } ?? "") + "  \(values)"
        if let defaultValue { line += "  default \(defaultValue)" }
        return isWritable ? line : line + "  read-only"
    }
}
