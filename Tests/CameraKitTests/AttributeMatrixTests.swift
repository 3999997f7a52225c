// SPDX-License-Identifier: MIT

import CameraDevices
import CameraKit
import TestSupport
import Testing

/// picamera's tests of attributes (`test_attr.py`), by the names that they have there.
///
/// Those of a driver's settings run over a scripted driver that has them all; what only the Pi's firmware or wiring has is
/// listed in Docs/PicameraMatrix.md.
@Suite struct AttributeMatrixTests {
    private func withDriver(_ body: (Camera) throws -> Void) throws {
        let driver = ScriptedDriver(.withAllSettings)
        let camera = try Camera(.source(V4L2Camera("/dev/video0", calls: driver.calls)), frameRate: 30)
        defer { camera.close() }
        try body(camera)
    }

    private func withTestCamera(_ body: (Camera) throws -> Void) throws {
        let camera = try Camera(.test, resolution: Resolution(320, 240))
        defer { camera.close() }
        try body(camera)
    }

    /// picamera's check of a number: each in its range is read back, the neighbours of the range are refused.
    private func expectNumbers(_ setting: CameraSetting, _ range: ClosedRange<Int>, of camera: Camera) throws {
        for number in range {
            try camera.set(setting, to: .integer(number))
            #expect(try camera.setting(setting) == .integer(number))
        }
        for number in [range.lowerBound - 1, range.upperBound + 1] {
            let error = try #require(throws: CameraError.self) { try camera.set(setting, to: .integer(number)) }
            #expect(error.code == .invalidValue)
        }
    }

    /// picamera's check of words: each that the camera has is read back, others are refused.
    private func expectWords(_ setting: CameraSetting, of camera: Camera) throws {
        let description = try #require(try camera.settings().first { $0.setting == setting })
        guard case .choices(let words) = description.values else {
            Issue.record("\(setting) has no choices")
            return
        }
        #expect(words.count > 1)
        for word in words {
            try camera.set(setting, to: .choice(word))
            #expect(try camera.setting(setting) == .choice(word))
        }
        #expect(throws: CameraError.self) { try camera.set(setting, to: .choice("foobar")) }
    }

    @Test(arguments: [CameraSetting.brightness, .contrast, .saturation, .exposureCompensation])
    func numbersOfTheTestCamera(setting: CameraSetting) throws {
        let ranges: [CameraSetting: ClosedRange<Int>] = [.brightness: 0...100, .exposureCompensation: -25...25]
        try withTestCamera { try expectNumbers(setting, ranges[setting] ?? -100...100, of: $0) }
    }

    @Test(arguments: [CameraSetting.awbMode, .exposureMode]) func wordsOfTheTestCamera(setting: CameraSetting) throws {
        try withTestCamera { try expectWords(setting, of: $0) }
    }

    @Test func brightness() throws { try withDriver { try expectNumbers(.brightness, 0...100, of: $0) } }

    @Test(arguments: [CameraSetting.contrast, .saturation, .sharpness])
    func contrastSaturationSharpness(setting: CameraSetting) throws {
        try withDriver { try expectNumbers(setting, -100...100, of: $0) }
    }

    @Test(arguments: [
        CameraSetting.awbMode, .exposureMode, .flashMode, .drcStrength, .meterMode, .imageEffect,
    ]) func keywords(setting: CameraSetting) throws {
        try withDriver { try expectWords(setting, of: $0) }
    }

    @Test(arguments: [CameraSetting.hflip, .vflip, .videoStabilization]) func booleans(setting: CameraSetting) throws {
        try withDriver { camera in
            for value in [false, true, false] {
                try camera.set(setting, to: .boolean(value))
                #expect(try camera.setting(setting) == .boolean(value))
            }
        }
    }

    @Test func hflipAndVflipInSoftware() throws {
        try withTestCamera { camera in
            for value in [false, true, false] {
                try camera.setHFlip(value)
                try camera.setVFlip(!value)
                #expect(try camera.hflip == value && camera.vflip == !value)
            }
        }
    }

    @Test func awbGains() throws {
        try withDriver { camera in
            try camera.setAWBMode(.off)
            let gains =
                (1...8).map { (Double($0), Double($0)) } + [(1.5, 1.5), (0.5, 0.5), (1.6, 1.9)]
            for (red, blue) in gains {
                try camera.setAWBGains(AWBGains(red: red, blue: blue))
                let read = try camera.awbGains
                #expect(abs(read.red - red) <= 0.05 && abs(read.blue - blue) <= 0.05)
            }
            #expect(throws: CameraError.self) { try camera.setAWBGains(AWBGains(red: 20, blue: 20)) }
        }
    }

    @Test func shutterSpeed() throws {
        try withDriver { camera in
            for microseconds in stride(from: 0, through: 699_950, by: 50) {
                try camera.setShutterSpeed(.microseconds(microseconds))
                let read = try camera.shutterSpeed
                // The driver counts in 100 µs, of which it takes the nearest; the shortest is one.
                let slack = Duration.microseconds(microseconds == 0 ? 0 : 50)
                #expect((read - .microseconds(microseconds)).magnitude <= slack, "\(microseconds): \(read)")
            }
        }
    }

    @Test(arguments: [false, true]) func zoom(inSoftware: Bool) throws {
        let check = { (camera: Camera) in
            for (x, y, width, height) in [(0, 0, 1, 1), (0.2, 0.2, 0.6, 0.6), (0.1, 0.1, 0.8, 0.8)] {
                let region = ZoomRegion(x: x, y: y, width: width, height: height)
                try camera.setZoom(region)
                let read = try camera.zoom
                for (wanted, got) in zip(
                    [x, y, width, height], [read.x, read.y, read.width, read.height])
                {
                    #expect(abs(wanted - got) < 0.005)
                }
            }
        }
        guard inSoftware else { return try withDriver(check) }
        // A source that has no zoom of its own.
        let camera = try Camera(.source(NumberedSource(size: Resolution(320, 240))))
        defer { camera.close() }
        try check(camera)
    }

