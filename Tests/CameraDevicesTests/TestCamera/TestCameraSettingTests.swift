// SPDX-License-Identifier: MIT

import CameraCore
import CameraDevices
import TestSupport
import Testing

/// What the test camera's settings and controls do to its pictures.
struct TestCameraSettingTests {
    private static let size = Resolution(320, 240)

    private func camera(frameRate: FrameRate = 30) throws -> TestCamera {
        try TestCamera(resolution: Self.size, frameRate: frameRate, format: .yuv420, pacing: .none)
    }

    /// The first frame of a camera that was changed.
    private func frame(_ change: (TestCamera) throws -> Void = { _ in }) throws -> Frame {
        let camera = try camera()
        try change(camera)
        return try #require(try Take(camera, limit: 1).frames.first)
    }

    private func picture(_ change: (TestCamera) throws -> Void = { _ in }) throws -> MeasuredPicture {
        try MeasuredPicture(frame(change))
    }

    // MARK: Nothing set

    /// FNV-1a of the bytes that test cameras without settings gave.
    private static let goldens: [(PixelFormat, Bool, UInt64)] = [
        (.yuv420, false, 0xc42b_a356_9752_6bee), (.nv12, false, 0x9107_8971_0c24_8dfa),
        (.rgb24, false, 0x27dc_eafb_2f86_f77d), (.yuv420, true, 0x102d_7f61_3d38_9d22),
        (.nv12, true, 0xbe8b_3777_e3b3_1798), (.rgb24, true, 0x0d6e_58e4_6f44_6215),
    ]

