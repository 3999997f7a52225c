// SPDX-License-Identifier: MIT

import CameraKit
import TestSupport
import V4L2

extension ScriptedDriver.Description {
    private typealias Control = ScriptedDriver.Control

    private static func menu(_ identifier: UInt32, _ name: String, _ last: Int64, value: Int64 = 0) -> Control {
        Control(
            identifier, name, kind: 3, 0...last, value: value, initial: value,
            choices: Dictionary(uniqueKeysWithValues: (0...last).map { ($0, "Choice \($0)") }))
    }

    /// A driver with a control for each of picamera's settings that V4L2 knows.
    static var withAllSettings: Self {
        typealias Picture = PictureControl
        var description = ScriptedDriver.Description()
        description.formats = [.init(.yuyv, [Resolution(64, 32)], [15, 30])]
        description.cropBounds = PixelRegion(x: 0, y: 0, size: Resolution(640, 480))
        description.controls =
            [
                (Picture.brightness, "Brightness"), (Picture.contrast, "Contrast"), (Picture.saturation, "Saturation"),
                (Picture.sharpness, "Sharpness"),
            ].map { Control($0.0, $0.1, kind: 1, 0...200, value: 100, initial: 100) }
            + [(Picture.redBalance, "Red"), (Picture.blueBalance, "Blue")].map {
                Control($0.0, $0.1, kind: 1, 0...8000, value: 1000, initial: 1000)
            }
            + [
                (Picture.horizontalFlip, "Horizontal"), (Picture.verticalFlip, "Vertical"),
                (Picture.imageStabilization, "Stabilization"), (Picture.wideDynamicRange, "Range"),
            ].map { Control($0.0, $0.1, kind: 2, 0...1, value: 0) }
            + [
                Control(Picture.rotation, "Rotate", kind: 1, 0...270, value: 0, step: 90),
                menu(Picture.exposureMode, "Exposure", 3), menu(Picture.sceneMode, "Scene", 13),
                menu(Picture.exposureMetering, "Metering", 3), menu(Picture.flashMode, "Flash", 2),
                menu(Picture.whiteBalancePreset, "White Balance", 9, value: 1),
                menu(Picture.colorEffect, "Effect", 15), menu(Picture.sensitivityAutomatic, "ISO Auto", 1),
                Control(Picture.exposureTime, "Time", kind: 1, 1...10000, value: 80, initial: 80),
                Control(
                    Picture.sensitivity, "ISO", kind: 9, 0...1, value: 0, choices: [0: "100000", 1: "800000"]),
                Control(
                    Picture.exposureBias, "Bias", kind: 9, 0...2, value: 1, initial: 1,
                    choices: [0: "-4000", 1: "0", 2: "4000"]),
            ]
        return description
    }
}
