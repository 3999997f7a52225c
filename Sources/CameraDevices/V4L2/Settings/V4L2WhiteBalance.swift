// SPDX-License-Identifier: MIT

internal import CameraCore
internal import V4L2

/// The white balance of a device that knows lights only by their temperature, or only its automatic.
///
/// `off` keeps the temperature, so that where one of the lights was chosen before, that light is read again.
struct V4L2WhiteBalance: V4L2Setting {
    private let controls: V4L2SettingControls
    private let automatic: V4L2Automatic
    private let temperature: ControlDescription?

    /// The middle of what the kernel's documentation of `V4L2_CID_AUTO_N_PRESET_WHITE_BALANCE` gives for each light.
    private static let kelvins: [(light: AWBMode, kelvin: Int64)] = [
        (.incandescent, 3000), (.fluorescent, 4500), (.horizon, 5000), (.flash, 5250), (.sunlight, 5750),
        (.cloudy, 7250), (.shade, 9500),
    ]

    /// Nil when the device has no automatic.
    init?(_ controls: V4L2SettingControls) throws {
        guard let automatic = try V4L2Automatic(controls, PictureControl.whiteBalanceAutomatic) else { return nil }
        self.controls = controls
        self.automatic = automatic
        temperature = try controls.find(PictureControl.whiteBalanceTemperature)
    }

    /// The lights that lie in the driver's range, with its own nearest number.
    private var lights: [(light: AWBMode, number: Int64)] {
        guard let temperature else { return [] }
        let step = max(temperature.step, 1)
        return Self.kelvins.filter { (temperature.minimum...temperature.maximum).contains($0.kelvin) }.map {
            ($0.light, temperature.minimum + ($0.kelvin - temperature.minimum + step / 2) / step * step)
        }.filter { $0.1 <= temperature.maximum }
    }

    var values: SettingDescription.Values {
        .choices(([.off, .auto] + lights.map(\.light)).map(\.rawValue))
    }

    var defaultValue: SettingValue? {
        .choice((automatic.isOnAtFirst ? .auto : light(of: temperature?.defaultValue)).rawValue)
    }

    func value() throws -> SettingValue? {
        if try automatic.isOn() { return .choice(AWBMode.auto.rawValue) }
        return .choice(light(of: try temperature.flatMap(controls.read)).rawValue)
    }

    func set(_ value: SettingValue) throws {
        guard case .choice(let word) = value else { return }
        try automatic.set(word == AWBMode.auto.rawValue)
        if let temperature, let chosen = lights.first(where: { $0.light.rawValue == word }) {
            try controls.write(chosen.number, to: temperature)
        }
    }

    private func light(of number: Int64?) -> AWBMode {
        lights.first { $0.number == number }?.light ?? .off
    }
}