    @Test(arguments: goldens)
    func picturesOfDefaultsAreWhatTheyAlwaysWere(format: PixelFormat, numbered: Bool, golden: UInt64) throws {
        let camera = try TestCamera(
            resolution: Resolution(161, 95), frameRate: 30, format: format, pacing: .none, numbered: numbered)
        // What is set and set back leaves nothing behind.
        try camera.setControl("brightness", to: .integer(3))
        try camera.setControl("brightness", to: .integer(128))
        let hash = try Take(camera, limit: 5).bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01b3
        }
        #expect(hash == golden)
    }

    @Test func everySettingAndControlAtItsDefaultChangesNothing() throws {
        let plain = try picture()
        let changed = try picture { camera in
            for control in camera.controls() {
                let value = try #require(control.defaultValue)
                #expect(control.value == value)
                if !control.traits.contains(.inactive) { try camera.setControl(control.name, to: value) }
            }
            for setting in camera.settings() where setting.isWritable {
                if let value = setting.defaultValue { try camera.set(setting.setting, to: value) }
            }
        }
        #expect(changed == plain)
        for rate in [FrameRate(1, 86_400), 1, 99, 500, 1000] {
            let camera = try camera(frameRate: rate)
            #expect(MeasuredPicture(try #require(try Take(camera, limit: 1).frames.first)) == plain, "\(rate)")
        }
    }

    @Test func anotherCameraHasTheDefaults() throws {
        _ = try picture { try $0.set(.brightness, to: .integer(100)) }
        let camera = try camera()
        #expect(try camera.description(of: .brightness)?.value == .integer(50))
        #expect(camera.controls().allSatisfy { $0.value == $0.defaultValue })
    }

    // MARK: Picture

    @Test func brightnessMovesLumaToItsEnds() throws {
        let plain = try picture()
        let steps = try [0, 30, 50, 70, 100].map { value in
            try picture { try $0.set(.brightness, to: .integer(value)) }
        }
        #expect(steps.map(\.luma) == steps.map(\.luma).sorted())
        #expect(steps[0].luma == 16 && steps[4].luma == 235)
        #expect(steps[2] == plain)
        // 88 of 219 steps more, but for what is white already.
        #expect((60...88).contains(steps[3].luma - plain.luma))
        #expect(steps[1].luma < plain.luma - 50)
        #expect(steps[3].blue == plain.blue && steps[3].red == plain.red)
    }

    @Test func contrastStretchesLuma() throws {
        let plain = try picture()
        let more = try picture { try $0.set(.contrast, to: .integer(50)) }
        let none = try picture { try $0.set(.contrast, to: .integer(-100)) }
        #expect(more.deviation > 1.3 * plain.deviation)
        #expect(none.deviation == 0 && none.luma == 126)
    }

    @Test func saturationStretchesChroma() throws {
        let plain = try picture()
        let more = try picture { try $0.set(.saturation, to: .integer(50)) }
        let none = try picture { try $0.set(.saturation, to: .integer(-100)) }
        #expect(more.color > 1.4 * plain.color)
        #expect(none.color == 0)
        #expect(more.luma == plain.luma && none.luma == plain.luma)
    }

    // MARK: Exposure

    @Test func automaticsHoldTheMeanAndFixedValuesScaleIt() throws {
        let plain = try frame()
        let light = MeasuredPicture(plain).luma - 16
        func taken(_ changes: [(CameraSetting, SettingValue)]) throws -> (light: Double, metadata: FrameMetadata) {
            let frame = try frame { camera in
                for (setting, value) in changes { try camera.set(setting, to: value) }
            }
            return (MeasuredPicture(frame).luma - 16, try #require(frame.info.metadata))
        }
        let first = try #require(plain.info.metadata)
        #expect(first.exposureTime == .milliseconds(10) && first.analogGain == 1)
        // Half the time is twice the gain, four times the gain a quarter of the time: as bright as before.
        let short = try taken([(.shutterSpeed, .duration(.milliseconds(5)))])
        #expect(short.light == light && short.metadata.analogGain == 2)
        #expect(short.metadata.exposureTime == .milliseconds(5))
        let sensitive = try taken([(.iso, .integer(400))])
        #expect(sensitive.light == light && sensitive.metadata.exposureTime == .microseconds(2500))
        #expect(sensitive.metadata.analogGain == 4)
        // Both fixed: time and gain count.
        let dark = try taken([(.iso, .integer(100)), (.shutterSpeed, .duration(.milliseconds(5)))])
        #expect(abs(dark.light - light / 2) < 1, "\(dark.light) of \(light)")
        let bright = try taken([(.shutterSpeed, .duration(.milliseconds(5))), (.iso, .integer(300))])
        #expect(bright.light > 1.2 * light)
        // There is no gain below 1, and no exposure longer than a frame.
        let long = try taken([(.shutterSpeed, .duration(.seconds(2)))])
        #expect(long.light > 1.5 * light)
        #expect(long.metadata.exposureTime == FrameRate(30).interval && long.metadata.analogGain == 1)
        // Six sixths of a stop are a half.
        let compensated = try taken([(.exposureCompensation, .integer(-6))])
        #expect(abs(compensated.light - light / 2) < 1)
        #expect(compensated.metadata.exposureTime == .milliseconds(5))
        // Off: what was chosen stays, whatever would be chosen now.
        let held = try taken([
            (.exposureCompensation, .integer(-6)), (.exposureMode, .choice("off")),
            (.exposureCompensation, .integer(6)),
        ])
        #expect(held.light == compensated.light)
        let freed = try taken([
            (.exposureMode, .choice("off")), (.exposureCompensation, .integer(-6)), (.exposureMode, .choice("auto")),
        ])
        #expect(freed.light == compensated.light)
    }

    @Test func exposureIsReadAsItIsUsed() throws {
        let camera = try camera()
        func value(_ setting: CameraSetting) throws -> SettingValue? { try camera.description(of: setting)?.value }
        #expect(try value(.exposureMode) == .choice("auto") && value(.shutterSpeed) == .duration(.zero))
        #expect(try value(.exposureSpeed) == .duration(.milliseconds(10)) && value(.iso) == .integer(0))
        try camera.set(.shutterSpeed, to: .duration(.milliseconds(2)))
        #expect(try value(.shutterSpeed) == .duration(.milliseconds(2)) && value(.analogGain) == .number(5))
        #expect(try value(.exposureMode) == .choice("auto"))
        try camera.set(.exposureMode, to: .choice("off"))
        #expect(try value(.exposureMode) == .choice("off") && value(.iso) == .integer(500))
        try camera.set(.exposureMode, to: .choice("auto"))
        #expect(try value(.shutterSpeed) == .duration(.zero) && value(.iso) == .integer(0))
        for setting in [CameraSetting.exposureSpeed, .analogGain, .digitalGain] {
            let error = try #require(throws: CameraError.self) { try camera.set(setting, to: .number(1)) }
            #expect(error.code == .unsupported && error.description.contains("only be read"))
        }
    }

    // MARK: White balance

    @Test func whiteBalanceTints() throws {
        let plain = try picture()
        func lit(_ mode: AWBMode) throws -> MeasuredPicture {
            try picture { try $0.set(.awbMode, to: .choice(mode.rawValue)) }
        }
        let lamp = try lit(.incandescent)
        #expect(lamp.blue > plain.blue + 10 && lamp.red < plain.red - 10)
        let shade = try lit(.shade)
        #expect(shade.blue < plain.blue - 5 && shade.red > plain.red + 5)
        #expect(try lit(.sunlight) == plain && lit(.off) == plain)
        let red = try picture { try $0.set(.awbGains, to: .gains(AWBGains(red: 2, blue: 1))) }
        #expect(red.red > plain.red + 20)
        let dim = try frame { try $0.set(.awbGains, to: .gains(AWBGains(red: 0.5, blue: 0.25))) }
        #expect(MeasuredPicture(dim).luma < plain.luma)
        #expect(dim.info.metadata?.awbGains == AWBGains(red: 0.5, blue: 0.25))
        // Off keeps the gains of the light before.
        let kept = try picture {
            try $0.set(.awbMode, to: .choice("incandescent"))
            try $0.set(.awbMode, to: .choice("off"))
        }
        #expect(abs(kept.blue - lamp.blue) < 0.5 && abs(kept.red - lamp.red) < 0.5)
    }

    // MARK: Lens

    @Test func zoomEnlargesAPart() throws {
        let frame = try frame()
        let plain = MeasuredPicture(frame)
        let region = ZoomRegion(x: 0.5, y: 0.25, width: 0.25, height: 0.25)
        let part = MeasuredPicture(frame, PixelRegion(x: 160, y: 60, size: Resolution(80, 60)))
        let zoomed = try picture { try $0.set(.zoom, to: .region(region)) }
        #expect(abs(zoomed.luma - part.luma) < 1 && abs(zoomed.blue - part.blue) < 1)
        #expect(abs(zoomed.red - part.red) < 1 && abs(zoomed.deviation - part.deviation) < 3)
        #expect(zoomed.sharpness < 0.7 * plain.sharpness)
        let middle = try picture {
            try $0.set(.zoom, to: .region(ZoomRegion(x: 0.25, y: 0.25, width: 0.5, height: 0.5)))
        }
        let lens = try picture { try $0.setControl("zoom_absolute", to: .integer(200)) }
        #expect(lens == middle)
        // The least part, in a corner.
        let least = ZoomRegion(x: 0.9999999, y: 0.9999999, width: 1e-9, height: 1e-9)
        #expect(try picture { try $0.set(.zoom, to: .region(least)) }.sharpness < 1)
    }

    @Test func focusBlurs() throws {
        let plain = try picture()
        func focused(_ tenths: Int64) throws -> MeasuredPicture {
            try picture {
                try $0.setControl("focus_automatic_continuous", to: .integer(0))
                try $0.setControl("focus_absolute", to: .integer(tenths))
            }
        }
        #expect(try focused(20) == plain)
        let sharpness = try [20, 40, 70, 100].map { try focused($0).sharpness }
        #expect(sharpness == sharpness.sorted(by: >))
        let far = try focused(0)
        #expect(far.sharpness < 0.5 * plain.sharpness)
        #expect(abs(far.luma - plain.luma) < 1 && abs(far.blue - plain.blue) < 1)
    }
}
