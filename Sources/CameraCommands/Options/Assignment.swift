// SPDX-License-Identifier: MIT

package import CameraKit

/// A setting or a control, and the value that it is to have.
package struct Assignment: Sendable {
    /// What it is set on.
    package let target: ControlName
    /// The value, as it was written.
    package let value: String

    /// Reads "brightness=50".
    ///
    /// - Throws: `.invalidValue`.
    @Sendable package init(parsing text: String) throws(CameraError) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else {
            throw CameraError(.invalidValue, "reading the control", subject: text, reason: "write it as brightness=50")
        }
        target = ControlName(String(parts[0]))
        value = String(parts[1])
    }

    /// Sets it on a camera.
    package func apply(to source: any VideoSource) throws {
        switch try target.resolved(on: source) {
        case .setting(let setting):
            try source.set(setting.setting, to: try setting.value(parsing: value, of: source.name))
        case .control(let control): try source.setControl(control.name, to: .text(value))
        }
    }
}

/// The name of a setting or a control: "brightness" is picamera's, "native:brightness" the driver's.
///
/// A name that picamera does not have, or not on this camera, is the driver's without the prefix too.
package struct ControlName: Sendable {
    /// The name, as it was written.
    package let text: String
    private static let prefix = "native:"
    /// How many names a message has room for.
    private static let mostListed = 12

    package init(_ text: String) { self.text = text }

    /// What a name stands for.
    package enum Meaning {
        case setting(SettingDescription)
        case control(CameraControl)
    }

    /// How a control of the driver is to be named where a setting may have the same name.
    package static func native(_ name: String, beside settings: [SettingDescription]) -> String {
        settings.contains { $0.setting.rawValue == name } ? prefix + name : name
    }

    /// What the name stands for on a camera.
    ///
    /// - Throws: `.unknownOption` with the names that there are; `.unsupported` for a camera that has none.
    package func resolved(on source: any VideoSource) throws -> Meaning {
        let isNative = text.hasPrefix(Self.prefix)
        if !isNative, let setting = CameraSetting(rawValue: text),
            let description = try source.description(of: setting)
        {
            return .setting(description)
        }
        let operation = "looking for the control"
        let controls = try source.controls()
        let name = isNative ? String(text.dropFirst(Self.prefix.count)) : text
        if let control = controls.first(where: { $0.name == name }) { return .control(control) }
        let settings = try source.settings()
        guard !controls.isEmpty || !settings.isEmpty else {
            throw CameraError(
                .unsupported, operation, subject: text,
                reason: "the camera '\(source.name)' has no settings and no controls")
        }
        let names = settings.map(\.setting.rawValue) + controls.map { Self.native($0.name, beside: settings) }
        throw CameraError(
            .unknownOption, operation, subject: text,
            reason: "the camera '\(source.name)' has no such setting or control" + Self.remedy(for: text, names))
    }

    /// The name that was probably meant, or else those that there are, or what tells them where they are many.
    private static func remedy(for text: String, _ names: [String]) -> String {
        let suggestion = text.suggestion(among: names)
        if !suggestion.isEmpty { return suggestion }
        return names.count > mostListed ? "; 'camera controls' lists them" : "; it has \(names.joined(separator: ", "))"
    }
}
