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
                "controls", "--camera", path, "--set", "native:brightness=99", "--set", "menu=Menu Item 1")
            #expect(result.status == 0, "\(result.errors)")
            let told = try run("v4l2-ctl", ["-d", path, "-C", "brightness,menu"]).text
            #expect(told.contains("brightness: 99"))
            #expect(told.contains("menu: 1"))
            for wrong in ["brightness=101", "native:brightness=9999", "menu=nothing", "nonsense=1"] {
                let refused = try camera("controls", "--camera", path, "--set", wrong)
                #expect(refused.status != 0)
                #expect(refused.errors.split(separator: "\n").count == 1, "\(refused.errors)")
            }
            try DeviceLab.reset(path)
        }

        @Test func settingsAndControlsAreListedReadAndReset() throws {
            let path = try DeviceLab.vivid(0)
            try DeviceLab.reset(path)
            let listing = try camera("controls", "--camera", path).text
            #expect(listing.hasPrefix("settings:\n    brightness=50  0...100  default 50\n"), "\(listing)")
            #expect(listing.contains("\ncontrols:\n    native:brightness=128  integer 0...255  default 128\n"))
            #expect(listing.contains("\n    hue=0  integer -128...128  default 0\n"))
            #expect(listing.contains("  gain=") && listing.contains("inactive, volatile"))
            for line in try camera("controls", "--camera", path, "--json").text.split(separator: "\n") {
                #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
            }
            let set = try camera(
                "controls", "--camera", path, "--set", "brightness=60", "--set", "hue=5", "--set", "hflip=on", "--set",
                "u32_dynamic_array=10,20,30")
            #expect(set.text.hasPrefix("brightness=60  0...100"), "\(set.text) \(set.errors)")
            let read = try camera(
                "controls", "hue", "native:brightness", "hflip", "u32_dynamic_array", "--camera", path)
            #expect(
                read.text.split(separator: "\n").map { String($0.prefix { $0 != " " }) }
                    == ["hue=5", "native:brightness=153", "hflip=on", "u32_dynamic_array=10,20,30"], "\(read.text)")
            #expect(try camera("controls", "hue", "--reset", "--camera", path).text.hasPrefix("hue=0 "))
            #expect(try camera("controls", "brightness", "--camera", path).text.hasPrefix("brightness=60 "))
            #expect(try camera("controls", "--reset", "--camera", path).status == 0)
            let told = try run("v4l2-ctl", ["-d", path, "-C", "brightness,horizontal_flip"]).text
            #expect(told.contains("brightness: 128") && told.contains("horizontal_flip: 0"))
            let unknown = try camera("controls", "nonsense", "--camera", path)
            #expect(unknown.status == 64 && unknown.errors.contains("'camera controls' lists them"))
        }

        @Test func changesAreWatched() throws {
            let path = try DeviceLab.vivid(0)
            try DeviceLab.reset(path)
            let folder = try TemporaryFolder()
            try Data().write(to: folder.file("changes"))
            let tool = Process()
            tool.executableURL = Bundle.main.bundleURL.appendingPathComponent("camera")
            tool.arguments = ["controls", "native:brightness", "--watch", "--json", "--camera", path]
            tool.standardInput = FileHandle.nullDevice
            tool.standardOutput = try FileHandle(forWritingTo: folder.file("changes"))
            try tool.run()
            func lines() throws -> [Substring] {
                String(decoding: try Data(contentsOf: folder.file("changes")), as: UTF8.self).split(separator: "\n")
            }
            // The first of these may come before it watches.
            var value = 1
            #expect(
                try eventually {
                    value += 1
                    _ = try run("v4l2-ctl", ["-d", path, "-c", "brightness=\(value),hue=\(value)"])
                    return try !lines().isEmpty
                })
            struct Change: Decodable {
                struct Control: Decodable {
                    let name: String
                    let value: String
                }
                let changes: [String]
                let control: Control
            }
            let last = value
            #expect(try eventually { try lines().contains { $0.contains("\"value\":\"\(last)\"") } })
            tool.interrupt()
            tool.waitUntilExit()
            #expect(tool.terminationStatus == 130)
            let changes = try lines().map { try JSONDecoder().decode(Change.self, from: Data($0.utf8)) }
            #expect(changes.allSatisfy { $0.control.name == "brightness" && $0.changes == ["value"] })
            try DeviceLab.reset(path)
        }

        @Test func settingsHoldFromTheFirstFrameOn() throws {
            let folder = try TemporaryFolder()
            let path = try DeviceLab.vivid(0)
            try DeviceLab.reset(path)
            func mean(_ brightness: Int) throws -> Double {
                let name = "\(brightness).yuv420"
                let result = try camera(
                    "record", name, "--camera", path, "--size", "320x180", "--frames", "1", "--set",
                    "brightness=\(brightness)", in: folder)
                #expect(result.status == 0, "\(result.errors)")
                let luma = try Data(contentsOf: folder.file(name)).prefix(320 * 180)
                return luma.reduce(0) { $0 + Double($1) } / Double(luma.count)
            }
            let (dark, bright) = (try mean(20), try mean(80))
            #expect(bright > dark + 60)
            let refused = try camera(
                "record", "wrong.yuv420", "--camera", path, "--frames", "1", "--set", "brightness=101", in: folder)
            #expect(refused.status == 64 && refused.errors.contains("0 to 100"), "\(refused.errors)")
            #expect(!FileManager.default.fileExists(atPath: folder.path("wrong.yuv420")))
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
                "record", folder.path("clip.h264"), "--camera", path, "--size", "320x180", "--stats",
                folder.path("stats.json"),
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
