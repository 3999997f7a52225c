// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// `camera still` and `camera timelapse`.
@Suite struct PictureTests {
    @Test func takesAStill() throws {
        let folder = try TemporaryFolder()
        let result = try Tool.run(
            ["still", "out.jpg", "--camera", "test", "--size", "320x240", "--resize", "160x120"], in: folder)
        #expect(result.status == 0 && result.errors.isEmpty)
        let identified = try run("identify", ["-format", "%m %wx%h", folder.path("out.jpg")])
        #expect(identified.text == "JPEG 160x120")
    }

    /// The sensor's own picture; nothing can be done to it.
    @Test func takesANegative() throws {
        let folder = try TemporaryFolder()
        let arguments = ["still", "raw.dng", "--raw-format", "rggb8"] + Tool.fastCamera
        let result = try Tool.run(arguments, in: folder)
        #expect(result.status == 0, "\(result.errors)")
        let identified = try run("exiftool", ["-s3", "-FileType", "-ImageSize", folder.path("raw.dng")])
        #expect(identified.text == "DNG\n64x48\n")
        for (options, words) in [(["--resize", "32x24"], "leave size"), (["--raw-format", "nv12"], "format rggb8")] {
            let refused = try Tool.run(arguments + options, in: folder)
            #expect(refused.status == 1 && refused.errors.contains(words), "\(refused.errors)")
        }
    }

    @Test func writesAStillToStandardOutput() throws {
        let folder = try TemporaryFolder()
        let result = try Tool.run(["still", "-", "--format", "rgb24"] + Tool.fastCamera, in: folder)
        #expect(result.status == 0)
        #expect(result.output.count == 64 * 48 * 3)
    }

    @Test func takesAFilesPicturesAtTheirTimes() throws {
        let folder = try TemporaryFolder()
        try folder.writeGreys("in.y4m", count: 23, rate: 5)
        let result = try Tool.run(
            ["timelapse", "{counter:02d}.jpg", "--interval", "1s", "--camera", "in.y4m", "--pace", "none", "--json"],
            in: folder)
        #expect(result.status == 0 && result.errors.isEmpty)
        #expect(folder.names == ["01.jpg", "02.jpg", "03.jpg", "04.jpg", "05.jpg", "in.y4m"])
        for shot in 0..<5 {
            let luma = try #require(try lumas(of: folder.path("0\(shot + 1).jpg"))?.first)
            #expect(abs(luma - (16 + 10 * shot)) <= 2, "shot \(shot): \(luma)")
        }
        #expect(result.text.split(separator: "\n").count == 5)
    }

    @Test func takesALiveCamerasPicturesAtTheirTimes() throws {
        let folder = try TemporaryFolder()
        let result = try Tool.run(
            [
                "timelapse", "{counter}.jpg", "--interval", "200ms", "--count", "3", "--camera", "test", "--size",
                "64x48", "--json",
            ], in: folder)
        #expect(result.status == 0)
        #expect(folder.names == ["1.jpg", "2.jpg", "3.jpg"])
        let shots = try result.text.split(separator: "\n").map { line in
            try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        for shot in shots {
            let number = try #require(shot["shot"] as? Int)
            let time = try #require(shot["time"] as? Double)
            // A busy machine may be late, and then leaves shots out, but none comes early.
            #expect(time >= 0.2 * Double(number) - 1e-6)
        }
    }
}
