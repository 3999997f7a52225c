// SPDX-License-Identifier: MIT

import CameraCore
import CameraDevices
import TestSupport
import Testing

/// The test camera's controls by its driver's names, its refusals, and settings over all layouts and while it runs.
struct TestCameraControlTests {
    private static let size = Resolution(320, 240)

    private func camera(_ format: PixelFormat = .yuv420) throws -> TestCamera {
        try TestCamera(resolution: Self.size, frameRate: 30, format: format, pacing: .none)
    }

    /// The first frame of a camera that was changed.
    private func frame(
        _ format: PixelFormat = .yuv420, _ change: (TestCamera) throws -> Void = { _ in }
    ) throws -> Frame {
        let camera = try camera(format)
        try change(camera)
        return try #require(try Take(camera, limit: 1).frames.first)
    }

    private func picture(_ change: (TestCamera) throws -> Void = { _ in }) throws -> MeasuredPicture {
        try MeasuredPicture(frame(.yuv420, change))
    }

    // MARK: The driver's names

    @Test(
        arguments: [
            ("brightness", 179, CameraSetting.brightness, SettingValue.integer(70)),
            ("contrast", 64, .contrast, .integer(-50)),
            ("saturation", 255, .saturation, .integer(100)),
            ("auto_exposure_bias", 12, .exposureCompensation, .integer(12)),
            ("white_balance_auto_preset", 8, .awbMode, .choice("cloudy")),
        ] as [(String, Int64, CameraSetting, SettingValue)])
    func controlsAndSettingsAreTheSame(name: String, number: Int64, setting: CameraSetting, value: SettingValue) throws
    {
        let byControl = try picture { try $0.setControl(name, to: .integer(number)) }
        let bySetting = try picture { camera in
            try camera.set(setting, to: value)
            #expect(camera.controls().first { $0.name == name }?.value == .integer(number))
        }
        #expect(try byControl == bySetting && byControl != picture())
    }

    @Test func whatAnAutomaticRulesIsRefusedUntilItIsOff() throws {
        let camera = try camera()
        let rules = [
            ("exposure_time_absolute", "auto_exposure", "Manual Mode", Int64(50)),
            ("gain", "gain_automatic", "off", 200),
            ("red_balance", "white_balance_auto_preset", "Manual", 1500),
            ("blue_balance", "white_balance_auto_preset", "Manual", 500),
            ("focus_absolute", "focus_automatic_continuous", "0", 5),
        ]
        for (name, automatic, off, number) in rules {
            let before = try #require(camera.controls().first { $0.name == automatic }?.defaultValue)
            let error = try #require(throws: CameraError.self) { try camera.setControl(name, to: .integer(number)) }
            #expect(error.code == .unsupported && error.description.contains("switch its automatic off first"))
            #expect(camera.controls().first { $0.name == name }?.traits.contains(.inactive) == true)
            try camera.setControl(automatic, to: .text(off))
            try camera.setControl(name, to: .integer(number))
            let control = try #require(camera.controls().first { $0.name == name })
            #expect(control.value == .integer(number) && control.traits == [])
            try camera.setControl(automatic, to: before)
        }
        // All automatics are back.
        #expect(camera.controls().allSatisfy { $0.value == $0.defaultValue })
    }

