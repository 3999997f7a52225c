// SPDX-License-Identifier: MIT

internal import CameraCore

/// A control of the test camera, with the name, the range and the unit that V4L2 drivers give it.
enum TestControl: String, CaseIterable, Sendable {
    case brightness
    case contrast
    case saturation
    /// Whether exposure time is automatic: a menu, as webcams have it.
    case automaticExposure = "auto_exposure"
    /// The exposure time in 100 µs.
    case exposureTime = "exposure_time_absolute"
    /// What the automatics aim at, in sixths of a stop.
    case exposureBias = "auto_exposure_bias"
    case automaticGain = "gain_automatic"
    /// The analogue gain in per cent, which is also the ISO number.
    case gain
    /// The light that is taken for white: a menu.
    case whiteBalance = "white_balance_auto_preset"
    /// The factor of red in thousandths.
    case redBalance = "red_balance"
    /// The factor of blue in thousandths.
    case blueBalance = "blue_balance"
    case automaticFocus = "focus_automatic_continuous"
    /// The distance that is sharp, in tenths of a dioptre: 0 is infinity.
    case focus = "focus_absolute"
    /// How many times a middle part is enlarged, in per cent.
    case zoom = "zoom_absolute"

    /// The choices of ``automaticExposure``, by the kernel's numbers and names.
    enum Exposure {
        static let automatic: Int64 = 0
        static let manual: Int64 = 1
    }

    /// The choices of ``whiteBalance``: the kernel's numbers and names, picamera's words, and the light's temperature.
    static let lights: [(number: Int64, name: String, mode: AWBMode, kelvin: Double?)] = [
        (0, "Manual", .off, nil), (1, "Auto", .auto, nil), (2, "Incandescent", .incandescent, 3000),
        (3, "Fluorescent", .fluorescent, 4500), (5, "Horizon", .horizon, 5000), (6, "Daylight", .sunlight, 5750),
        (7, "Flash", .flash, 5250), (8, "Cloudy", .cloudy, 7250), (9, "Shade", .shade, 9500),
    ]

    /// The numbers that it takes.
    var range: ClosedRange<Int64> {
        switch self {
        case .brightness, .contrast, .saturation: 0...255
        case .exposureTime: 1...100_000
        case .exposureBias: -25...25
        case .gain: 100...1600
        case .whiteBalance: 0...9
        case .redBalance, .blueBalance: 0...8000
        case .focus: 0...100
        case .zoom: 100...800
        case .automaticExposure, .automaticGain, .automaticFocus: 0...1
        }
    }

    /// What it starts with.
    var initial: Int64 {
        switch self {
        case .brightness, .contrast, .saturation: 128
        case .automaticExposure: Exposure.automatic
        case .exposureTime, .gain, .zoom: 100
        case .exposureBias: 0
        case .automaticGain, .automaticFocus, .whiteBalance: 1
        case .redBalance, .blueBalance: 1000
        // What ``automaticFocus`` finds.
        case .focus: 20
        }
    }

    /// The kind of its values.
    var kind: CameraControl.Kind {
        switch self {
        case .automaticExposure:
            .menu([
                CameraControl.MenuItem(number: Exposure.automatic, name: "Auto Mode"),
                CameraControl.MenuItem(number: Exposure.manual, name: "Manual Mode"),
            ])
        case .whiteBalance: .menu(Self.lights.map { CameraControl.MenuItem(number: $0.number, name: $0.name) })
        case .automaticGain, .automaticFocus: .boolean
        default: .integer(range, step: 1)
        }
    }
}
