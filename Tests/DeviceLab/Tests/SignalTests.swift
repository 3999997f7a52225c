// SPDX-License-Identifier: MIT

import CameraCore
import CameraDevices
import TestSupport
import Testing

extension DeviceLab {
    /// Inputs of vivid that are no webcam: their signals go, come back and change.
    @Suite struct SignalTests {
        /// vivid at another input than its webcam; at the end it is a webcam again.
        private func withInput(_ name: String, _ body: (V4L2Camera) throws -> Void) throws {
            let path = try DeviceLab.vivid(1)
            try DeviceLab.reset(path)
            let camera = try V4L2Camera(path)
            defer {
                camera.stop()
                #expect(throws: Never.self) { try camera.setInput(0) }
                camera.close()
                try? DeviceLab.reset(path)
            }
            let input = try #require(try camera.inputs().first { $0.name.hasPrefix(name) })
            try camera.setInput(input.number)
            try camera.configure(SourceConfiguration(resolution: Resolution(320, 180)))
            try body(camera)
        }

        /// What comes next besides frames.
        private func news(_ camera: V4L2Camera) throws -> String {
            for _ in 0..<300 {
                switch try camera.next(timeout: V4L2Camera.patience) {
                case .frame, .damaged: continue
                case .signalLost: return "lost"
                case .signalRegained: return "regained"
                case .timedOut, .interrupted, .ended: throw V4L2Camera.NoFrame()
                }
            }
            return "nothing"
        }

        @Test func theInputsAreThoseOfV4L2ctl() throws {
            let path = try DeviceLab.vivid(1)
            let camera = try V4L2Camera(path)
            defer { camera.close() }
            let listed = try run("v4l2-ctl", ["-d", path, "--list-inputs"]).text
            let names = listed.split(separator: "\n").filter { $0.contains("Name ") }.compactMap {
                $0.split(separator: ":").last?.drop { $0 == " " }
            }
            #expect(try camera.inputs().map(\.name) == names.map(String.init))
            #expect(names.count == 4)
        }

        @Test(arguments: [
            ("HDMI", "dv_timings_signal_mode", "dv_timings", 5), ("S-Video", "standard_signal_mode", "standard", 0),
        ]) func aSignalGoesComesBackAndChanges(input: String, mode: String, choice: String, other: Int64) throws {
            try withInput(input) { camera in
                if let pal = try camera.standards().first(where: { $0.name == "PAL" }) { try camera.setStandard(pal) }
                try camera.start()
                _ = try camera.nextFrame()
                for _ in 0..<2 {
                    try camera.setControl(mode, to: .text("No Signal"))
                    #expect(try news(camera) == "lost")
                    #expect(try camera.input()?.hasSignal == false)
                    // vivid goes on with noise, and so do the frames.
                    _ = try camera.nextFrame()
                    try camera.setControl(mode, to: .integer(0))
                    #expect(try news(camera) == "regained")
                }
                // A signal of another kind: 720p at 24, or NTSC.
                try camera.setControl(choice, to: .integer(other))
                try camera.setControl(mode, to: .integer(4))
                let error = try #require(throws: CameraError.self) { _ = try news(camera) }
                #expect(error.code == .device)
                #expect(error.description.contains("signal"))
                camera.stop()
                // The next configuration adopts it.
                try camera.configure(SourceConfiguration())
                if input == "HDMI" {
                    #expect(try camera.timings() == camera.detectTimings())
                    #expect(try camera.timings()?.size == .hd720p)
                    #expect(try camera.timings()?.frameRate?.framesPerSecond.rounded() == 24)
                } else {
                    #expect(try camera.standard().contains { $0.name.hasPrefix("NTSC") })
                }
                try camera.start()
                _ = try camera.nextFrame()
            }
        }

        @Test func aPartOfTheSignalIsTaken() throws {
            try withInput("HDMI") { camera in
                let crop = try #require(try camera.crop())
                #expect(crop.region == crop.defaultRegion)
                let size = try #require(try camera.timings()).size
                #expect(crop.bounds.size == size)
                try camera.setControl("osd_text_mode", to: .text("None"))
                try camera.start()
                // The left quarter of the colour bars: white and yellow alone.
                let made = try camera.setCrop(
                    PixelRegion(x: 0, y: 0, size: Resolution(size.width / 4, size.height / 4)))
                #expect(try camera.crop()?.region == made)
                // A frame that was under way may still show all.
                for _ in 0..<10 { _ = try camera.nextFrame() }
                let frame = try camera.nextFrame()
                #expect(frame.size == Resolution(320, 180))
                let right = frame.samples(300, 90)
                let left = frame.samples(20, 90)
                #expect(left != right)
                // Yellow has a luma well above that of the eighth bar, which is black.
                #expect(right[0] > 120, "\(left) \(right)")
                try camera.setCrop(crop.defaultRegion)
            }
        }
    }
}
