// SPDX-License-Identifier: MIT

// The recordings here are H.264; WithoutX264Tests is for builds that have none.
#if X264
import Foundation
import TestSupport
import Testing

/// What users get wrong: the exit status, one line that names the cause, and nothing left behind.
@Suite struct WrongArgumentsTests {
    /// A command line that cannot work.
    struct Mistake: CustomTestStringConvertible, Sendable {
        let arguments: [String]
        let status: Int32
        /// What the line must name.
        let cause: String

        init(_ line: String, _ status: Int32, _ cause: String) {
            arguments = line.split(separator: " ").map(String.init)
            self.status = status
            self.cause = cause
        }

        var testDescription: String { "camera " + arguments.joined(separator: " ") }
    }

    static let usage: [Mistake] = [
        Mistake("serve --camera test --record-now", 64, "--record"),
        Mistake("serve --camera test --record clip.mp4", 64, "{counter}"),
        Mistake("serve --camera test --circular 5s", 64, "--events"),
        Mistake("serve --camera test --events e-{counter}.mp4", 64, "--circular"),
        Mistake("serve --camera test --after 5s", 64, "--circular"),
        Mistake("serve --camera test --keep-files 3", 64, "--record"),
        Mistake("serve --camera test --also copy.mp4 --record {counter}.mp4", 64, "copy.mp4"),
        Mistake("serve --camera test --also rtmp://server/live", 64, "--record"),
        Mistake("serve --camera test --format mjpeg", 64, "mjpeg"),
        Mistake("serve --camera test --resize 64x48", 64, "--size"),
        Mistake("serve --camera test --port 70000", 64, "--port"),
        Mistake("serve --camera test --rtsp-port x", 64, "none"),
        Mistake("serve --camera test --camera test", 64, "two cameras"),
        Mistake("serve --camera a.b=test", 64, "a.b"),
        Mistake("serve --camera test --address 0.0.0.0", 64, "password"),
        Mistake("serve --camera test --address camera.example", 64, "password"),
        Mistake("serve --camera test --address 203.0.113.9 --password-file /dev/null", 64, "password"),
        Mistake("record out.h264 --camera test --size 0x0", 64, "0x0"),
        Mistake("record out.h264 --camera test --size 1x1", 64, "1x1"),
        Mistake("record out.h264 --camera test --size 65x48", 64, "65x48"),
        Mistake("record out.h264 --camera test --size 64x49", 64, "64x49"),
        Mistake("record out.h264 --camera test --size 20000x20000", 64, "20000x20000"),
        Mistake("record out.h264 --camera test --size large", 64, "large"),
        Mistake("record out.h264 --camera test --resize 0x48", 64, "--resize"),
        Mistake("record out.h264 --camera test --resize 63x47", 64, "63x47"),
        Mistake("record out.h264 --camera test --fps 0", 64, "--fps"),
        Mistake("record out.h264 --camera test --fps -1", 64, "--fps"),
        Mistake("record out.h264 --camera test --fps=-1", 64, "--fps"),
        Mistake("record out.h264 --camera test --fps 1000000", 64, "--fps"),
        Mistake("record out.h264 --camera test --fps 30/0", 64, "--fps"),
        Mistake("record out.h264 --camera test --frames 0", 64, "--frames"),
        Mistake("record out.h264 --camera test --duration 10q", 64, "500ms, 10s, 5m or 2h"),
        Mistake("record out.h264 --camera test --duration 0s", 64, "--duration"),
        Mistake("record out.h264 --camera test --bitrate 8X", 64, "500k, 8M or 1G"),
        Mistake("record out.h264 --camera test --bitrate 0", 64, "--bitrate"),
        Mistake("record out.h264 --camera test --quality 99", 64, "quality"),
        Mistake("record out.h264 --camera test --preset hasty", 64, "hasty"),
        Mistake("record out.h264 --camera test --tune piano", 64, "piano"),
        Mistake("record out.h264 --camera test --profile low", 64, "low"),
        Mistake("record out.h264 --camera test --level 9", 64, "9"),
        Mistake("record out.h264 --camera test --size 1920x1080 --level 1", 64, "level"),
        Mistake("record out.h264 --camera test --threads 0", 64, "threads"),
        Mistake("record out.h264 --camera test --codec-device hardware", 64, "/dev/video11"),
        Mistake("record out.h264 --camera test --vbv some", 64, "auto or none"),
        Mistake("record out.h264 --camera test --quality 20 --bitrate 1M --vbv none", 64, "vbv"),
        Mistake("record out.mjpeg --camera test --preset ultrafast", 64, "preset"),
        Mistake("record out.yuv420 --camera test --bitrate 1M", 64, "bitRate"),
        Mistake("record out.h264 --camera test --pace slow", 64, "real"),
        Mistake("record out.h264 --camera auto --on-disconnect wait", 64, "template"),
        Mistake("record {counter}.h264 --camera auto --on-disconnect wait --circular 5s", 64, "--circular"),
        Mistake("record {counter}.h264 --camera test --on-disconnect wait", 64, "/dev/videoN"),
        Mistake("record {counter}.h264 --camera auto --on-disconnect hope --split 5s", 64, "wait"),
        Mistake("record out.h264 --camera test --raw-format YV12", 64, "YV12"),
        Mistake("record out.h264 --camera auto --pace none", 64, "--pace"),
        Mistake("record out.h264 --camera test:colours", 64, "test:numbered"),
        Mistake("record out.h264 --camera test:numbered --size 32x32", 64, "32x32"),
        Mistake("record out.h264 --camera libcamera:no-such-camera", 1, "libcamera"),
        Mistake("record out.h264 --camera text.txt --raw-format nv12", 64, "--size"),
        Mistake("record out.h264 --camera text.txt --raw-format mjpeg --size 64x48", 64, "mjpeg"),
        Mistake("record out.h264 --camera clip.y4m --raw-format yuv420 --size 64x48", 64, "raw format"),
        Mistake("record out.h264 --camera clip.y4m --raw-range full", 64, "raw files"),
        Mistake("record out.h264 --camera test --raw-range full", 64, "raw files"),
        Mistake("record out.h264 --camera test --format divx", 64, "divx"),
        Mistake("record out.h264 --camera test --format jpeg", 64, "jpeg"),
        Mistake("record out.h265 --camera test --profile high", 64, "main"),
        Mistake("record out.xyz --camera test", 64, "xyz"),
        Mistake("record out --camera test", 64, "extension"),
        Mistake("record out.webm --camera test", 64, ".webm"),
        Mistake("record out.avi --camera test", 64, ".avi"),
        Mistake("record http://host/path --camera test", 64, "http://host/path"),
        Mistake("record - --camera test", 64, "--format"),
        Mistake("record out.h264 --camera test --shutter 5", 64, "--shutter"),
        Mistake("record --camera test", 64, "OUTPUT"),
        Mistake("still out.jpg --camera test --thumbnail big", 64, "160x120"),
        Mistake("still out.jpg --camera test --size 64x48 --thumbnail 65x48", 64, "thumbnail"),
        Mistake("still out.jpg --camera test --restart -1", 64, "restart"),
        Mistake("still out.jpg --camera test --quality 101", 64, "quality"),
        Mistake("still out.jpg --camera test --exif Artist", 64, "IFD0.Artist"),
        Mistake("still out.jpg --camera test --exif IFD0.Artisan=x", 64, "IFD0.Artisan"),
        Mistake("still out.jpg --camera test --exif IFD0.Orientation=9", 64, "IFD0.Orientation"),
        Mistake("still out.bmp --camera test --exif IFD0.Artist=x", 64, "exif"),
        Mistake("still out.bmp --camera test --thumbnail none", 64, "thumbnail"),
        Mistake("still out.tiff --camera test", 64, "tiff"),
        Mistake("still out.jpg --camera test --text-size 20", 64, "--text"),
        Mistake("still out.jpg --camera test --font x.ttf", 64, "--text"),
        Mistake("still out.jpg --camera test --text x --text-size 5", 64, "160"),
        Mistake("still out.jpg --camera test --text x --text-color reddish", 64, "#rrggbb"),
        Mistake("still out.jpg --camera test --text {counter}", 64, "{frame}"),
        Mistake("still out.jpg --camera test --text \(String(repeating: "x", count: 100_000))", 64, "4096"),
        Mistake("still out.jpg --camera test --text x --text-position middle", 64, "bottom-right"),
        Mistake("still out.jpg --camera test --rotation 45", 64, "270"),
        Mistake("still out.jpg --camera test --zoom 0.5,0,0.6,1", 64, "shares"),
        Mistake("still out.jpg --camera test --effect blur:9", 64, "blur"),
        Mistake("still out.jpg --camera test --effect hatch", 64, "firmware"),
        Mistake("still out.jpg --camera test --color-effects 300,0", 64, "255"),
        Mistake("timelapse {counter}.jpg --camera test --interval 0s", 64, "interval"),
        Mistake("record out.h264 --camera test --split 60s", 64, "{counter"),
        Mistake("record {counter}.h264 --camera test", 64, "--split"),
        Mistake("record {number}.h264 --camera test --split 60s", 64, "{number}"),
        Mistake("record {counter}.h264 --camera test --split 60x", 64, "60s, 1800frames or 100MB"),
        Mistake("record {counter}.h264 --camera test --split 0frames", 64, "60s, 1800frames or 100MB"),
        Mistake("record {counter}.h264 --camera test --split 999999999999GB", 64, "60s, 1800frames or 100MB"),
        Mistake("record {counter}.h264 --camera test --split 999999999999h", 64, "60s, 1800frames or 100MB"),
        Mistake("record - --format h264 --camera test --split 60s", 64, "standard output"),
        Mistake("record - --format h264 --camera test --circular 5s", 64, "standard output"),
        Mistake("record {counter}.h264 --camera test --split 60s --circular 5s", 64, "--circular"),
        Mistake("record out.h264 --camera test --circular 5s --keyframe-interval 0", 64, "--keyframe-interval"),
        Mistake("record {counter}.h264 --camera test --split 60s --save-pts t.pts", 64, "--save-pts"),
        Mistake("record out.h264 --camera test --stats -", 64, "--stats"),
        Mistake("record out.h264 --camera test --motion -", 64, "--motion"),
        Mistake("record out.h264 --camera test --motion m --metadata m", 64, "--metadata"),
        Mistake("record {counter}.h264 --camera test --split 60s --motion m", 64, "--motion"),
        Mistake("record {counter}.h264 --camera test --split 60s --metadata m", 64, "--metadata"),
        Mistake("record out.h264 --camera test --circular 5s --motion m", 64, "--circular"),
        Mistake("record {counter}.h264 --camera test --split 5s --after 5s", 64, "--after needs --circular"),
        Mistake("record out.h264 --camera test --circular 5s --after 5s", 64, "{counter:03d}"),
        Mistake("record {counter}.h264 --camera test --circular 5s --on-motion", 64, "--on-motion needs --after"),
        Mistake("record out.h264 --camera test --sync often", 64, "none, split or a time"),
        Mistake("still out.h264 --camera test", 64, "h264"),
        Mistake("still out.jpg --camera test --quality 0", 64, "quality"),
        Mistake("timelapse lapse.jpg --camera test --interval 1s", 64, "{counter"),
        Mistake("timelapse {counter}.jpg --camera test", 64, "--interval"),
        Mistake("controls --camera test --set brightness", 64, "brightness=50"),
        Mistake("record out.h264 --camera test --set =5", 64, "brightness=50"),
        Mistake("film out.h264", 64, "film"),
    ]

