// SPDX-License-Identifier: MIT

import CLibCamera
import CameraCore
import CameraDevices
import TestSupport
import Testing

extension ScriptedLibCameraTests {
    /// picamera's settings over libcamera's controls.
    @Suite struct LibCameraSettingTests {
        private func setting(_ setting: CameraSetting, of camera: LibCamera) throws -> SettingDescription {
            try #require(try camera.description(of: setting))
        }

        @Test func allSettingsHaveTheirRangesAndFirstValues() throws {
            let camera = try open(ScriptedLibCamera.reset())
            defer { camera.close() }
            let settings = Dictionary(uniqueKeysWithValues: try camera.settings().map { ($0.setting, $0) })
            func expect(
                _ setting: CameraSetting, _ values: SettingDescription.Values, _ value: SettingValue?,
                _ initial: SettingValue?, isWritable: Bool = true
            ) {
                let wanted = SettingDescription(
                    setting, values, value: value, defaultValue: initial, isWritable: isWritable)
                #expect(settings[setting] == wanted)
            }
            expect(.brightness, .integers(0...100), .integer(50), .integer(50))
            for name in [CameraSetting.contrast, .saturation, .sharpness] {
                expect(name, .integers(-100...100), .integer(0), .integer(0))
            }
            expect(
                .exposureMode, .choices(["off", "auto", "sports", "verylong"]), .choice("auto"), .choice("auto"))
            expect(.exposureCompensation, .integers(-25...25), .integer(0), .integer(0))
            expect(
                .shutterSpeed, .durations(.zero ... .microseconds(66666)), .duration(.zero), .duration(.zero))
            expect(.iso, .integers(0...1066), .integer(0), .integer(0))
            expect(.meterMode, .choices(["average", "spot", "matrix"]), .choice("average"), .choice("average"))
            expect(
                .awbMode, .choices(["off", "auto", "tungsten", "sunlight"]), .choice("auto"), .choice("auto"))
            expect(.awbGains, .gains(0...8), nil, nil)
            expect(.rotation, .oneOf([0, 180]), .integer(0), .integer(0))
            expect(.hflip, .boolean, .boolean(false), .boolean(false))
            expect(.vflip, .boolean, .boolean(false), .boolean(false))
            expect(.zoom, .regions, .region(.full), .region(.full))
            expect(.videoDenoise, .boolean, .boolean(false), .boolean(false))
            expect(.exposureSpeed, .durations(.zero ... .seconds(1000)), nil, nil, isWritable: false)
            expect(.analogGain, .numbers(0...1e6), nil, nil, isWritable: false)
            let rates = FrameRateRange(low: 1, high: FrameRate(1_000_000, 8333))
            expect(.frameRateRange, .rates(rates), .rates(FrameRateRange(low: 30, high: 30)), nil)
            expect(
                .frameRateDelta, .numbers(-29...(rates.high.framesPerSecond - 30)), .number(0), .number(0))
            for lacking in [
                CameraSetting.digitalGain, .imageDenoise, .videoStabilization, .drcStrength, .flashMode, .imageEffect,
            ] {
                #expect(settings[lacking] == nil)
            }
        }

        /// What is set, what libcamera is given then, and what is read back.
        @Test(
            arguments: [
                (.brightness, .integer(25), [9: [-0.5]], nil),
                (.contrast, .integer(100), [10: [32]], nil),
                (.contrast, .integer(-50), [10: [0.5]], nil),
                (.saturation, .integer(-100), [14: [0]], nil),
                (.sharpness, .integer(20), [19: [4]], nil),
                (.exposureMode, .choice("off"), [1: [0]], nil),
                (.exposureMode, .choice("sports"), [1: [1], 5: [1]], nil),
                (.exposureMode, .choice("verylong"), [1: [1], 5: [2]], nil),
                (.exposureCompensation, .integer(-9), [6: [-1.5]], nil),
                (.shutterSpeed, .duration(.milliseconds(10)), [7: [10000]], nil),
                // Shorter than the camera can: its shortest.
                (.shutterSpeed, .duration(.microseconds(20)), [7: [100]], .duration(.microseconds(100))),
                (.shutterSpeed, .duration(.zero), [7: [0]], nil),
                (.iso, .integer(200), [8: [2]], nil),
                (.iso, .integer(50), [8: [1]], .integer(100)),
                (.iso, .integer(0), [8: [0]], nil),
                (.meterMode, .choice("spot"), [3: [1]], nil),
                (.awbMode, .choice("off"), [12: [0]], nil),
                (.awbMode, .choice("sunlight"), [12: [1], 13: [5]], nil),
                (.awbGains, .gains(AWBGains(red: 1.5, blue: 2)), [12: [0], 15: [1.5, 2]], nil),
                (
                    .zoom, .region(ZoomRegion(x: 0.25, y: 0.5, width: 0.5, height: 0.25)),
                    [22: [820, 1232, 1640, 616]], nil
                ),
                (.frameRateDelta, .number(-5), [25: [40000, 40000]], nil),
                (.frameRateDelta, .number(0), [25: [33333, 33333]], nil),
                (.frameRateRange, .rates(FrameRateRange(low: 5, high: 50)), [25: [20000, 200_000]], nil),
                (.videoDenoise, .boolean(true), [39: [1]], nil),
            ] as [(CameraSetting, SettingValue, [UInt32: [Double]], SettingValue?)])
        func whatIsSetReachesTheCamera(
            name: CameraSetting, value: SettingValue, numbers: [UInt32: [Double]], made: SettingValue?
        ) throws {
            let camera = try open(ScriptedLibCamera.reset())
            defer { camera.close() }
            try camera.set(name, to: value)
            #expect(ScriptedLibCamera.script.settings == numbers)
            #expect(try setting(name, of: camera).value == made ?? value)
        }

