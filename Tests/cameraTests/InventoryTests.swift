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

    @Test func showsThatTheTestCameraHasNoControls() throws {
        let result = try Tool.run(["controls", "--camera", "test"], in: try TemporaryFolder())
        #expect(result.status == 0 && result.output.isEmpty && result.errors.isEmpty)
    }
}
