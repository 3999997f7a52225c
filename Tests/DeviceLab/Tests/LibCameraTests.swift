// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import TestSupport
import Testing

extension DeviceLab {
    /// libcamera with the kernel's virtual camera vimc, whose sizes are multiples of six.
    @Suite struct LibCameraTests {
        private static let size = Resolution(318, 240)

        static func open() throws -> LibCamera {
            try LibCamera(
                "Sensor B",
                configuration: LibCameraConfiguration(streams: [.init(.video, resolution: Self.size)]))
        }

        static func next(_ camera: LibCamera) throws -> Frame {
            guard case .frame(let frame) = try camera.next(timeout: V4L2Camera.patience) else {
                throw V4L2Camera.NoFrame()
            }
            return frame
        }

        private func tool(_ arguments: String..., in folder: TemporaryFolder? = nil) throws -> ProgramResult {
            try run(Bundle.main.bundleURL.appendingPathComponent("camera").path, arguments, in: folder?.url)
        }

        @Test func theCameraIsListedOnce() throws {
            let cameras = try LibCamera.available()
            let camera = try #require(cameras.first { $0.model == "Sensor B" })
            #expect(camera.id == "platform/vimc.0 Sensor B")
            #expect(!camera.isWebcam)
            #expect(!camera.nodes.isEmpty)
            #expect(camera.formats.map(\.pixelFormat).contains(.rgb24))
            let listing = try tool("list")
            #expect(listing.status == 0, "\(listing.errors)")
            #expect(listing.errors == "")
            let names = listing.text.split(separator: "\n").filter { !$0.hasPrefix(" ") }
            #expect(names.filter { $0.hasPrefix("libcamera:platform/vimc.0 Sensor B") }.count == 1)
            for node in camera.nodes { #expect(!names.contains { $0.hasPrefix("\(node) ") }, "\(node) is listed too") }
            // The others are there as before.
            let vivid = try DeviceLab.vivid(0)
            #expect(names.contains { $0.hasPrefix("\(vivid) ") })
        }

        @Test func framesFollowEachOtherWithoutCopies() throws {
            let camera = try Self.open()
            defer { camera.close() }
            #expect(camera.streams.map(\.format) == [.rgb24])
            #expect(camera.streams.map(\.size) == [Self.size])
            try camera.start()
            var last: FrameInfo?
            for _ in 0..<20 {
                let frame = try Self.next(camera)
                #expect(frame.isLoan)
                let buffer = try #require(frame.plane(0).dmaBuffer)
                #expect(buffer.descriptor >= 0)
                #expect(frame.packedByteCount == Self.size.pixelCount * 3)
                #expect(frame.plane(0).byteCount <= buffer.byteCount)
                // The monotonic clock.
                let now = Timestamp.now
                #expect((now - .seconds(10)...now).contains(frame.info.timestamp))
                if let last {
                    #expect(frame.info.sequence > last.sequence)
                    #expect(frame.info.request > last.request)
                    #expect(frame.info.timestamp > last.timestamp)
                }
                last = frame.info
            }
            #expect(camera.counts == SourceCounts())
        }

        @Test func framesStayValidAfterClose() throws {
            let camera = try Self.open()
            try camera.start()
            var kept: [(frame: Frame, bytes: [UInt8])] = []
            for _ in 0..<6 {
                let frame = try Self.next(camera)
                kept.append((frame, frame.packed))
            }
            #expect(kept.contains { $0.frame.isLoan && $0.frame.plane(0).dmaBuffer != nil })
            camera.close()
            let again = try Self.open()
            try again.start()
            _ = try Self.next(again)
            again.close()
            #expect(kept.allSatisfy { $0.frame.packed == $0.bytes })
        }

        @Test func videoIsRecordedSplitAndDecodes() throws {
            let folder = try TemporaryFolder()
            let camera = try Camera(.libcamera("Sensor B"), resolution: Self.size, stallLimit: V4L2Camera.patience)
            defer { camera.close() }
            try camera.startRecordings([
                RecordingRequest(to: .path(folder.path("a.h264")), splitterPort: 1),
                RecordingRequest(to: .path(folder.path("b.mjpeg")), splitterPort: 2),
            ])
            func written(_ port: Int) -> Int { camera.statistics.encoders[port]?.packetsWritten ?? 0 }
            #expect(eventually { written(1) >= 5 })
            try camera.capture(to: .path(folder.path("still.jpg")), splitterPort: 3)
            try camera.splitRecording(to: .path(folder.path("c.h264")), splitterPort: 1)
            let end = written(1) + 5
            #expect(eventually { written(1) >= end && written(2) >= 5 })
            for port in [1, 2] { try camera.stopRecording(splitterPort: port) }
            #expect(try run("identify", ["-format", "%m %wx%h", folder.path("still.jpg")]).text == "JPEG 318x240")
            func count(_ name: String) throws -> Int {
                let decoded = try run(
                    "ffmpeg",
                    [
                        "-v", "error", "-xerror", "-err_detect", "explode", "-i", folder.path(name), "-f", "framecrc",
                        "-",
                    ])
                #expect(decoded.status == 0 && decoded.errors == "", "\(name): \(decoded.errors)")
                return decoded.text.split(separator: "\n").filter { !$0.hasPrefix("#") }.count
            }
            let statistics = camera.statistics
            #expect(try count("a.h264") + count("c.h264") == statistics.encoders[1]?.packetsWritten)
            #expect(try count("b.mjpeg") == statistics.encoders[2]?.packetsWritten)
            for encoder in statistics.encoders.values {
                #expect(encoder.framesReceived == encoder.packetsWritten + encoder.framesDropped)
            }
        }

        // In a process of its own: Foundation ends the run loops in which tests before waited for programs.
        @Test func afterManyStartsAllIsAsBefore() throws {
            var environment = ProcessInfo.processInfo.environment
            environment[cyclesSwitch] = "1"
            let result = try run(
                CommandLine.arguments[0], ["--testing-library", "swift-testing", "--filter", "LibCameraCycles"],
                environment: environment)
            #expect(result.status == 0, "\(result.text)\(result.errors)")
            #expect(result.errors.contains("2 tests"))
        }

        @Test func controlsChangeThePicture() throws {
            let camera = try Self.open()
            defer { camera.close() }
            #expect(try camera.controls().map(\.name) == ["Brightness", "Contrast", "Saturation"])
            func mean(after brightness: Double) throws -> Double {
                try camera.setControl("Brightness", to: .number(brightness))
                // The requests that are with the camera already have the old value.
                for _ in 0..<10 { _ = try Self.next(camera) }
                let bytes = try Self.next(camera).packed
                return bytes.reduce(0) { $0 + Double($1) } / Double(bytes.count)
            }
            try camera.start()
            let (dark, bright) = (try mean(after: -0.8), try mean(after: 0.8))
            #expect(bright > dark + 40, "\(dark) and \(bright)")
            #expect(try camera.controls().first?.value == .number(0.8))
            // Also after a new start.
            camera.stop()
            try camera.start()
            for _ in 0..<10 { _ = try Self.next(camera) }
            let bytes = try Self.next(camera).packed
            let mean = Double(bytes.reduce(0) { $0 + Int($1) }) / Double(bytes.count)
            #expect(abs(mean - bright) < 10)
        }

        @Test func settingsHavePicamerasNames() throws {
            let camera = try Self.open()
            defer { camera.close() }
            #expect(try camera.settings().map(\.setting) == [.brightness, .contrast, .saturation])
            try camera.set(.brightness, to: .integer(75))
            try camera.set(.saturation, to: .integer(-100))
            #expect(try camera.description(of: .brightness)?.value == .integer(75))
            #expect(try camera.controls().first { $0.name == "Saturation" }?.value == .number(0))
            try camera.start()
            for _ in 0..<10 { _ = try Self.next(camera) }
            let error = #expect(throws: CameraError.self) { try camera.set(.hflip, to: .boolean(true)) }
            #expect(error?.code == .unsupported)
            #expect(error?.description.contains("brightness, contrast, saturation") ?? false, "\(error as Any)")
        }

        @Test func theToolRecordsAndSets() throws {
            let folder = try TemporaryFolder()
            let recorded = try tool(
                "record", "out.h264", "--camera", "libcamera", "--size", "318x240", "--frames", "5", "--set",
                "brightness=70", in: folder)
            #expect(recorded.status == 0, "\(recorded.errors)")
            let probe = [
                "-v", "error", "-count_frames", "-show_entries", "stream=width,height,nb_read_frames", "-of", "csv=p=0",
            ]
            #expect(try run("ffprobe", probe + [folder.path("out.h264")]).text == "318,240,5\n")
            let listing = try tool(
                "controls", "--camera", "libcamera:Sensor B", "--set", "brightness=60", "--set", "Contrast=1.5")
            #expect(listing.text.contains("brightness=60  0...100  default 50"), "\(listing.text)\(listing.errors)")
            #expect(listing.text.contains("Contrast=1.5"), "\(listing.text)")
            let refused = try tool("controls", "--camera", "libcamera", "--set", "iso=100")
            #expect(refused.status == 64)
            #expect(refused.errors.contains("brightness, contrast, saturation"), "\(refused.errors)")
        }

        /// libcamera 0.0.3 scales by whole numbers alone, and has multiples of six; newer ones take the size as it is.
        @Test func aSizeThatItHasNotIsRefusedWithTheNearest() throws {
            let size = Resolution(320, 240)
            let wanted = LibCameraConfiguration(streams: [.init(.video, resolution: size)])
            if let camera = try? LibCamera("Sensor B", configuration: wanted) {
                defer { camera.close() }
                try camera.start()
                #expect(try Self.next(camera).size == size)
                return
            }
            let error = #expect(throws: CameraError.self) { try Camera(.libcamera(nil), resolution: size) }
            #expect(error?.code == .unsupported)
            #expect(error?.description.contains("rgb24 at 318x240") ?? false, "\(error as Any)")
        }

        @Test func theProgramThatUsesTheCameraIsNamed() throws {
            let camera = try Self.open()
            defer { camera.close() }
            try camera.start()
            _ = try Self.next(camera)
            let own = #expect(throws: CameraError.self) { try Self.open() }
            #expect(own?.code == .busy)
            #expect(own?.description.contains("this program") ?? false, "\(own as Any)")
            let folder = try TemporaryFolder()
            let other = try tool("record", "clip.h264", "--camera", "libcamera", in: folder)
            #expect(other.status == 1)
            let process = ProcessInfo.processInfo.processIdentifier
            #expect(other.errors.contains("(process \(process)) uses it"), "\(other.errors)")
            // The one that has it goes on.
            for _ in 0..<10 { _ = try Self.next(camera) }
        }
    }
}