    static let failures: [Mistake] = [
        Mistake("record nowhere/out.h264 --camera test --circular 5s", 1, "its folder does not exist"),
        Mistake("record out.h264 --camera missing.y4m", 1, "missing.y4m"),
        Mistake("record out.h264 --camera /dev/video99", 1, "/dev/video99"),
        Mistake("record out.h264 --camera test --codec-device /dev/video99", 1, "/dev/video99"),
        Mistake("record out.h264 --camera test --codec-device /dev/null", 1, "/dev/null"),
        Mistake("record out.yuv420 --camera test --codec-device /dev/video99", 1, "leave the device out"),
        Mistake("record out.mjpeg --camera test --codec-device /dev/video99", 1, "leave the device out"),
        Mistake("record out.h264 --camera cut.y4m", 1, "cut.y4m"),
        Mistake("record out.h264 --camera empty.y4m", 1, "empty.y4m"),
        Mistake("record out.h264 --camera text.txt", 1, "text.txt"),
        Mistake("record out.h264 --camera folder", 1, "folder"),
        Mistake("record out.h264 --camera clip.y4m --size 32x32", 1, "clip.y4m"),
        Mistake("record folder --format h264 --camera test", 1, "folder"),
        Mistake("record nowhere/out.h264 --camera test", 1, "nowhere/out.h264"),
        Mistake("record out.h264 --camera test --stats nowhere/s.json", 1, "nowhere/s.json"),
        Mistake("record out.h264 --camera test --save-pts nowhere/t.pts", 1, "nowhere/t.pts"),
        Mistake("still nowhere/out.jpg --camera test", 1, "nowhere/out.jpg"),
        Mistake("still out.jpg --camera cut.y4m", 1, "cut.y4m"),
        Mistake("timelapse {counter}.jpg --interval 1s --camera cut.y4m", 1, "cut.y4m"),
        Mistake("controls --camera clip.y4m --set brightness=5", 1, "no settings"),
        Mistake("controls --camera clip.y4m brightness", 1, "no settings"),
        Mistake("controls --camera test --watch", 1, "watching the controls"),
        Mistake("record out.h264 --camera clip.y4m --set brightness=5", 1, "no settings"),
        Mistake("controls --camera test --set brightness=101", 64, "0 to 100"),
        Mistake("controls --camera test --set native:brightness=256", 64, "0 to 255"),
        Mistake("controls --camera test --set gain=200", 1, "switch its automatic off first"),
        Mistake("controls --camera test sharpness", 64, "'camera controls' lists them"),
        Mistake("still out.jpg --camera clip.y4m --set iso=100", 1, "iso"),
        Mistake("timelapse {counter}.jpg --interval 1s --camera test --set native:x=1", 64, "native:x"),
    ]

