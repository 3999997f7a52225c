// SPDX-License-Identifier: MIT

import CameraCore
import CameraDevices
import SystemPackage
import TestSupport
import Testing
import V4L2

/// picamera's settings over scripted drivers.
struct V4L2SettingTests {
    private typealias Control = ScriptedDriver.Control
    /// The kinds of the kernel's controls.
    private static let (integer, boolean, menu, integerMenu): (UInt32, UInt32, UInt32, UInt32) = (1, 2, 3, 9)

    private static func choices(_ numbers: ClosedRange<Int64>) -> [Int64: String] {
        Dictionary(uniqueKeysWithValues: numbers.map { ($0, "Choice \($0)") })
    }

    /// A webcam as uvcvideo shows it: no modes but by hand and aperture priority.
    private static var webcam: [Control] {
        var automatic = Control(
            PictureControl.exposureMode, "Auto Exposure", kind: menu, 0...3, value: 3, initial: 3,
            choices: [1: "Manual Mode", 3: "Aperture Priority Mode"])
        automatic.rules = []
        return [
            Control(PictureControl.brightness, "Brightness", kind: integer, -64...64, value: 0, initial: 0),
            Control(PictureControl.contrast, "Contrast", kind: integer, 0...64, value: 32, initial: 32),
            Control(PictureControl.saturation, "Saturation", kind: integer, 0...128, value: 64, initial: 64),
            Control(PictureControl.sharpness, "Sharpness", kind: integer, 0...6, value: 0, initial: 0),
            Control(PictureControl.gain, "Gain", kind: integer, 0...100, value: 0, initial: 0),
            Control(
                PictureControl.whiteBalanceAutomatic, "White Balance, Automatic", kind: boolean, 0...1, value: 1,
                initial: 1),
            Control(
                PictureControl.whiteBalanceTemperature, "White Balance Temperature", kind: integer, 2800...6500,
                value: 4600, initial: 4600, step: 10),
            automatic,
            Control(
                PictureControl.exposureTime, "Exposure Time, Absolute", kind: integer, 1...5000, value: 157,
                initial: 157),
        ]
    }

    /// A camera with an image processor behind it, as bcm2835-v4l2 shows the Pi's.
    private static var processor: [Control] {
        [
            Control(PictureControl.brightness, "Brightness", kind: integer, 0...100, value: 50, initial: 50),
            Control(PictureControl.redBalance, "Red Balance", kind: integer, 1...7999, value: 1000, initial: 1000),
            Control(PictureControl.blueBalance, "Blue Balance", kind: integer, 1...7999, value: 1000, initial: 1000),
            Control(PictureControl.horizontalFlip, "Horizontal Flip", kind: boolean, 0...1, value: 0),
            Control(PictureControl.verticalFlip, "Vertical Flip", kind: boolean, 0...1, value: 0),
            Control(PictureControl.rotation, "Rotate", kind: integer, 0...360, value: 0, step: 90),
            Control(
                PictureControl.colorEffect, "Color Effects", kind: menu, 0...15, value: 0, choices: choices(0...15)),
            Control(
                PictureControl.exposureMode, "Auto Exposure", kind: menu, 0...3, value: 0, choices: choices(0...1)),
            Control(
                PictureControl.exposureTime, "Exposure Time, Absolute", kind: integer, 1...10000, value: 1000,
                initial: 1000),
            Control(
                PictureControl.exposureBias, "Auto Exposure, Bias", kind: integerMenu, 0...24, value: 12, initial: 12,
                choices: Dictionary(uniqueKeysWithValues: (0...24).map { (Int64($0), "\(($0 - 12) * 1000 / 3)") })),
            Control(
                PictureControl.whiteBalancePreset, "White Balance, Auto & Preset", kind: menu, 0...9, value: 1,
                initial: 1, choices: choices(0...9)),
            Control(PictureControl.imageStabilization, "Image Stabilization", kind: boolean, 0...1, value: 0),
            Control(
                PictureControl.sensitivity, "ISO Sensitivity", kind: integerMenu, 0...4, value: 0,
                choices: [0: "0", 1: "100000", 2: "200000", 3: "400000", 4: "800000"]),
            Control(
                PictureControl.sensitivityAutomatic, "ISO Sensitivity, Auto", kind: menu, 0...1, value: 1, initial: 1,
                choices: choices(0...1)),
            Control(
                PictureControl.exposureMetering, "Exposure, Metering Mode", kind: menu, 0...3, value: 0,
                choices: choices(0...3)),
            Control(
                PictureControl.sceneMode, "Scene Mode", kind: menu, 0...13, value: 0,
                choices: [
                    0: "None", 8: "Night", 10: "Portrait", 11: "Sports",
                ]),
            Control(PictureControl.wideDynamicRange, "Wide Dynamic Range", kind: boolean, 0...1, value: 0),
            Control(
                PictureControl.flashMode, "LED Mode", kind: menu, 0...2, value: 0,
                choices: [0: "Off", 1: "Flash", 2: "Torch"]),
        ]
    }

