// SPDX-License-Identifier: MIT

public import CameraCore

extension LibCamera {
    /// picamera's settings as far as the camera has controls for them.
    ///
    /// A setting's neutral value is the camera's default, and the ends of its range are the camera's. Setting a shutter
    /// speed, an ISO or gains ends the automatic choice of that value alone; 0, or for gains an ``AWBMode`` other than
    /// off, restores the automatic choice.
    public func settings() throws -> [SettingDescription] {
        let mappings = try settingMappings("listing the settings")
        return CameraSetting.allCases.compactMap { turn($0) ?? mappings.description(of: $0) }
    }

    /// Changes a setting for the pictures from the next request on; rotation and flips only while the camera does not run.
    ///
    /// - Throws: `.unsupported` when the camera has no control for the setting, or it cannot change now; `.invalidValue`
    ///   with the range.
    public func set(_ setting: CameraSetting, to value: SettingValue) throws {
        let operation = "setting \(setting) to \(value)"
        let mappings = try settingMappings(operation)
        guard let description = turn(setting) ?? mappings.description(of: setting) else {
            throw try lack(of: setting, operation)
        }
        try description.check(value, of: name)
        if let wish = turned(setting, value) {
            guard !isRunning else {
                throw CameraError(
                    .unsupported, operation, subject: name,
                    reason: "libcamera turns pictures from the start on; set it before the camera runs")
            }
            return try configure(wish)
        }
        let session = try openSession(operation)
        let controls = session.controlDescriptions
        for change in mappings.changes(for: setting, to: value) {
            guard let control = controls.first(where: { $0.control.name == change.name }) else { continue }
            try set(control, to: change.value, session)
        }
    }

    private func settingMappings(_ operation: String) throws(CameraError) -> LibCameraSettings {
        LibCameraSettings(
            try openSession(operation).controlDescriptions.map(\.control), wanted: wantedControls, metadata: metadata,
            frameRate: streams[0].frameRate)
    }

    // MARK: Rotation and flips

    /// What turns the picture, which libcamera does by its configuration; nil for other settings, and where it cannot.
    private func turn(_ setting: CameraSetting) -> SettingDescription? {
        let (present, flips) = (configuration, possibleFlips)
        func flip(_ isPossible: Bool, _ isOn: Bool) -> SettingDescription? {
            isPossible
                ? SettingDescription(setting, .boolean, value: .boolean(isOn), defaultValue: .boolean(false)) : nil
        }
        switch setting {
        case .hflip: return flip(flips.horizontal, present.flipsHorizontally)
        case .vflip: return flip(flips.vertical, present.flipsVertically)
        case .rotation where flips.horizontal && flips.vertical:
            return SettingDescription(
                setting, .oneOf([0, 180]), value: .integer(present.rotation), defaultValue: .integer(0))
        default: return nil
        }
    }

    /// The configuration for a value of such a setting; nil for other settings.
    private func turned(_ setting: CameraSetting, _ value: SettingValue) -> LibCameraConfiguration? {
        var wish = configuration
        switch (setting, value) {
        case (.hflip, .boolean(let isOn)): wish.flipsHorizontally = isOn
        case (.vflip, .boolean(let isOn)): wish.flipsVertically = isOn
        case (.rotation, .integer(let degrees)): wish.rotation = degrees
        default: return nil
        }
        return wish
    }
}
