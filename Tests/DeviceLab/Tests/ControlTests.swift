// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import TestSupport
import Testing

extension DeviceLab {
    /// Controls and picamera's settings of the kernel's test driver.
    @Suite struct ControlTests {
        /// What would take the device away, or break its next run; V4L2FaultTests uses them.
        private static let harmful: Set<String> = [
            "disconnect", "inject_v4l2_buf_flag_error", "inject_vidioc_reqbufs_error", "inject_vidioc_qbuf_error",
            "inject_vidioc_streamon_error", "inject_fatal_streaming_error", "inject_req_validate_error",
            "inject_req_queue_error",
        ]

        /// Values from all over what a control takes.
        private static func samples(_ kind: CameraControl.Kind) -> [ControlValue] {
            switch kind {
            case .integer(let range, let step):
                let middle = range.lowerBound / 2 + range.upperBound / 2
                return [range.lowerBound, range.upperBound, middle, range.lowerBound + step].map(ControlValue.integer)
            case .boolean: return [.integer(1), .integer(0), .integer(1)]
            case .menu(let items): return items.map { .integer($0.number) }
            case .bitmask(let mask):
                return [UInt32(0), mask].map { .integer(Int64($0)) }
                    + (0..<32).map { UInt32(1) << $0 }.filter { $0 & mask != 0 }.map { .integer(Int64($0)) }
            case .text(let lengths):
                return [lengths.lowerBound, lengths.upperBound].map { .text(String(repeating: "x", count: $0)) }
            case .array(let range, _, let dimensions):
                return arrays(range, count: dimensions.reduce(1, *))
            case .list(let range, _, let limit): return arrays(range, count: 1) + arrays(range, count: limit)
            case .button, .number, .other: return []
            }
        }

        private static func arrays(_ range: ClosedRange<Int64>, count: Int) -> [ControlValue] {
            let span = range.upperBound - range.lowerBound + 1
            let ramp = (0..<count).map { ControlValue.integer(range.lowerBound + Int64($0) % span) }
            return [
                .array(ramp), .array(Array(repeating: .integer(range.lowerBound), count: count)),
                .array(Array(repeating: .integer(range.upperBound), count: count)),
            ]
        }

        @Test func everyControlRoundTrips() throws {
            let path = try DeviceLab.vivid(0)
            try DeviceLab.reset(path)
            let camera = try V4L2Camera(path)
            defer { camera.close() }
            // Its gain would be what the automatic finds.
            try camera.setControl("gain_automatic", to: .text("off"))
            func present(_ name: String) throws -> CameraControl {
                try #require(try camera.controls().first { $0.name == name })
            }
            var kinds: Set<String> = []
            var count = 0
            for control in try camera.controls() where control.isWritable && !Self.harmful.contains(control.name) {
                kinds.insert(String("\(control.kind)".prefix { $0 != "(" }))
                let before = try present(control.name).value
                for value in Self.samples(control.kind) {
                    try camera.setControl(control.name, to: value)
                    #expect(try present(control.name).value == value, "\(control.name)")
                    count += 1
                }
                if case .menu(let items) = control.kind {
                    for item in items {
                        try camera.setControl(control.name, to: .text(item.name))
                        // Names may be there twice, as those of timings are.
                        let number =
                            items.first { "\($0.number)" == item.name }?.number
                            ?? items.first {
                                $0.name.lowercased() == item.name.lowercased()
                            }?.number
                        #expect(try present(control.name).value == number.map(ControlValue.integer))
                    }
                }
                if control.kind == .button { try camera.setControl(control.name, to: .integer(1)) }
                if let before { try camera.setControl(control.name, to: before) }
                #expect(try present(control.name).value == before, "\(control.name)")
                // What the driver starts with can be set again.
                if let first = control.defaultValue {
                    try camera.setControl(control.name, to: first)
                    #expect(try present(control.name).value == first, "\(control.name)")
                }
            }
            #expect(kinds == ["integer", "boolean", "menu", "bitmask", "text", "array", "list", "button"])
            #expect(count > 300)
            try DeviceLab.reset(path)
        }

        @Test func arraysAreThoseThatV4L2ctlReads() throws {
            let path = try DeviceLab.vivid(0)
            let camera = try V4L2Camera(path)
            defer { camera.close() }
            for (name, value, told) in [
                ("u8_2x3x4x5_array", (0..<120).map { "\(16 + $0 % 17)" }.joined(separator: ","), nil),
                ("u32_1_element_array", "4660", "4660"), ("area", "640,480", "640x480"),
                ("u32_dynamic_array", "10,90,50", nil),
            ] as [(String, String, String?)] {
                try camera.setControl(name, to: .text(value))
                let text = try run("v4l2-ctl", ["-d", path, "-C", name]).text
                let numbers = text.split { !$0.isNumber }.map(String.init)
                if let told {
                    #expect(text.contains(told), "\(text)")
                } else {
                    let wanted = value.split(separator: ",").map(String.init)
                    #expect(numbers.suffix(wanted.count) == wanted[...], "\(text)")
                }
            }
            try DeviceLab.reset(path)
        }

        /// The changes are made by another program; the events come by the driver.
        @Test(arguments: [false, true]) func changesByOthersAreTold(isRunning: Bool) throws {
            let camera = try DeviceLab.start()
            defer { camera.close() }
            if !isRunning { camera.stop() }
            let watch = try camera.watchControls()
            for (name, value, wanted) in [
                ("brightness", "77", ControlValue.integer(77)), ("menu", "4", .integer(4)),
                ("string", "abc", .text("abc")),
                ("integer_64_bits", "-5000000000", .integer(-5_000_000_000)),
                ("bitmask", "8208", .integer(8208)), ("horizontal_flip", "1", .integer(1)),
            ] {
                try #expect(run("v4l2-ctl", ["-d", camera.name, "-c", "\(name)=\(value)"]).errors == "")
                if isRunning { _ = try camera.nextFrame() }
                let change = try #require(try watch.next(timeout: V4L2Camera.patience), "\(name)")
                #expect(change.control.name == name && change.control.value == wanted)
                #expect(change.changes.contains(.value))
            }
            // An automatic that is switched off frees what it ruled.
            try #expect(run("v4l2-ctl", ["-d", camera.name, "-c", "gain_automatic=0"]).errors == "")
            var told: [ControlChange] = []
            while told.count < 2, let change = try watch.next(timeout: V4L2Camera.patience) { told.append(change) }
            let gain = try #require(told.first { $0.control.name == "gain" })
            #expect(gain.changes.contains(.traits) && !gain.control.traits.contains(.inactive))
            #expect(told.contains { $0.control.name == "gain_automatic" && $0.control.value == .integer(0) })
            #expect(try watch.next(timeout: .zero) == nil)
            camera.close()
            #expect(try watch.next(timeout: nil) == nil)
            try DeviceLab.reset(camera.name)
        }

        // MARK: Settings

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
                try? camera.setInput(0)
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
            try camera.startRecording(to: folder.path("clip.nv12"))
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
            try DeviceLab.reset(path)
        }
    }
}
