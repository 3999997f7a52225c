// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import TestSupport
import Testing

/// What the program tells about itself and its cameras.
@Suite struct InventoryTests {
    @Test func namesItsPartsAndLicences() throws {
        let result = try Tool.run(["--version"], in: try TemporaryFolder())
        #expect(result.status == 0 && result.errors.isEmpty)
        for codec in Codecs.available {
            #expect(result.text.contains(codec.name) && result.text.contains(codec.license))
        }
    }

    @Test func explainsItself() throws {
        let result = try Tool.run(["--help"], in: try TemporaryFolder())
        #expect(result.status == 0)
        for verb in ["list", "doctor", "record", "still", "timelapse", "controls", "repair", "serve"] {
            #expect(result.text.contains(verb))
            let help = try Tool.run([verb, "--help"], in: try TemporaryFolder()).text
            let examples = try #require(help.split(separator: "\n\n").first { $0.hasPrefix("Examples:\n") }, "\(verb)")
            #expect(examples.split(separator: "\n").dropFirst().allSatisfy { $0.hasPrefix("  camera \(verb)") })
        }
        let options = try Tool.run(["record", "--help"], in: try TemporaryFolder()).text
        for option in [
            "camera", "raw-format", "raw-range", "size", "fps", "duration", "frames", "format", "bitrate", "quality",
            "vbv", "preset", "tune", "profile", "level", "keyframe-interval", "threads", "split", "circular", "after",
            "on-motion", "resize",
            "pace",
            "save-pts", "motion", "metadata", "stats", "sync", "json",
        ] {
            #expect(options.contains("--\(option)"))
        }
    }

    @Test func listsTheTestCamera() throws {
        let result = try Tool.run(["list", "--json"], in: try TemporaryFolder())
        #expect(result.status == 0)
        let cameras = try result.text.split(separator: "\n").map { line in
            try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        let test = try #require(cameras.last)
        #expect(test["camera"] as? String == "test")
        #expect(test["modes"] is [[String: Any]] && test["controls"] is [[String: Any]])
        #expect(try Tool.run(["list"], in: try TemporaryFolder()).text.contains("test"))
    }

    @Test func showsTheTestCamerasSettingsAndControls() throws {
        let folder = try TemporaryFolder()
        let result = try Tool.run(["controls", "--camera", "test"], in: folder)
        #expect(result.status == 0 && result.errors.isEmpty)
        for line in [
            "    brightness=50  0...100  default 50", "    exposure_speed=10000us  100us...10000000us  read-only",
            "    native:brightness=128  integer 0...255  default 128",
            "    exposure_time_absolute=100  integer 1...100000  default 100  inactive, volatile",
            "    auto_exposure=0  menu 0 (Auto Mode), 1 (Manual Mode)  default 0",
        ] {
            #expect(result.text.split(separator: "\n").contains { $0 == line }, "\(line) in \(result.text)")
        }
        // Controls last as long as the camera is open: the next program finds the defaults.
        let changed = try Tool.run(
            ["controls", "--camera", "test", "--set", "brightness=70", "--set", "iso=200", "--json"], in: folder)
        #expect(changed.text.split(separator: "\n").count == 2)
        #expect(changed.text.contains(#""value":"70""#) && changed.text.contains(#""value":"200""#), "\(changed.text)")
        #expect(try Tool.run(["controls", "--camera", "test"], in: folder).text == result.text)
        let reset = try Tool.run(
            ["controls", "--camera", "test", "--reset", "--set", "exposure_mode=off", "--set", "native:gain=200"],
            in: folder)
        #expect(reset.status == 0 && reset.text.contains("gain=200"), "\(reset.errors)")
    }
}
