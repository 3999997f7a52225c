// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import TestSupport
import Testing

extension DeviceLab {
    /// Controls of the kernel's test driver, and their changes.
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
                let single = (0..<32).map { UInt32(1) << UInt32($0) }.filter { $0 & mask != 0 }
                return ([0, mask] + single).map { ControlValue.integer(Int64($0)) }
            case .text(let lengths):
                return [lengths.lowerBound, lengths.upperBound].map { .text(String(repeating: "x", count: $0)) }
            case .array(let range, _, let dimensions):
                return arrays(range, count: dimensions.reduce(1, *))
            case .list(let range, _, let limit): return arrays(range, count: 1) + arrays(range, count: limit)
            case .button, .number, .numbers, .other: return []
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
                // What the driver starts with can be set again.
                if let first = control.defaultValue {
                    try camera.setControl(control.name, to: first)
                    #expect(try present(control.name).value == first, "\(control.name)")
                }
                if let before { try camera.setControl(control.name, to: before) }
                #expect(try present(control.name).value == before, "\(control.name)")
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
                // Each line begins with its place in the array. Of a dynamic array v4l2-ctl shows what lies behind it too.
                let numbers = text.split(separator: "\n").flatMap { line in
                    line.drop { $0 != ":" }.split { !$0.isNumber }.map(String.init)
                }
                if let told {
                    #expect(text.contains(told), "\(text)")
                } else {
                    let wanted = value.split(separator: ",").map(String.init)
                    #expect(numbers.prefix(wanted.count) == wanted[...], "\(text)")
                }
            }
            try DeviceLab.reset(path)
        }

        /// The next change of one of these; while vivid runs, it counts frames in a control of its own.
        private func nextChange(of names: Set<String>, _ watch: any ControlWatch) throws -> ControlChange? {
            while let change = try watch.next(timeout: V4L2Camera.patience) {
                if names.contains(change.control.name) { return change }
            }
            return nil
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
                let change = try #require(try nextChange(of: [name], watch), "\(name)")
                #expect(change.control.value == wanted)
                #expect(change.changes.contains(.value))
            }
            // An automatic that is switched off frees what it ruled.
            try #expect(run("v4l2-ctl", ["-d", camera.name, "-c", "gain_automatic=0"]).errors == "")
            var told: [ControlChange] = []
            while told.count < 2, let change = try nextChange(of: ["gain", "gain_automatic"], watch) {
                told.append(change)
            }
            let gain = try #require(told.first { $0.control.name == "gain" })
            #expect(gain.changes.contains(.traits) && !gain.control.traits.contains(.inactive))
            #expect(told.contains { $0.control.name == "gain_automatic" && $0.control.value == .integer(0) })
            camera.close()
            #expect(try watch.next(timeout: nil) == nil)
            try DeviceLab.reset(camera.name)
        }
    }
}
