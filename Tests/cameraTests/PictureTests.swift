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
        let bytes = try Data(contentsOf: folder.file("out.jpg")).count
        #expect(result.status == 0)
        // Sizes of some kilobytes have one figure behind the point.
        let tenths = (bytes + 50) / 100
        #expect(result.errors == "camera: out.jpg: 160x120, \(tenths / 10).\(tenths % 10) kB\n")
        let identified = try run("identify", ["-format", "%m %wx%h", folder.path("out.jpg")])
        #expect(identified.text == "JPEG 160x120")
    }

    /// ImageMagick's mean of the first picture, as a share of white, with settings.
    private func brightness(_ settings: [String], in folder: TemporaryFolder) throws -> Double {
        let result = try Tool.run(
            [
                "still", "--quiet", "--counter", "1", "{counter}.bmp", "--camera", "test", "--size", "320x240",
                "--pace", "none",
            ]
                + settings.flatMap { ["--set", $0] }, in: folder)
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        let mean = try run("identify", ["-format", "%[fx:mean]", folder.path("1.bmp")])
        return try #require(Double(mean.text))
    }

    @Test func settingsOfTheTestCameraAreSeen() throws {
        let folder = try TemporaryFolder()
        let plain = try brightness([], in: folder)
        #expect(try brightness(["brightness=70"], in: folder) > plain + 0.2)
        #expect(try brightness(["native:brightness=179"], in: folder) == brightness(["brightness=70"], in: folder))
        #expect(try brightness(["brightness=30"], in: folder) < plain - 0.2)
        // An automatic makes up for the half of the time; when both are fixed, half of the light is left.
        #expect(try brightness(["shutter_speed=5ms"], in: folder) == plain)
        let half = try brightness(["shutter_speed=5ms", "iso=100"], in: folder)
        #expect(abs(half - plain / 2) < 0.01, "\(half) of \(plain)")
    }

    #if Pictures
    @Test func tagsTellWhatTheTestCameraExposed() throws {
        let folder = try TemporaryFolder()
        let camera = ["--camera", "test", "--set", "shutter_speed=2500us"]
        #expect(try Tool.run(["still", "out.jpg", "--size", "64x48"] + camera, in: folder).status == 0)
        let tags = try run("exiftool", ["-n", "-s3", "-ExposureTime", "-ISO", folder.path("out.jpg")])
        #expect(tags.text == "0.0025\n400\n")
    }
    #endif

    /// A file whose number is the largest there is belongs to no series, and is left alone.
    @Test(arguments: [["still"], ["timelapse", "--interval", "10ms", "--count", "2"]])
    func countsBesideTheLargestNumber(command: [String]) throws {
        let folder = try TemporaryFolder()
        let largest = "l-\(Int.max).jpg"
        try Data("mine".utf8).write(to: folder.file(largest))
        let result = try Tool.run([command[0], "l-{counter}.jpg"] + command.dropFirst() + Tool.fastCamera, in: folder)
        #expect(result.status == 0, "\(result.errors)")
        #expect(folder.names == (command.count == 1 ? ["l-1.jpg", largest] : ["l-1.jpg", "l-2.jpg", largest]))
        #expect(try Data(contentsOf: folder.file(largest)) == Data("mine".utf8))
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

    @Test(arguments: ["bmp", "png", "gif"]) func takesAStillOfEveryFormat(format: String) throws {
        let folder = try TemporaryFolder()
        let result = try Tool.run(["still", "out.\(format)"] + Tool.fastCamera, in: folder)
        #if !Pictures
        if format != "bmp" {
            #expect(result.status == 64 && result.errors.contains("Pictures") && folder.names.isEmpty)
            return
        }
        #endif
        #expect(result.status == 0 && result.errors.troubles.isEmpty, "\(result.errors)")
        let identified = try run("identify", ["-format", "%m %wx%h", folder.path("out.\(format)")])
        #expect(identified.text.contains(format.uppercased()) && identified.text.hasSuffix(" 64x48"))
    }

    #if Pictures
    @Test func writesTagsAndThumbnails() throws {
        let folder = try TemporaryFolder()
        let camera = ["--camera", "test", "--size", "320x240", "--pace", "none"]
        let result = try Tool.run(
            [
                "still", "out.jpg", "--exif", "IFD0.Artist=Me = you!", "--exif", "GPS.GPSLatitude=-33.5", "--exif",
                "EXIF.FNumber=28/10", "--thumbnail", "80x60", "--restart", "2", "--quality", "60",
            ] + camera, in: folder)
        #expect(result.status == 0 && result.errors.troubles.isEmpty, "\(result.errors)")
        func tag(_ name: String, _ file: String = "out.jpg") throws -> String {
            try run("exiftool", ["-n", "-b", "-\(name)", folder.path(file)]).text
        }
        #expect(try tag("Artist") == "Me = you!")
        #expect(try tag("Composite:GPSLatitude") == "-33.5")
        #expect(try tag("FNumber") == "2.8")
        #expect(try tag("Model") == "test")
        let small = try run("exiftool", ["-b", "-ThumbnailImage", folder.path("out.jpg")]).output
        #expect(try run("identify", ["-format", "%wx%h", "-"], input: small).text == "80x60")
        #expect(try Data(contentsOf: folder.file("out.jpg")).range(of: Data([0xFF, 0xDD, 0, 4])) != nil)
        let lapse = try Tool.run(
            ["timelapse", "{counter}.jpg", "--interval", "1s", "--count", "2", "--thumbnail", "none"] + camera,
            in: folder)
        #expect(lapse.status == 0)
        #expect(try tag("ThumbnailImage", "2.jpg").isEmpty)
        #expect(try !tag("SubSecDateTimeOriginal", "2.jpg").isEmpty)
    }
    #endif

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

    /// The last line has the totals, also off a terminal and where a run fails.
    @Test func tellsHowManyPicturesATimelapseTook() throws {
        let folder = try TemporaryFolder()
        let camera = ["--interval", "1s", "--camera", "in.y4m", "--pace", "none"]
        try folder.writeGreys("in.y4m", count: 23, rate: 5)
        let result = try Tool.run(["timelapse", "{counter}.jpg"] + camera, in: folder)
        let lines = result.errors.split(separator: "\n")
        #expect(result.status == 0 && lines.last == "camera: took 5 pictures; none missed")
        #expect(lines.count == 6 && lines[4].hasPrefix("camera: 5.jpg: 64x48, "), "\(lines)")
        #expect(try Tool.run(["timelapse", "{counter}.jpg", "--quiet"] + camera, in: folder).errors.isEmpty)
        let failed = try Tool.run(["timelapse", "none/{counter}.jpg"] + camera, in: folder)
        #expect(failed.status == 1 && failed.errors.hasSuffix(" Taken: 0 pictures; none missed.\n"), "\(failed.errors)")
        #expect(failed.errors.split(separator: "\n").count == 1)
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
