// SPDX-License-Identifier: MIT

import CameraDevices
import CameraKit
import TestSupport
import Testing
import V4L2

/// picamera's settings of a camera, over a driver that has them all.
struct SettingTests {
    private let driver: ScriptedDriver
    private let camera: Camera

    init() throws {
        driver = ScriptedDriver(.withAllSettings)
        camera = try Camera(.source(V4L2Camera("/dev/video0", calls: driver.calls)), frameRate: 30)
    }

    @Test func whatIsSetIsRead() throws {
        defer { camera.close() }
        try camera.setBrightness(60)
        #expect(try camera.brightness == 60)
        #expect(driver.value(ofControl: "Brightness") == 120)
        try camera.setContrast(-100)
        #expect(try camera.contrast == -100)
        try camera.setSaturation(100)
        #expect(try camera.saturation == 100)
        try camera.setSharpness(-1)
        #expect(try camera.sharpness == -1)
        try camera.setExposureMode(.night)
        #expect(try camera.exposureMode == .night)
        try camera.setExposureCompensation(-24)
        #expect(try camera.exposureCompensation == -24)
        #expect(try camera.shutterSpeed == .zero)
        try camera.setShutterSpeed(.milliseconds(20))
        #expect(try camera.shutterSpeed == .milliseconds(20))
        #expect(try camera.exposureSpeed == .milliseconds(20))
        try camera.setISO(800)
        #expect(try camera.iso == 800)
        try camera.setMeterMode(.spot)
        #expect(try camera.meterMode == .spot)
        try camera.setAWBMode(.cloudy)
        #expect(try camera.awbMode == .cloudy)
        try camera.setAWBGains(AWBGains(red: 1.5, blue: 1.25))
        #expect(try camera.awbGains == AWBGains(red: 1.5, blue: 1.25))
        try camera.setRotation(180)
        #expect(try camera.rotation == 180)
        try camera.setHFlip(true)
        try camera.setVFlip(true)
        #expect(try camera.hflip && camera.vflip)
        try camera.setZoom(ZoomRegion(x: 0.25, y: 0.25, width: 0.5, height: 0.5))
        #expect(try camera.zoom == ZoomRegion(x: 0.25, y: 0.25, width: 0.5, height: 0.5))
        try camera.setFrameRateDelta(-15)
        #expect(try camera.frameRateDelta == -15)
        #expect(camera.frameRate == 30)
        try camera.setVideoStabilization(true)
        #expect(try camera.videoStabilization)
        try camera.setDRCStrength(.high)
        #expect(try camera.drcStrength == .high)
        try camera.setFlashMode(.torch)
        #expect(try camera.flashMode == .torch)
        try camera.setImageEffect(.negative)
        #expect(try camera.imageEffect == .negative)
    }

    @Test func whatIsOutOfRangeIsRefusedWithTheRange() throws {
        defer { camera.close() }
        for (hint, attempt) in [
            ("0 to 100", { try camera.setBrightness(101) }), ("0 to 100", { try camera.setBrightness(-1) }),
            ("-100 to 100", { try camera.setContrast(-101) }),
            ("-24 to 24", { try camera.setExposureCompensation(25) }),
            ("0 to 1000000us", { try camera.setShutterSpeed(.seconds(2)) }),
            ("0 to 8", { try camera.setAWBGains(AWBGains(red: 20, blue: 1)) }),
            ("0, 90, 180, 270", { try camera.set(.rotation, to: .integer(45)) }),
            ("shares", { try camera.setZoom(ZoomRegion(x: 0.5, y: 0, width: 0.6, height: 1)) }),
            ("-15.0 to 0.0", { try camera.setFrameRateDelta(1) }),
            ("off, on, torch", { try camera.setFlashMode(.auto) }),
        ] as [(String, () throws -> Void)] {
            let error = try #require(throws: CameraError.self) { try attempt() }
            #expect(error.code == .invalidValue && error.description.contains(hint), "\(error)")
        }
        #expect(!driver.log.contains("VIDIOC_S_EXT_CTRLS"))
    }

    @Test func whatTheCameraLacksIsSaid() throws {
        for error in [
            try #require(throws: CameraError.self) { try camera.setVideoDenoise(true) },
            try #require(throws: CameraError.self) { try camera.analogGain },
            try #require(throws: CameraError.self) {
                try camera.setFrameRateRange(FrameRateRange(low: 5, high: 30))
            },
        ] {
            #expect(error.code == .unsupported && error.description.contains("it has brightness"), "\(error)")
        }
        camera.close()
        let closed = try #require(throws: CameraError.self) { try camera.brightness }
        #expect(closed.code == .closed)
        let test = try Camera(.test)
        defer { test.close() }
        // Those that need no driver.
        #expect(try test.settings().map(\.setting) == [.rotation, .hflip, .vflip, .zoom, .imageEffect])
        let none = try #require(throws: CameraError.self) { try test.setBrightness(60) }
        #expect(none.code == .unsupported && none.description.contains("no settings"))
    }

    @Test func changesAreTold() throws {
        defer { camera.close() }
        let watch = try camera.watchControls()
        try camera.setBrightness(100)
        let change = try #require(try watch.next(timeout: .seconds(30)))
        #expect(change.control.name == "brightness" && change.control.value == .integer(200))
        camera.close()
        #expect(try watch.next(timeout: nil) == nil)
    }
}