    #if Text
    @Test func annotateText() throws {
        try withTestCamera { camera in
            #expect(camera.annotation == nil)
            for text in ["", "foo", "foo bar baz quux xyzzy", "Ünïcode, which picamera refused"] {
                try camera.setAnnotation(Annotation(text))
                #expect(camera.annotation?.text == text)
            }
            #expect(throws: CameraError.self) {
                try camera.setAnnotation(Annotation(String(repeating: "a", count: 4097)))
            }
            try camera.setAnnotation(nil)
            #expect(camera.annotation == nil)
        }
    }

    @Test func annotateTextSize() throws {
        try withTestCamera { camera in
            for size in 6...160 {
                try camera.setAnnotation(Annotation("x") { $0.size = size })
                #expect(camera.annotation?.size == size)
            }
            for size in [5, 161] {
                #expect(throws: CameraError.self) { try camera.setAnnotation(Annotation("x") { $0.size = size }) }
            }
        }
    }

    @Test func annotateForegroundAndBackground() throws {
        try withTestCamera { camera in
            for color in [Color.black, .white, Color(red: 0, green: 0, blue: 10)] {
                try camera.setAnnotation(
                    Annotation("{frame}") {
                        $0.foreground = color
                        $0.background = color
                    })
                #expect(camera.annotation?.foreground == color && camera.annotation?.background == color)
            }
            try camera.setAnnotation(Annotation("x") { $0.background = nil })
            #expect(camera.annotation?.background == nil)
        }
    }
    #endif

    @Test func colorEffects() throws {
        try withTestCamera { camera in
            for effects in [nil, ColorEffects(u: 128, v: 128), ColorEffects(u: 0, v: 255), ColorEffects(u: 255, v: 0)] {
                try camera.setColorEffects(effects)
                #expect(camera.colorEffects == effects)
            }
        }
    }

    @Test func imageEffects1() throws {
        let valid: [(ImageEffect, [[Double]])] = [
            (.solarize, [[0, 128, 128, 128, 128], [1, 128, 128, 128, 128], [0, 1, 2, 3], [1], [0]]),
            (.colorpoint, [[0], [1], [2], [3]]),
            (.colorbalance, [[0, 1, 1, 1, 0, 0], [0, 1.5, 1, 1], [0, 1, 0.5]]), (.colorswap, [[0], [1]]),
            (.posterise, [[2], [30], [31]]), (.blur, [[1], [2]]), (.film, [[50, 128, 128]]),
            (.watercolor, [[128, 255]]),
        ]
        try withTestCamera { camera in
            for effect in ImageEffect.allCases {
                try camera.setImageEffect(effect)
                #expect(try camera.imageEffect == effect)
                #expect(camera.imageEffectParameters == [])
            }
            for (effect, forms) in valid {
                for parameters in forms {
                    try camera.setImageEffect(effect, parameters: parameters)
                    #expect(try camera.imageEffect == effect)
                    #expect(camera.imageEffectParameters == parameters)
                }
            }
        }
    }

    @Test func imageEffects2() throws {
        let invalid: [(ImageEffect, [Double])] = [
            (.solarize, [3, 3, 3]), (.colorpoint, [1, 1]), (.colorbalance, [1]), (.colorswap, [1, 1]),
            (.posterise, [1, 1]), (.blur, [1, 1]), (.film, [1, 1]), (.film, [12, 2, 3, 4]), (.watercolor, [1]),
            (.watercolor, [1, 2, 3]), (.posterise, [1]), (.colorpoint, [4]), (.negative, [1]),
        ]
        try withTestCamera { camera in
            for (effect, parameters) in invalid {
                let error = try #require(throws: CameraError.self) {
                    try camera.setImageEffect(effect, parameters: parameters)
                }
                #expect(error.code == .invalidValue)
                #expect(try camera.imageEffect == .none)
            }
        }
    }

    @Test func framerate() throws {
        try withTestCamera { camera in
            for rate in [FrameRate(30, 1), FrameRate(15, 1), 30, 15, FrameRate(30, 2), 60, 90] {
                try camera.setFrameRate(rate)
                #expect(camera.frameRate == rate)
            }
            for rate in [FrameRate(30, 0), FrameRate(-1, 1), FrameRate(0, 1)] {
                #expect(throws: CameraError.self) { try camera.setFrameRate(rate) }
            }
        }
    }

    @Test func framerateDelta() throws {
        try withDriver { camera in
            try camera.setFrameRateDelta(-15)
            #expect(try camera.frameRateDelta == -15)
            try camera.setFrameRateDelta(0)
            #expect(try camera.frameRateDelta == 0)
            #expect(throws: CameraError.self) { try camera.setFrameRateDelta(1) }
        }
    }

    @Test func resolution() throws {
        try withTestCamera { camera in
            for (width, height) in [(320, 240), (640, 480), (1280, 720), (1920, 1080), (2592, 1944), (100, 100)] {
                try camera.setResolution(Resolution(width, height))
                #expect(camera.resolution == Resolution(width, height))
            }
            for (width, height) in [(0, 0), (15, 15)] {
                #expect(throws: CameraError.self) { try camera.setResolution(Resolution(width, height)) }
            }
        }
    }
}

extension Duration {
    fileprivate var magnitude: Duration { self < .zero ? .zero - self : self }
}
