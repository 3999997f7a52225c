// SPDX-License-Identifier: MIT

import CameraCore
import CameraDevices
import Foundation
import TestSupport
import Testing

extension DeviceLab {
    /// Cameras that are unplugged and come back.
    @Suite struct ReplugTests {
        /// The tool at work, with what it says.
        private final class Tool {
            let process = Process()
            private let errors: URL
            private let output: URL

            init(_ arguments: [String], in folder: TemporaryFolder) throws {
                errors = folder.file("errors")
                output = folder.file("output")
                for url in [errors, output] { try Data().write(to: url) }
                process.executableURL = Bundle.main.bundleURL.appendingPathComponent("camera")
                process.arguments = arguments
                process.currentDirectoryURL = folder.url
                process.standardInput = FileHandle.nullDevice
                process.standardError = try FileHandle(forWritingTo: errors)
                process.standardOutput = try FileHandle(forWritingTo: output)
                try process.run()
            }

            var told: String { (try? String(contentsOf: errors, encoding: .utf8)) ?? "" }
            var printed: Data { (try? Data(contentsOf: output)) ?? Data() }
        }

        private struct Summary: Decodable {
            struct File: Decodable {
                let path: String
                let frames: Int
            }
            struct Interruption: Decodable {
                let frames: Int
                let seconds: Double
            }
            let camera: String
            let files: [File]
            let interruptions: [Interruption]
            let statistics: Statistics
        }

        private func clips(_ folder: TemporaryFolder) throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: folder.url.path).filter { $0.hasPrefix("clip") }
                .sorted()
        }

        @Test func aRecordingGoesOnInTheNextFile() throws {
            let folder = try TemporaryFolder()
            let path = try DeviceLab.vivid(0)
            // Who has the old node open keeps its number, so that the camera comes back under another one.
            let holder = try V4L2Camera(path)
            let tool = try Tool(
                ["record", "clip-{counter:02d}.h264", "--camera", path, "--size", "320x180", "--fps", "10"]
                    + ["--split", "20frames", "--frames", "70", "--on-disconnect", "wait", "--json"]
                    + ["--save-pts", "times-{counter:02d}.txt", "--stats", "stats.json"],
                in: folder)
            defer { if tool.process.isRunning { kill(tool.process.processIdentifier, SIGKILL) } }
            #expect(eventually { (try? clips(folder).contains("clip-02.h264")) == true })
            try DeviceLab.plugVivids(false)
            #expect(eventually { tool.told.contains("Waiting for it to return") }, "\(tool.told)")
            let before = try clips(folder)
            try DeviceLab.plugVivids(true)
            tool.process.waitUntilExit()
            holder.close()
            #expect(tool.process.terminationStatus == 0, "\(tool.told)")
            #expect(tool.told.contains("unplugged"))

            let summary = try JSONDecoder().decode(Summary.self, from: tool.printed)
            #expect(summary.camera != path)
            #expect(summary.interruptions.count == 1)
            #expect(summary.statistics.source.interruptions == 1)
            let encoder = try #require(summary.statistics.encoders[1])
            #expect(encoder.packetsWritten + encoder.framesDropped + encoder.packetsDropped == 70)
            #expect(summary.files.map(\.path) == (try clips(folder)))
            #expect(try clips(folder).count > before.count)
            #expect(try clips(folder) == (1...summary.files.count).map { String(format: "clip-%02d.h264", $0) })
            // Each file is whole, and has as many pictures as times.
            for (index, file) in summary.files.enumerated() {
                let decoded = try run(
                    "ffmpeg",
                    ["-v", "error", "-xerror", "-err_detect", "explode", "-i", folder.path(file.path)]
                        + ["-f", "framecrc", "-"])
                #expect(decoded.status == 0 && decoded.errors == "", "\(file.path)")
                let frames = decoded.text.split(separator: "\n").filter { !$0.hasPrefix("#") }.count
                #expect(frames == file.frames)
                let times = try String(
                    contentsOf: folder.file(String(format: "times-%02d.txt", index + 1)), encoding: .utf8)
                #expect(times.split(separator: "\n").dropFirst().count == frames)
            }
            #expect(summary.files.map(\.frames).reduce(0, +) == encoder.packetsWritten)
        }

        @Test func aSignalEndsTheWait() throws {
            let folder = try TemporaryFolder()
            let tool = try Tool(
                ["record", "clip-{counter}.mjpeg", "--camera", try DeviceLab.vivid(0), "--size", "320x180"]
                    + ["--fps", "10", "--on-disconnect", "wait"],
                in: folder)
            defer { if tool.process.isRunning { kill(tool.process.processIdentifier, SIGKILL) } }
            let file = folder.path("clip-1.mjpeg")
            #expect(
                eventually {
                    (try? FileManager.default.attributesOfItem(atPath: file)[.size] as? Int) ?? 0 > 0
                })
            try DeviceLab.plugVivids(false)
            defer { try? DeviceLab.plugVivids(true) }
            #expect(eventually { tool.told.contains("Waiting for it to return") }, "\(tool.told)")
            kill(tool.process.processIdentifier, SIGINT)
            tool.process.waitUntilExit()
            #expect(tool.process.terminationStatus == 130, "\(tool.told)")
            #expect(try clips(folder) == ["clip-1.mjpeg"])
        }

        @Test func theLibraryFindsTheCameraThatIsBack() throws {
            let camera = try DeviceLab.start(1)
            _ = try camera.nextFrame()
            let watch = try DeviceWatch(for: camera.identity)
            let start = Timestamp.now
            try DeviceLab.plugVivids(false)
            let error = try #require(throws: CameraError.self) {
                while true { _ = try camera.next(timeout: nil) }
            }
            print("unplugging was noticed after \(Timestamp.now - start), the driver's own work included")
            #expect(error.code == .deviceLost)
            camera.close()
            #expect(throws: CameraError.self) { try watch.wait(timeout: .zero) }
            try DeviceLab.plugVivids(true)
            let path = try #require(try watch.wait(timeout: V4L2Camera.patience))
            let back = try V4L2Camera(path, configuration: SourceConfiguration(resolution: Resolution(320, 180)))
            defer { back.close() }
            #expect(back.identity == camera.identity)
            try back.start()
            _ = try back.nextFrame()
        }
    }
}