    /// The most characters that somebody reads as a sentence.
    private static let longestLine = 400

    /// A folder with files that are not what they should be.
    private static func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(at: folder.file("folder"), withIntermediateDirectories: false)
        try folder.writeGreys("clip.y4m", count: 3)
        try Data(contentsOf: folder.file("clip.y4m")).prefix(1000).write(to: folder.file("cut.y4m"))
        try Data().write(to: folder.file("empty.y4m"))
        try Data("A text is no video.\n".utf8).write(to: folder.file("text.txt"))
        return folder
    }

    @Test(arguments: usage + failures) func isTold(_ mistake: Mistake) throws {
        let folder = try Self.folder()
        let before = folder.names
        let result = try Tool.run(mistake.arguments, in: folder)
        #expect(result.status == mistake.status)
        #expect(result.errors.troubles.count == 1, "\(result.errors)")
        #expect(result.errors.troubles.allSatisfy { $0.count <= Self.longestLine }, "\(result.errors)")
        if mistake.status == 64 {
            let verbs = mistake.arguments.prefix(1).filter { $0 != "film" }
            let help = (["camera"] + verbs + ["--help"]).joined(separator: " ")
            #expect(result.errors.hasSuffix("('\(help)' tells more)\n"), "\(result.errors)")
        }
        #expect(result.errors.hasPrefix("camera: ") && result.errors.contains(mistake.cause), "\(result.errors)")
        #expect(result.output.isEmpty)
        #expect(folder.names == before)
    }

    @Test func leavesAnOlderRecordingAlone() throws {
        let folder = try Self.folder()
        let old = Data("an older recording".utf8)
        try old.write(to: folder.file("out.h264"))
        for camera in ["missing.y4m", "cut.y4m", "text.txt"] {
            #expect(try Tool.run(["record", "out.h264", "--camera", camera], in: folder).status == 1)
            #expect(try Data(contentsOf: folder.file("out.h264")) == old)
        }
    }

    @Test func keepsTheWholeFramesOfACutFile() throws {
        let folder = try TemporaryFolder()
        try folder.writeGreys("whole.y4m", count: 5)
        let whole = try Data(contentsOf: folder.file("whole.y4m"))
        try whole.dropLast(100).write(to: folder.file("cut.y4m"))
        let result = try Tool.run(["record", "out.h264", "--camera", "cut.y4m", "--pace", "none"], in: folder)
        #expect(result.status == 1)
        #expect(result.errors.troubles.count == 1 && result.errors.contains("cut.y4m"))
        #expect(try pictureCount(of: folder.path("out.h264")) == 4)
    }
}
#endif
