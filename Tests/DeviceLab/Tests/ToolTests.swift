// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import TestSupport
import Testing

extension DeviceLab {
    /// The `camera` tool on real drivers.
    @Suite struct ToolTests {
        private func camera(_ arguments: String..., in folder: TemporaryFolder? = nil) throws -> ProgramResult {
            try run(Bundle.main.bundleURL.appendingPathComponent("camera").path, arguments, in: folder?.url)
        }

        @Test func listShowsTheCamerasAndTheirModes() throws {
            let path = try DeviceLab.vivid(0)
            let listing = try camera("list")
            #expect(listing.status == 0)
            #expect(listing.text.contains(path))
            #expect(listing.text.contains("vivid"))
            #expect(listing.text.contains("640x480"))
            let lines = try camera("list", "--json").text.split(separator: "\n")
            for line in lines {
                #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
            }
            #expect(lines.contains { $0.contains(path) })
        }

        @Test func controlsAreSetByNumberAndByName() throws {
            let path = try DeviceLab.vivid(0)
            try DeviceLab.reset(path)
            let result = try camera(
                "controls", "--camera", path, "--set", "brightness=99", "--set", "menu=Menu Item 1")
            #expect(result.status == 0, "\(result.errors)")
            let told = try run("v4l2-ctl", ["-d", path, "-C", "brightness,menu"]).text
            #expect(told.contains("brightness: 99"))
            #expect(told.contains("menu: 1"))
            for wrong in ["brightness=9999", "menu=nothing", "nonsense=1"] {
                let refused = try camera("controls", "--camera", path, "--set", wrong)
                #expect(refused.status != 0)
                #expect(refused.errors.split(separator: "\n").count == 1, "\(refused.errors)")
            }
            try DeviceLab.reset(path)
        }

        @Test func stillsComeFromTheCamera() throws {
            let folder = try TemporaryFolder()
            let path = try DeviceLab.vivid(0)
            let result = try camera("still", "still.jpg", "--camera", path, "--size", "640x480", in: folder)
            #expect(result.status == 0, "\(result.errors)")
            #expect(try run("identify", ["-format", "%m %wx%h", folder.path("still.jpg")]).text == "JPEG 640x480")
        }

        /// The camera is unplugged in the middle: the file is finished, the exit says so.
        @Test func unpluggedCameraFinishesTheFile() throws {
            let folder = try TemporaryFolder()
            let path = try DeviceLab.vivid(2)
            let tool = Process()
            tool.executableURL = Bundle.main.bundleURL.appendingPathComponent("camera")
            tool.arguments = [
                "record", folder.path("clip.h264"), "--camera", path, "--stats", folder.path("stats.json"),
            ]
            tool.standardInput = FileHandle.nullDevice
            let errors = Pipe()
            tool.standardError = errors
            try tool.run()
            #expect(
                eventually {
                    let size =
                        try? FileManager.default.attributesOfItem(atPath: folder.path("clip.h264"))[.size] as? Int
                    return size ?? 0 > 20_000
                })
            #expect(try run("v4l2-ctl", ["-d", path, "-c", "disconnect=1"]).errors == "")
            tool.waitUntilExit()
            #expect(tool.terminationStatus == 1)
            let told = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
            #expect(told.contains(path), "\(told)")
            let decoded = try run(
                "ffmpeg",
                [
                    "-v", "error", "-xerror", "-err_detect", "explode", "-i", folder.path("clip.h264"), "-f",
                    "framecrc", "-",
                ])
            #expect(decoded.status == 0 && decoded.errors == "")
            struct Counts: Decodable {
                let encoders: [String: EncoderStatistics]
            }
            let counts = try JSONDecoder().decode(Counts.self, from: Data(contentsOf: folder.file("stats.json")))
            let frames = decoded.text.split(separator: "\n").filter { !$0.hasPrefix("#") }.count
            #expect(counts.encoders["1"]?.packetsWritten == frames)
        }
    }
}