        /// Since 0.5 exposure and gain are automatic each on its own.
        @Test func exposureModesAreSetWhereThereAreSome() throws {
            let camera = try open(ScriptedLibCamera.reset { $0.hasExposureModes = true })
            defer { camera.close() }
            try camera.set(.shutterSpeed, to: .duration(.milliseconds(5)))
            #expect(ScriptedLibCamera.script.settings == [50: [1], 7: [5000]])
            #expect(try setting(.exposureMode, of: camera).value == .choice("auto"))
            try camera.set(.iso, to: .integer(400))
            #expect(ScriptedLibCamera.script.settings == [50: [1], 7: [5000], 51: [1], 8: [4]])
            #expect(try setting(.exposureMode, of: camera).value == .choice("off"))
            try camera.set(.shutterSpeed, to: .duration(.zero))
            #expect(ScriptedLibCamera.script.settings == [50: [0], 51: [1], 8: [4]])
            #expect(try setting(.shutterSpeed, of: camera).value == .duration(.zero))
            try camera.set(.exposureMode, to: .choice("auto"))
            #expect(ScriptedLibCamera.script.settings == [1: [1], 5: [0], 50: [0], 51: [0]])
            #expect(try setting(.iso, of: camera).value == .integer(0))
        }

        @Test func automaticsForgetWhatWasFixed() throws {
            let camera = try open(ScriptedLibCamera.reset())
            defer { camera.close() }
            try camera.set(.shutterSpeed, to: .duration(.milliseconds(5)))
            try camera.set(.awbGains, to: .gains(AWBGains(red: 2, blue: 1)))
            #expect(try setting(.awbMode, of: camera).value == .choice("off"))
            try camera.set(.exposureMode, to: .choice("auto"))
            try camera.set(.awbMode, to: .choice("auto"))
            #expect(ScriptedLibCamera.script.settings == [1: [1], 5: [0], 12: [1], 13: [0]])
            #expect(try setting(.shutterSpeed, of: camera).value == .duration(.zero))
            #expect(try setting(.awbGains, of: camera).value == nil)
        }

        @Test func whatThePictureWasTakenWithIsRead() throws {
            let camera = try open(ScriptedLibCamera.reset())
            defer { camera.close() }
            try camera.start()
            ScriptedLibCamera.complete(0) { completion in
                completion.metadata.exposure_time = 4990
                (completion.metadata.analogue_gain, completion.metadata.digital_gain) = (2.5, 1.5)
                (completion.metadata.red_gain, completion.metadata.blue_gain) = (1.25, 2.25)
                completion.metadata.known = UInt32(
                    CLC_KNOWS_EXPOSURE_TIME | CLC_KNOWS_ANALOGUE_GAIN | CLC_KNOWS_DIGITAL_GAIN | CLC_KNOWS_COLOR_GAINS)
            }
            _ = try camera.next(timeout: .zero)
            #expect(try setting(.exposureSpeed, of: camera).value == .duration(.microseconds(4990)))
            #expect(try setting(.analogGain, of: camera).value == .number(2.5))
            #expect(try setting(.digitalGain, of: camera).value == .number(1.5))
            #expect(
                try setting(.awbGains, of: camera).value == .gains(AWBGains(red: 1.25, blue: 2.25)))
            // The automatic chose them.
            #expect(try setting(.shutterSpeed, of: camera).value == .duration(.zero))
            let error = #expect(throws: CameraError.self) { try camera.set(.analogGain, to: .number(2)) }
            #expect(error?.code == .unsupported)
        }

