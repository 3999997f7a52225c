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
        let numbers = try Camera(.source(NumberedSource()))
        defer { numbers.close() }
        // Those that need no driver.
        #expect(try numbers.settings().map(\.setting) == [.rotation, .hflip, .vflip, .zoom, .imageEffect])
        let none = try #require(throws: CameraError.self) { try numbers.setBrightness(60) }
        #expect(none.code == .unsupported && none.description.contains("no settings"))
    }

    /// picamera's settings of the test camera, by the camera's own properties.
    @Test func theTestCameraHasSettings() throws {
        let test = try Camera(.test, resolution: Resolution(64, 48))
        defer { test.close() }
        try test.setBrightness(60)
        try test.setContrast(-20)
        try test.setSaturation(40)
        try test.setExposureCompensation(-6)
        try test.setShutterSpeed(.milliseconds(5))
        try test.setISO(200)
        try test.setAWBMode(.cloudy)
        try test.setZoom(ZoomRegion(x: 0.25, y: 0.25, width: 0.5, height: 0.5))
        #expect(try test.brightness == 60 && test.contrast == -20 && test.saturation == 40)
        #expect(try test.exposureCompensation == -6 && test.shutterSpeed == .milliseconds(5) && test.iso == 200)
        #expect(try test.exposureSpeed == .milliseconds(5) && test.analogGain == 2 && test.digitalGain == 1)
        #expect(try test.exposureMode == .off && test.awbMode == .cloudy)
        // The camera does it, and no software after it.
        #expect(try test.zoom == ZoomRegion(x: 0.25, y: 0.25, width: 0.5, height: 0.5))
        #expect(test.style().zoom == .full)
        try test.setAWBGains(AWBGains(red: 1.5, blue: 1.25))
        #expect(try test.awbMode == .off && test.awbGains == AWBGains(red: 1.5, blue: 1.25))
        try test.setExposureMode(.auto)
        #expect(try test.shutterSpeed == .zero && test.iso == 0)
    }

    /// Settings from several threads while it is recorded: no frame is lost, and all numbers are read.
    @Test(arguments: [7, 4711]) func aStormOfSettingsLosesNoFrame(seed: UInt64) throws {
        let folder = try TemporaryFolder()
        let size = Resolution(160, 120)
        let source = try TestCamera(
            resolution: size, frameRate: 30, pacing: .none, numbered: true, frameLimit: 200)
        let stormed = try Camera(.source(source))
        defer { stormed.close() }
        let times = Monitor<Set<Duration>>([])
        let changes = Monitor(0)
        let output = ClosureOutput { _, info in
            if let time = info.metadata?.exposureTime { times.update { _ = $0.insert(time) } }
        }
        try stormed.startRecording(to: .path(folder.path("clip.yuv420")), metadataOutput: .output(output))
        let threads = try (0..<3).map { number in
            try WorkerThread("storm\(number)") {
                var random = SeededRandom(seed: seed &+ UInt64(number))
                while (try? stormed.waitRecording(.zero)) == .running {
                    // Those of the test camera: software would draw over the numbers.
                    let settings = source.settings().filter(\.isWritable)
                    guard let setting = settings.randomElement(using: &random) else { return }
                    let value = setting.values.any(using: &random)
                    #expect(throws: Never.self) { try stormed.set(setting.setting, to: value) }
                    changes.update { $0 += 1 }
                }
            }
        }
        #expect(try stormed.waitRecording(.seconds(60)) == .ended)
        for thread in threads { thread.join() }
        try stormed.stopRecording()
        let video = try NumberedVideo(
            decoding: folder.path("clip.yuv420"), size: size,
            input: ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-video_size", "\(size)"])
        #expect(video.complaints == "")
        #expect(video.numbers == (0..<200).map { UInt32($0) })
        #expect(changes.withLock { $0 } > 10)
        #expect(times.withLock { $0.count } > 1)
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

extension SettingDescription.Values {
    /// One of the values of a setting that the test camera has.
    fileprivate func any(using random: inout SeededRandom) -> SettingValue {
        switch self {
        case .integers(let range): return .integer(Int.random(in: range, using: &random))
        case .choices(let words): return .choice(words.randomElement(using: &random) ?? "")
        case .durations: return .duration(.microseconds(Int.random(in: 0...40_000, using: &random)))
        case .gains(let range):
            let red = Double.random(in: range, using: &random)
            return .gains(AWBGains(red: red, blue: Double.random(in: range, using: &random)))
        default:
            let (x, y) = (Double.random(in: 0...0.5, using: &random), Double.random(in: 0...0.5, using: &random))
            return .region(ZoomRegion(x: x, y: y, width: 0.5, height: 0.25))
        }
    }
}
