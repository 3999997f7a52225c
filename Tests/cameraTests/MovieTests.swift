// SPDX-License-Identifier: MIT

// The recordings here are H.264, of movies.
#if X264 && Containers
import CameraKit
import Foundation
import TestSupport
import Testing

/// `camera record` from movies: their times, and how their pictures lie.
@Suite struct MovieTests {
    /// Three transport streams of two seconds, put together: rules and limits count the six seconds that they last.
    @Test func goesOnWhereAMoviesTimesBeginAnew() throws {
        let folder = try TemporaryFolder()
        let made = try TestSupport.run(
            "ffmpeg",
            [
                "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=64x48:rate=25:duration=2", "-c:v", "libx264",
                folder.path("part.ts"),
            ])
        #expect(made.status == 0, "\(made.errors)")
        let part = try Data(contentsOf: folder.file("part.ts"))
        try (part + part + part).write(to: folder.file("in.ts"))
        let source = ["--camera", "in.ts", "--pace", "none"]
        let arguments = ["record", "f-{counter}.h264", "--split", "1s", "--save-pts", "f-{counter}.txt"]
        let result = try Tool.run(arguments + source, in: folder)
        #expect(result.status == 0, "\(result.errors)")
        let times = ["# timestamp format v2"] + (0..<25).map { "\($0 * 40).000" }
        for number in 1...6 {
            #expect(try pictureCount(of: folder.path("f-\(number).h264")) == 25)
            let text = try String(contentsOf: folder.file("f-\(number).txt"), encoding: .utf8)
            #expect(text.split(separator: "\n").map(String.init) == times)
        }
        #expect(!folder.names.contains("f-7.h264"))
        #expect(try Tool.run(["record", "half.h264", "--duration", "3s"] + source, in: folder).status == 0)
        #expect(try pictureCount(of: folder.path("half.h264")) == 75)
    }

    /// A telephone's movie lies on its side, and says so.
    @Test func turnsAMovieUpright() throws {
        let folder = try TemporaryFolder()
        let made = try TestSupport.run(
            "ffmpeg",
            [
                "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=64x48:rate=25", "-frames:v", "5", "-c:v", "libx264",
                "-pix_fmt", "yuv420p", folder.path("in.mp4"),
            ])
        #expect(made.status == 0, "\(made.errors)")
        // ffmpeg's own option for it is another in each of its versions.
        let laid = try TestSupport.run(
            "exiftool", ["-q", "-overwrite_original", "-rotation=90", folder.path("in.mp4")])
        #expect(laid.status == 0, "\(laid.errors)")
        let arguments = ["--camera", "in.mp4", "--pace", "none"]
        // ffmpeg turns pictures upright as well, unless it is told not to.
        for (name, options, theirs) in [("up.yuv420", [], []), ("as.yuv420", ["--as-stored"], ["-noautorotate"])] {
            #expect(try Tool.run(["record", name] + arguments + options, in: folder).status == 0)
            let expected = try TestSupport.run(
                "ffmpeg",
                ["-v", "error"] + theirs
                    + ["-i", folder.path("in.mp4"), "-f", "rawvideo", "-pix_fmt", "yuv420p", "-"])
            #expect(try Data(contentsOf: folder.file(name)) == expected.output)
        }
        #expect(try Tool.run(["record", "up.h264"] + arguments, in: folder).status == 0)
        #expect(try shape(of: "up.h264", in: folder).hasPrefix("48,64"))
        #expect(try Tool.run(["record", "x.h264", "--as-stored"] + Tool.fastCamera, in: folder).status == 64)
    }

    /// What ffprobe says of a video's size, pixels and fields.
    private func shape(of name: String, in folder: TemporaryFolder) throws -> String {
        try TestSupport.run(
            "ffprobe",
            [
                "-v", "error", "-show_entries", "stream=width,height,sample_aspect_ratio,field_order", "-of", "csv=p=0",
                folder.path(name),
            ]
        ).text.split(separator: "\n").first.map(String.init) ?? ""
    }

    /// Television: pixels that are wider than high, and two fields a picture.
    @Test(arguments: [("tt", "tff"), ("bb", "bff")])
    func keepsTheShapeAndTheFieldsOfTelevision(order: String, mode: String) throws {
        let folder = try TemporaryFolder()
        let made = try TestSupport.run(
            "ffmpeg",
            [
                "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=720x576:rate=25", "-frames:v", "10", "-vf",
                "setfield=\(mode),setsar=16/15", "-c:v", "mpeg2video", "-flags", "+ildct+ilme", "-b:v", "4M",
                folder.path("in.ts"),
            ])
        #expect(made.status == 0, "\(made.errors)")
        let source = ["--camera", "in.ts", "--pace", "none"]
        let result = try Tool.run(["record", "out.h264"] + source, in: folder)
        #expect(result.status == 0, "\(result.errors)")
        #expect(try shape(of: "out.h264", in: folder) == "720,576,16:15,\(order)")
        #expect(try pictureCount(of: folder.path("out.h264")) == 10)
        // Of a width alone the shape follows.
        #expect(try Tool.run(["record", "half.h264", "--resize", "384x576"] + source, in: folder).status == 0)
        #expect(try shape(of: "half.h264", in: folder) == "384,576,2:1,\(order)")
        let told = try Tool.run(["record", "out.mjpeg"] + source, in: folder)
        #expect(told.status == 0 && told.errors.contains("interlaced"), "\(told.errors)")
        #expect(try shape(of: "out.mjpeg", in: folder).hasPrefix("720,576,16:15"))
        for options in [["--resize", "720x288"], ["--rotation", "90"], ["--profile", "baseline"]] {
            let refused = try Tool.run(["record", "x.h264"] + options + source, in: folder)
            #expect(refused.status == 1 && refused.errors.split(separator: "\n").count == 1, "\(refused.errors)")
            #expect(!folder.names.contains("x.h264"))
        }
    }

    #if X265
    /// Pixels that are not square, in H.265 too, and from a YUV4MPEG2 file; interlaced pictures it cannot tell.
    @Test func tellsTheShapeOfPixelsInH265() throws {
        let folder = try TemporaryFolder()
        try folder.writeGreys("square.y4m", count: 3)
        var bytes = try Data(contentsOf: folder.file("square.y4m"))
        let place = try #require(bytes.range(of: Data("A1:1".utf8)))
        bytes.replaceSubrange(place, with: Data("A12:11".utf8))
        try bytes.write(to: folder.file("in.y4m"))
        for (name, shape) in [("in", "64,48,12:11"), ("square", "64,48,N/A")] {
            let arguments = ["record", "\(name).h265", "--camera", "\(name).y4m", "--pace", "none"]
            #expect(try Tool.run(arguments, in: folder).status == 0)
            #expect(try self.shape(of: "\(name).h265", in: folder).hasPrefix(shape))
        }
    }
    #endif
}
#endif