        @Test func picturesAreTurnedBeforeTheCameraRuns() throws {
            let camera = try open(ScriptedLibCamera.reset())
            defer { camera.close() }
            try camera.set(.rotation, to: .integer(180))
            #expect(ScriptedLibCamera.script.flips == [true, true])
            try camera.set(.hflip, to: .boolean(true))
            #expect(ScriptedLibCamera.script.flips == [false, true])
            try camera.set(.rotation, to: .integer(0))
            try camera.set(.vflip, to: .boolean(true))
            #expect(ScriptedLibCamera.script.flips == [true, true])
            let values = try [CameraSetting.rotation, .hflip, .vflip].map { try setting($0, of: camera).value }
            #expect(values == [.integer(0), .boolean(true), .boolean(true)])
            let error = #expect(throws: CameraError.self) { try camera.set(.rotation, to: .integer(90)) }
            #expect(error?.code == .invalidValue)
            try camera.start()
            let late = #expect(throws: CameraError.self) { try camera.set(.hflip, to: .boolean(false)) }
            #expect(late?.code == .unsupported)
            #expect(late?.description.contains("before the camera runs") ?? false, "\(late as Any)")
            camera.stop()
            try camera.set(.hflip, to: .boolean(false))
            #expect(ScriptedLibCamera.script.flips == [false, true])
        }

        @Test func aRateThatIsChosenEndsTheRangeThatWasSet() throws {
            let camera = try open(ScriptedLibCamera.reset())
            defer { camera.close() }
            try camera.set(.frameRateRange, to: .rates(FrameRateRange(low: 5, high: 50)))
            try camera.configure(SourceConfiguration(resolution: Resolution(128, 96)))
            #expect(ScriptedLibCamera.script.settings == [25: [20000, 200_000]])
            try camera.configure(SourceConfiguration(frameRate: 25))
            #expect(ScriptedLibCamera.script.settings.isEmpty)
            #expect(
                try setting(.frameRateRange, of: camera).value == .rates(FrameRateRange(low: 25, high: 25)))
            try camera.start()
            try camera.set(.frameRateDelta, to: .number(0.5))
            #expect(ScriptedLibCamera.script.settings == [25: [39216, 39216]])
        }

        @Test func whatTheCameraLacksIsRefusedWithWhatItHas() throws {
            let shim = ScriptedLibCamera.reset { script in
                script.canFlip = false
                script.frameDurations = nil
                script.lackingControls = [
                    "AeEnable", "AeExposureMode", "AeMeteringMode", "AnalogueGain", "AwbEnable", "AwbMode",
                    "ColourGains", "Contrast", "ExposureTime", "ExposureValue", "NoiseReductionMode", "Saturation",
                    "ScalerCrop",
                ]
            }
            let camera = try open(shim)
            defer { camera.close() }
            #expect(try camera.settings().map(\.setting) == [.brightness, .sharpness])
            for setting in CameraSetting.allCases where ![.brightness, .sharpness].contains(setting) {
                #expect(try camera.description(of: setting) == nil)
                let error = #expect(throws: CameraError.self) { try camera.set(setting, to: .integer(1)) }
                #expect(error?.code == .unsupported)
                let words = "this camera has no \(setting); it has brightness, sharpness"
                #expect(error?.description.contains(words) ?? false, "\(error as Any)")
            }
            #expect(ScriptedLibCamera.script.settings.isEmpty)
        }

        @Test(
            arguments: [
                (.brightness, .integer(101), "from 0 to 100"), (.awbMode, .choice("flash"), "off, auto, tungsten"),
                (.shutterSpeed, .duration(.seconds(1)), "0 to 66666us, 0 for automatic"),
                (.frameRateRange, .rates(FrameRateRange(low: 5, high: 200)), "5,30"),
            ] as [(CameraSetting, SettingValue, String)])
        func whatIsOutOfRangeIsRefused(name: CameraSetting, value: SettingValue, words: String) throws {
            let camera = try open(ScriptedLibCamera.reset())
            defer { camera.close() }
            let error = #expect(throws: CameraError.self) { try camera.set(name, to: value) }
            #expect(error?.code == .invalidValue)
            #expect(error?.description.contains(words) ?? false, "\(error as Any)")
            #expect(ScriptedLibCamera.script.settings.isEmpty)
        }

        @Test func libcamerasRefusalIsTold() throws {
            let camera = try open(ScriptedLibCamera.reset { $0.controlResult = -5 })
            defer { camera.close() }
            let error = #expect(throws: CameraError.self) { try camera.set(.contrast, to: .integer(5)) }
            #expect(error?.description.contains("Contrast") ?? false, "\(error as Any)")
            #expect(try setting(.contrast, of: camera).value == .integer(0))
        }
    }
}
