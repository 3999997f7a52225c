// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import TestSupport
import Testing

extension DeviceLab {
    /// picamera's settings on the kernel's test driver, as they are seen in its pictures.
    @Suite struct SettingTests {
        /// The mean of a plane's samples and how far they lie from it.
        private struct Spread {
            let mean: Double
            let deviation: Double

            init(_ frame: Frame, _ sample: Int) {
                let (width, height) = (frame.size.width, frame.size.height)
                let values = stride(from: 2, to: height, by: 8).flatMap { row in
                    stride(from: 2, to: width, by: 8).map { Double(frame.samples($0, row)[sample]) }
                }
                let mean = values.reduce(0, +) / Double(values.count)
                self.mean = mean
                deviation = values.map { abs($0 - mean) }.reduce(0, +) / Double(values.count)
            }
        }

        /// The first of the next frames that is as it should be; buffers that were filled before are older.
        private func frame(
            of camera: V4L2Camera, _ comment: Comment, where isWanted: (Frame) -> Bool
        ) throws -> Frame? {
            for _ in 0..<20 {
                let frame = try camera.nextFrame()
                if isWanted(frame) { return frame }
            }
            Issue.record(comment)
            return nil
        }

        @Test func settingsAreSeenInThePicture() throws {
            let camera = try DeviceLab.start(format: .yuyv)
            defer { camera.close() }
            let neutral = Spread(try camera.nextFrame(), 0)
            try camera.set(.brightness, to: .integer(80))
            _ = try frame(of: camera, "no brighter") { Spread($0, 0).mean > neutral.mean + 20 }
            try camera.set(.brightness, to: .integer(20))
            _ = try frame(of: camera, "no darker") { Spread($0, 0).mean < neutral.mean - 20 }
            try camera.set(.brightness, to: .integer(50))
            _ = try frame(of: camera, "not neutral") { abs(Spread($0, 0).mean - neutral.mean) < 2 }
            try camera.set(.contrast, to: .integer(-60))
            _ = try frame(of: camera, "no flatter") { Spread($0, 0).deviation < neutral.deviation * 0.6 }
            try camera.set(.contrast, to: .integer(0))
            try camera.set(.saturation, to: .integer(-100))
            _ = try frame(of: camera, "still coloured") {
                Spread($0, 1).deviation < 2 && Spread($0, 2).deviation < 2 && abs(Spread($0, 1).mean - 128) < 3
            }
            try camera.set(.saturation, to: .integer(0))
            let colored = Spread(try #require(try frame(of: camera, "grey") { Spread($0, 1).deviation > 10 }), 1)
            try camera.set(.saturation, to: .integer(60))
            _ = try frame(of: camera, "no more colour") { Spread($0, 1).deviation > colored.deviation * 1.05 }
            camera.close()
            try DeviceLab.reset(camera.name)
        }

        @Test func flipsAreSeenInThePicture() throws {
            let camera = try DeviceLab.start(format: .yuyv)
            defer { camera.close() }
            func luma(_ frame: Frame) -> [Int] { [10, 309].map { frame.samples($0, 90)[0] } }
            let plain = luma(try camera.nextFrame())
            #expect(plain[0] > plain[1], "white on the left, black on the right")
            try camera.set(.hflip, to: .boolean(true))
            _ = try frame(of: camera, "not flipped") { luma($0) == plain.reversed() }
            try camera.set(.hflip, to: .boolean(false))
            _ = try frame(of: camera, "not flipped back") { luma($0) == plain }
            try camera.setControl("test_pattern", to: .text("Horizontal 100% Colorbar"))
            func column(_ frame: Frame) -> [Int] { [5, 174].map { frame.samples(160, $0)[0] } }
            let upright = column(try #require(try frame(of: camera, "no bars") { column($0)[0] > column($0)[1] + 50 }))
            try camera.set(.vflip, to: .boolean(true))
            _ = try frame(of: camera, "not flipped") { column($0) == upright.reversed() }
            #expect(try camera.description(of: .vflip)?.value == .boolean(true))
            camera.close()
            try DeviceLab.reset(camera.name)
        }

        @Test func everySettingOfTheDriverComesBack() throws {
            let camera = try DeviceLab.start()
            defer { camera.close() }
            let settings = try camera.settings()
            #expect(
                settings.map(\.setting) == [
                    .brightness, .contrast, .saturation, .iso, .hflip, .vflip, .frameRateDelta,
                ])
            for setting in settings {
                guard case .integers(let range) = setting.values else { continue }
                for value in stride(from: range.lowerBound, through: range.upperBound, by: 10) {
                    // Between 0, which is automatic, and 100 there is no gain.
                    if setting.setting == .iso, (1..<100).contains(value) { continue }
                    try camera.set(setting.setting, to: .integer(value))
                    guard case .integer(let back) = try camera.description(of: setting.setting)?.value else {
                        Issue.record("\(setting.setting) cannot be read")
                        break
                    }
                    #expect(abs(back - value) <= 2, "\(setting.setting) \(value) came back as \(back)")
                }
            }
            #expect(throws: CameraError.self) { try camera.set(.brightness, to: .integer(101)) }
            let lacks = try #require(throws: CameraError.self) { try camera.set(.rotation, to: .integer(90)) }
            #expect(lacks.code == .unsupported && lacks.description.contains("it has brightness, contrast"))
            camera.close()
            try DeviceLab.reset(camera.name)
        }

        @Test func theRateChangesWhileFramesFlow() throws {
            let camera = try DeviceLab.start(frameRate: 15)
            defer { camera.close() }
            /// The time from one frame of the driver to the next, whether we got it or not.
            func interval() throws -> Double {
                var frames: [FrameInfo] = []
                for _ in 0..<6 { frames.append(try camera.nextFrame().info) }
                let time = frames[5].timestamp - frames[2].timestamp
                return time.inSeconds / Double(frames[5].sequence - frames[2].sequence)
            }
            func reaches(_ wanted: Double) throws -> Bool {
                for _ in 0..<10 where abs(try interval() - wanted) < wanted * 0.2 { return true }
                return false
            }
            #expect(try reaches(1 / 15))
            try camera.set(.frameRateDelta, to: .number(15))
            #expect(try camera.description(of: .frameRateDelta)?.value == .number(15))
            #expect(try reaches(1 / 30))
            try camera.set(.frameRateDelta, to: .number(0))
            #expect(try reaches(1 / 15))
            #expect(camera.streams.first?.frameRate == 15)
        }

        @Test func zoomTakesAPartOfThePicture() throws {
            let path = try DeviceLab.vivid(0)
            try DeviceLab.reset(path)
            let camera = try V4L2Camera(path)
            defer {
                camera.stop()
                #expect(throws: Never.self) { try camera.setInput(0) }
                camera.close()
            }
            #expect(try camera.description(of: .zoom) == nil, "a webcam of vivid cannot be cropped")
            let input = try #require(try camera.inputs().first { $0.hasTimings })
            try camera.setInput(input.number)
            try camera.setControl("osd_text_mode", to: .text("None"))
            try camera.configure(SourceConfiguration(pixelFormat: .yuyv))
            try camera.start()
            #expect(try camera.description(of: .zoom)?.value == .region(.full))
            let width = try #require(camera.streams.first?.size.width)
            func bars(_ frame: Frame) -> Int {
                let row = frame.size.height / 2
                let values = stride(from: 4, to: width - 4, by: 4).map { Int(frame.samples($0, row)[0]) }
                return zip(values, values.dropFirst()).count { abs($0 - $1) > 6 }
            }
            let all = bars(try camera.nextFrame())
            #expect(all >= 7)
            let quarter = ZoomRegion(x: 0, y: 0, width: 0.25, height: 0.25)
            try camera.set(.zoom, to: .region(quarter))
            _ = try frame(of: camera, "not enlarged") { bars($0) < all / 2 }
            guard case .region(let region) = try camera.description(of: .zoom)?.value else {
                Issue.record("no zoom")
                return
            }
            #expect(abs(region.width - 0.25) < 0.02 && abs(region.height - 0.25) < 0.02 && region.x == 0)
            try camera.set(.zoom, to: .region(.full))
            _ = try frame(of: camera, "not the whole") { bars($0) == all }
        }

        @Test func settingsChangeDuringARecording() throws {
            let path = try DeviceLab.vivid(0)
            try DeviceLab.reset(path)
            let folder = try TemporaryFolder()
            let camera = try Camera(.device(path), resolution: Resolution(320, 180), frameRate: 15)
            defer { camera.close() }
            try camera.setBrightness(30)
            #expect(try camera.brightness == 30)
            try camera.startRecording(to: .path(folder.path("clip.nv12")))
            try camera.waitRecording(.milliseconds(500))
            try camera.setBrightness(70)
            try camera.waitRecording(.milliseconds(1500))
            try camera.stopRecording()
            let bytes = try Data(contentsOf: folder.file("clip.nv12"))
            let size = 320 * 180 * 3 / 2
            func mean(_ frame: Int) -> Int {
                let luma = bytes[frame * size..<frame * size + 320 * 180]
                return luma.reduce(0) { $0 + Int($1) } / luma.count
            }
            #expect(bytes.count % size == 0 && bytes.count >= 2 * size)
            #expect(mean(bytes.count / size - 1) > mean(0) + 40)
            camera.close()
            try DeviceLab.reset(path)
        }
    }
}