    private static func camera(
        _ controls: [Control], rates: [FrameRate] = [30]
    ) throws -> (camera: V4L2Camera, driver: ScriptedDriver) {
        var description = ScriptedDriver.Description()
        description.controls = controls
        description.formats = [.init(.yuyv, [Resolution(32, 16)], rates)]
        let driver = ScriptedDriver(description)
        return (try V4L2Camera("/dev/video0", calls: driver.calls), driver)
    }

    private func value(_ setting: CameraSetting, of camera: V4L2Camera) throws -> SettingValue? {
        try #require(try camera.description(of: setting)).value
    }

    @Test func aCameraListsWhatItHas() throws {
        let webcam = try Self.camera(Self.webcam).camera
        #expect(
            try webcam.settings().map(\.setting) == [
                .brightness, .contrast, .saturation, .sharpness, .exposureMode, .shutterSpeed, .exposureSpeed, .iso,
                .awbMode,
            ])
        let processor = try Self.camera(Self.processor, rates: [15, 30]).camera
        #expect(
            try processor.settings().map(\.setting) == [
                .brightness, .exposureMode, .exposureCompensation, .shutterSpeed, .exposureSpeed, .iso, .meterMode,
                .awbMode, .awbGains, .rotation, .hflip, .vflip, .frameRateDelta, .videoStabilization, .drcStrength,
                .flashMode, .imageEffect,
            ])
        for setting in try processor.settings() where setting.setting != .exposureSpeed {
            #expect(setting.value == setting.defaultValue, "\(setting)")
        }
        #expect(try Self.camera([]).camera.settings().isEmpty)
    }

    /// Each value of the range is taken, and read back as near as the driver's numbers are.
    @Test(arguments: [CameraSetting.brightness, .contrast, .saturation, .sharpness])
    func everyNumberComesBack(setting: CameraSetting) throws {
        let (camera, driver) = try Self.camera(Self.webcam)
        let description = try #require(try camera.description(of: setting))
        guard case .integers(let range) = description.values else {
            Issue.record("no range")
            return
        }
        // Sharpness starts at the driver's smallest number, and so cannot become less.
        #expect(range == (setting == .brightness ? 0...100 : setting == .sharpness ? 0...100 : -100...100))
        let rounding = setting == .sharpness ? 9 : setting == .contrast ? 2 : 1
        for value in range {
            try camera.set(setting, to: .integer(value))
            guard case .integer(let back) = try self.value(setting, of: camera) else { continue }
            #expect(abs(back - value) <= rounding, "\(value) became \(back)")
        }
        for wrong in [range.lowerBound - 1, range.upperBound + 1] {
            let error = try #require(throws: CameraError.self) { try camera.set(setting, to: .integer(wrong)) }
            #expect(error.code == .invalidValue)
            #expect(error.description.contains("\(range.lowerBound) to \(range.upperBound)"))
        }
        #expect(
            driver.value(ofControl: setting.rawValue.prefix(1).uppercased() + setting.rawValue.dropFirst()) ?? 0 > 5)
    }

    @Test func shutterSpeedsAreTheKernelsUnits() throws {
        let (camera, driver) = try Self.camera(Self.webcam)
        #expect(try value(.shutterSpeed, of: camera) == .duration(.zero))
        #expect(try value(.exposureSpeed, of: camera) == .duration(.microseconds(15700)))
        try camera.set(.shutterSpeed, to: .duration(.microseconds(10_030)))
        #expect(driver.value(ofControl: "Auto Exposure") == 1)
        #expect(driver.value(ofControl: "Exposure Time, Absolute") == 100)
        #expect(try value(.shutterSpeed, of: camera) == .duration(.milliseconds(10)))
        #expect(try value(.exposureSpeed, of: camera) == .duration(.milliseconds(10)))
        // One control rules both.
        #expect(try value(.exposureMode, of: camera) == .choice("off"))
        try camera.set(.shutterSpeed, to: .duration(.microseconds(1)))
        #expect(driver.value(ofControl: "Exposure Time, Absolute") == 1)
        try camera.set(.shutterSpeed, to: .duration(.zero))
        #expect(driver.value(ofControl: "Auto Exposure") == 3)
        #expect(try value(.shutterSpeed, of: camera) == .duration(.zero))
        for wrong in [Duration.microseconds(500_001), .seconds(-1)] {
            let error = try #require(throws: CameraError.self) { try camera.set(.shutterSpeed, to: .duration(wrong)) }
            #expect(error.code == .invalidValue && error.description.contains("0 to 500000us"), "\(error)")
        }
    }

    @Test func withoutAutomaticAShutterSpeedIsAlwaysFixed() throws {
        let camera = try Self.camera([
            Control(PictureControl.exposureTime, "Exposure Time", kind: Self.integer, 10...200, value: 50, initial: 20)
        ]).camera
        let setting = try #require(try camera.description(of: .shutterSpeed))
        #expect(setting.values == .durations(.milliseconds(1) ... .milliseconds(20)))
        #expect(setting.value == .duration(.milliseconds(5)) && setting.defaultValue == .duration(.milliseconds(2)))
        #expect(throws: CameraError.self) { try camera.set(.shutterSpeed, to: .duration(.zero)) }
        #expect(try camera.description(of: .exposureMode) == nil)
    }

    @Test func wordsBecomeChoices() throws {
        let (camera, driver) = try Self.camera(Self.processor)
        for (setting, word, control, number) in [
            (CameraSetting.exposureMode, "off", "Auto Exposure", Int64(1)), (.exposureMode, "auto", "Auto Exposure", 0),
            (.exposureMode, "night", "Scene Mode", 8), (.exposureMode, "sports", "Scene Mode", 11),
            (.exposureMode, "auto", "Scene Mode", 0), (.meterMode, "spot", "Exposure, Metering Mode", 2),
            (.meterMode, "matrix", "Exposure, Metering Mode", 3), (.awbMode, "off", "White Balance, Auto & Preset", 0),
            (.awbMode, "sunlight", "White Balance, Auto & Preset", 6),
            (.awbMode, "horizon", "White Balance, Auto & Preset", 5),
            (.drcStrength, "high", "Wide Dynamic Range", 1), (.flashMode, "torch", "LED Mode", 2),
            (.imageEffect, "solarize", "Color Effects", 13), (.imageEffect, "none", "Color Effects", 0),
        ] {
            try camera.set(setting, to: .choice(word))
            #expect(driver.value(ofControl: control) == number, "\(setting) \(word)")
            #expect(try value(setting, of: camera) == .choice(word))
        }
        for (setting, word, hint) in [
            (CameraSetting.exposureMode, "fireworks", "off, auto, night, sports"),
            (.awbMode, "greyworld", "off, auto, sunlight"), (.meterMode, "backlit", "average, spot, matrix"),
        ] {
            let error = try #require(throws: CameraError.self) { try camera.set(setting, to: .choice(word)) }
            #expect(error.code == .invalidValue && error.description.contains(hint), "\(error)")
        }
        // A scene that picamera has no word for.
        driver.change("Scene Mode") { $0.value = 10 }
        #expect(try value(.exposureMode, of: camera) == nil)
    }

    @Test func lightsBecomeTemperatures() throws {
        let (camera, driver) = try Self.camera(Self.webcam)
        let setting = try #require(try camera.description(of: .awbMode))
        #expect(
            setting.values
                == .choices(["off", "auto", "incandescent", "fluorescent", "horizon", "flash", "sunlight"]))
        for (word, kelvin) in [("incandescent", Int64(3000)), ("horizon", 5000), ("flash", 5250), ("sunlight", 5750)] {
            try camera.set(.awbMode, to: .choice(word))
            #expect(driver.value(ofControl: "White Balance, Automatic") == 0)
            #expect(driver.value(ofControl: "White Balance Temperature") == kelvin)
            #expect(try value(.awbMode, of: camera) == .choice(word))
        }
        try camera.set(.awbMode, to: .choice("auto"))
        #expect(driver.value(ofControl: "White Balance, Automatic") == 1)
        driver.change("White Balance Temperature") { $0.value = 4610 }
        try camera.set(.awbMode, to: .choice("off"))
        #expect(try value(.awbMode, of: camera) == .choice("off"))
    }

    @Test func gainsAreThousandths() throws {
        let (camera, driver) = try Self.camera(Self.processor)
        #expect(try value(.awbGains, of: camera) == .gains(AWBGains(red: 1, blue: 1)))
        for red in stride(from: 0.0, through: 8, by: 0.125) {
            try camera.set(.awbGains, to: .gains(AWBGains(red: red, blue: 8 - red)))
            guard case .gains(let gains) = try value(.awbGains, of: camera) else {
                Issue.record("no gains")
                return
            }
            #expect(abs(gains.red - red) <= 0.0011 && abs(gains.blue - (8 - red)) <= 0.0011)
        }
        try camera.set(.awbGains, to: .gains(AWBGains(red: 1.5, blue: 2)))
        #expect(abs((driver.value(ofControl: "Red Balance") ?? 0) - 1500) <= 1)
        let wrong = SettingValue.gains(AWBGains(red: 20, blue: 1))
        let error = try #require(throws: CameraError.self) { try camera.set(.awbGains, to: wrong) }
        #expect(error.code == .invalidValue && error.description.contains("0.0 to 8.0"))
    }

    @Test func sensitivityIsAMenuOrAGain() throws {
        let (camera, driver) = try Self.camera(Self.processor)
        #expect(try camera.description(of: .iso)?.values == .integers(0...800))
        for (iso, wanted, choice) in [(100, 100, Int64(1)), (320, 400, 3), (800, 800, 4), (50, 100, 1)] {
            try camera.set(.iso, to: .integer(iso))
            #expect(driver.value(ofControl: "ISO Sensitivity, Auto") == 0)
            #expect(driver.value(ofControl: "ISO Sensitivity") == choice)
            #expect(try value(.iso, of: camera) == .integer(wanted))
        }
        try camera.set(.iso, to: .integer(0))
        #expect(driver.value(ofControl: "ISO Sensitivity, Auto") == 1)
        #expect(try value(.iso, of: camera) == .integer(0))

        let (webcam, gain) = try Self.camera(Self.webcam)
        #expect(try webcam.description(of: .iso)?.values == .integers(100...800))
        for (iso, number) in [(100, Int64(0)), (450, 50), (800, 100)] {
            try webcam.set(.iso, to: .integer(iso))
            #expect(gain.value(ofControl: "Gain") == number)
            #expect(try value(.iso, of: webcam) == .integer(iso))
        }
    }

    @Test func compensationIsSixthsOfAStop() throws {
        let camera = try Self.camera(Self.processor).camera
        #expect(try camera.description(of: .exposureCompensation)?.values == .integers(-24...24))
        for sixths in -24...24 {
            try camera.set(.exposureCompensation, to: .integer(sixths))
            guard case .integer(let back) = try value(.exposureCompensation, of: camera) else { continue }
            #expect(abs(back - sixths) <= 1)
        }
        #expect(throws: CameraError.self) { try camera.set(.exposureCompensation, to: .integer(25)) }
    }

    @Test func turnsAndFlips() throws {
        let (camera, driver) = try Self.camera(Self.processor)
        for degrees in [90, 180, 270, 0] {
            try camera.set(.rotation, to: .integer(degrees))
            #expect(driver.value(ofControl: "Rotate") == Int64(degrees))
            #expect(try value(.rotation, of: camera) == .integer(degrees))
        }
        #expect(throws: CameraError.self) { try camera.set(.rotation, to: .integer(45)) }
        for (setting, name) in [
            (CameraSetting.hflip, "Horizontal Flip"), (.vflip, "Vertical Flip"),
            (.videoStabilization, "Image Stabilization"),
        ] {
            for isOn in [true, false] {
                try camera.set(setting, to: .boolean(isOn))
                #expect(driver.value(ofControl: name) == (isOn ? 1 : 0))
                #expect(try value(setting, of: camera) == .boolean(isOn))
            }
        }
    }

    @Test func theRateChangesWhileTheCameraRuns() throws {
        let (camera, driver) = try Self.camera([], rates: [15, 20, 30, 60])
        try camera.configure(SourceConfiguration(frameRate: 30))
        let early = try #require(throws: CameraError.self) { try camera.set(.frameRateDelta, to: .number(5)) }
        #expect(early.code == .unsupported && early.description.contains("does not run"))
        try camera.start()
        defer { camera.close() }
        #expect(try camera.description(of: .frameRateDelta)?.values == .numbers(-15...30))
        for (delta, wanted) in [(-10.0, -10.0), (30, 30), (-14.0, -15), (0, 0)] {
            try camera.set(.frameRateDelta, to: .number(delta))
            #expect(try value(.frameRateDelta, of: camera) == .number(wanted))
            #expect(camera.streams.first?.frameRate == 30)
        }
        #expect(throws: CameraError.self) { try camera.set(.frameRateDelta, to: .number(31)) }
        driver.fail("VIDIOC_S_PARM", with: .resourceBusy)
        let error = try #require(throws: CameraError.self) { try camera.set(.frameRateDelta, to: .number(5)) }
        #expect(error.code == .unsupported && error.description.contains("cannot change while it runs"))
    }

    @Test func whatTheDriverLacksIsSaidWithWhatItHas() throws {
        let camera = try Self.camera(Self.webcam).camera
        for (setting, value) in [
            (CameraSetting.rotation, SettingValue.integer(90)), (.meterMode, .choice("spot")),
            (.videoDenoise, .boolean(true)), (.exposureCompensation, .integer(0)),
        ] {
            #expect(try camera.description(of: setting) == nil)
            let error = try #require(throws: CameraError.self) { try camera.set(setting, to: value) }
            #expect(error.code == .unsupported)
            #expect(error.description.contains("no \(setting)") && error.description.contains("brightness, contrast"))
        }
        let error = try #require(throws: CameraError.self) {
            try camera.set(.exposureSpeed, to: .duration(.seconds(1)))
        }
        #expect(error.code == .unsupported && error.description.contains("only be read"))
    }

    @Test func aRefusalOfTheDriverSaysWhy() throws {
        let (camera, driver) = try Self.camera(Self.webcam)
        driver.change("Brightness") { $0.flags = 0x2 }
        var error = try #require(throws: CameraError.self) { try camera.set(.brightness, to: .integer(10)) }
        #expect(error.code == .unsupported && error.description.contains("while the camera runs"), "\(error)")
        driver.change("Contrast") { $0.refusal = .permissionDenied }
        error = try #require(throws: CameraError.self) { try camera.set(.contrast, to: .integer(10)) }
        #expect(error.code == .unsupported && error.description.contains("automatic"), "\(error)")
    }
}