    @Test func whatIsOutOfRangeIsRefusedWithTheRange() throws {
        let camera = try camera()
        for control in camera.controls() {
            guard case .integer(let range, _) = control.kind, control.traits == [] else { continue }
            for number in [range.lowerBound - 1, range.upperBound + 1] {
                let error = try #require(throws: CameraError.self) {
                    try camera.setControl(control.name, to: .integer(number))
                }
                #expect(error.code == .invalidValue)
                #expect(error.description.contains("\(range.lowerBound) to \(range.upperBound)"))
            }
        }
        for (setting, value, hint) in [
            (.brightness, .integer(101), "0 to 100"), (.contrast, .integer(-101), "-100 to 100"),
            (.iso, .integer(1601), "0 to 1600"), (.exposureCompensation, .integer(26), "-25 to 25"),
            (.shutterSpeed, .duration(.seconds(11)), "0 to 10000000us"),
            (.awbMode, .choice("tungsten"), "incandescent"),
            (.awbGains, .gains(AWBGains(red: 9, blue: 1)), "0.0 to 8.0"),
            (.exposureMode, .choice("night"), "off, auto"),
            (.zoom, .region(ZoomRegion(x: 0.5, y: 0, width: 0.6, height: 1)), "shares"),
        ] as [(CameraSetting, SettingValue, String)] {
            let error = try #require(throws: CameraError.self) { try camera.set(setting, to: value) }
            #expect(error.code == .invalidValue && error.description.contains(hint), "\(error)")
        }
        let lacking = try #require(throws: CameraError.self) { try camera.set(.sharpness, to: .integer(0)) }
        #expect(lacking.code == .unsupported && lacking.description.contains("it has brightness"))
        let unknown = try #require(throws: CameraError.self) { try camera.setControl("hue", to: .integer(0)) }
        #expect(unknown.code == .unknownOption && unknown.description.contains("zoom_absolute"))
        #expect(try Take(camera, limit: 1).frames.map(MeasuredPicture.init) == [picture()])
    }

    // MARK: Layouts and numbers

    private func setEverything(_ camera: TestCamera) throws {
        try camera.set(.brightness, to: .integer(80))
        try camera.set(.contrast, to: .integer(-40))
        try camera.set(.saturation, to: .integer(100))
        try camera.set(.iso, to: .integer(1600))
        try camera.set(.shutterSpeed, to: .duration(.milliseconds(30)))
        try camera.set(.awbGains, to: .gains(AWBGains(red: 8, blue: 0)))
        try camera.set(.zoom, to: .region(ZoomRegion(x: 0, y: 0, width: 0.1, height: 0.9)))
        try camera.setControl("focus_automatic_continuous", to: .text("off"))
        try camera.setControl("focus_absolute", to: .integer(100))
    }

    @Test(arguments: [PixelFormat.nv12, .yuv420, .yuyv, .rgb24]) func numbersStayReadable(format: PixelFormat) throws {
        for size in [FrameNumberCode.smallestSize, Resolution(161, 95), Resolution(320, 240)] {
            let camera = try TestCamera(
                resolution: size, frameRate: 30, format: format, pacing: .none, numbered: true)
            try setEverything(camera)
            for brightness in [0, 80, 100] {
                try camera.set(.brightness, to: .integer(brightness))
                let frames = try Take(camera, limit: 3).frames
                #expect(frames.map(FrameNumberCode.read) == [0, 1, 2])
            }
        }
    }

    @Test func allLayoutsShowTheSame() throws {
        let change: (TestCamera) throws -> Void = { camera in
            try camera.set(.awbMode, to: .choice("shade"))
            try camera.set(.brightness, to: .integer(60))
            try camera.set(.zoom, to: .region(ZoomRegion(x: 0.1, y: 0.2, width: 0.7, height: 0.6)))
        }
        let planar = try frame(.yuv420, change)
        let luma = packedBytes(planar).prefix(Self.size.pixelCount)
        #expect(packedBytes(try frame(.nv12, change)).prefix(Self.size.pixelCount) == luma)
        let packed = packedBytes(try frame(.yuyv, change))
        #expect(stride(from: 0, to: packed.count, by: 2).map { packed[$0] } == Array(luma))
        let rgb = MeasuredPicture.mean(packedBytes(try frame(.rgb24, change)))
        let plainRGB = MeasuredPicture.mean(packedBytes(try frame(.rgb24)))
        #expect(rgb > plainRGB + 10)
        let bayer = MeasuredPicture.mean(packedBytes(try frame(.rggb8, change)))
        #expect(abs(bayer - rgb) < 10)
    }

    // MARK: While it runs

    /// Each frame is of one value, whenever the value changes.
    @Test func changesTakeEffectBetweenFrames() throws {
        let camera = try camera(.nv12)
        try camera.set(.brightness, to: .integer(0))
        let isDone = Monitor(false)
        let thread = try WorkerThread("changer") {
            var count = 0
            while !isDone.withLock({ $0 }) {
                count += 1
                #expect(throws: Never.self) { try camera.set(.brightness, to: .integer(count % 2 * 100)) }
            }
        }
        camera.start()
        var found: Set<UInt8> = []
        for _ in 0..<2000 where found.count < 2 {
            guard case .frame(let frame) = camera.next(timeout: nil) else { continue }
            let luma = Set(packedBytes(frame).prefix(Self.size.pixelCount))
            #expect(luma.count == 1)
            found.formUnion(luma)
        }
        isDone.update { $0 = true }
        thread.join()
        #expect(found == [16, 235])
    }
}
