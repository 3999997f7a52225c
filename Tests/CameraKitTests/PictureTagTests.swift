// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import TestSupport
import Testing

/// A camera's EXIF tags, and formats that are told by names.
@Suite struct PictureTagTests {
    private func camera(_ mode: PicameraMode = PicameraMode.all[1]) throws -> Camera { try mode.camera() }

    private func names(_ folder: TemporaryFolder) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
    }

    #if Pictures
    private func tag(_ path: String, _ name: String) throws -> String {
        try run("exiftool", ["-b", "-\(name)", path]).text
    }

    /// picamera's `test_exif_ascii`, also from the video port and resized.
    @Test(arguments: PicameraMode.all, [false, true]) func exifASCII(mode: PicameraMode, useVideoPort: Bool) throws {
        let folder = try TemporaryFolder()
        let camera = try camera(mode)
        defer { camera.close() }
        camera.exifTags["IFD0.Artist"] = "Me!"
        camera.exifTags["IFD0.Copyright"] = "Copyright (c) 2000 Foo"
        let paths = (0..<2).map { folder.path("\($0).jpg") }
        try camera.captureSequence(to: paths, useVideoPort: useVideoPort)
        try camera.capture(to: .path(folder.path("small.jpg")), resize: Resolution(96, 64))
        for path in paths + [folder.path("small.jpg")] {
            #expect(try tag(path, "Artist") == "Me!")
            #expect(try tag(path, "Copyright") == "Copyright (c) 2000 Foo")
            #expect(try tag(path, "Make") == "swift-camera")
            #expect(try tag(path, "Model") == "test")
            let small = try run("exiftool", ["-b", "-ThumbnailImage", path]).output
            #expect(try run("identify", ["-format", "%wx%h", "-"], input: small).text == "64x48")
        }
        #expect(try tag(folder.path("small.jpg"), "ExifImageWidth") == "96")
    }

    @Test func exifBinary() throws {
        let folder = try TemporaryFolder()
        let camera = try camera()
        defer { camera.close() }
        let bytes: [UInt8] = Array("Photographer copyright (c) 2000 Foo\0Editor copyright (c) 2002 Bar\0".utf8)
        camera.exifTags["IFD0.Copyright"] = .bytes(bytes)
        camera.exifTags["EXIF.UserComment"] = .bytes(bytes)
        try camera.capture(to: .path(folder.path("a.jpg")))
        #expect(
            try tag(folder.path("a.jpg"), "Copyright")
                == "Photographer copyright (c) 2000 Foo\nEditor copyright (c) 2002 Bar")
        #expect(try tag(folder.path("a.jpg"), "UserComment") == String(decoding: bytes, as: UTF8.self))
    }

    @Test func thePicturesOwnTagsCountFirst() throws {
        let folder = try TemporaryFolder()
        let camera = try camera()
        defer { camera.close() }
        #expect(camera.exifTags == ["IFD0.Make": "swift-camera", "IFD0.Model": "test"])
        camera.exifTags["IFD0.Artist"] = "Me!"
        let options = EncoderOptions { $0.exif = ["ifd0.artist": "You!", "IFD0.Software": "ours"] }
        try camera.capture(to: .path(folder.path("a.jpg")), options: options)
        #expect(try tag(folder.path("a.jpg"), "Artist") == "You!")
        #expect(try tag(folder.path("a.jpg"), "Software") == "ours")
        camera.exifTags = [:]
        try camera.capture(to: .path(folder.path("b.jpg")))
        #expect(try tag(folder.path("b.jpg"), "Make").isEmpty)
        #expect(try !tag(folder.path("b.jpg"), "DateTimeOriginal").isEmpty)
    }

    @Test func badTagsAndThumbnailsLeaveNoFile() throws {
        let folder = try TemporaryFolder()
        let camera = try camera()
        defer { camera.close() }
        let sets: [(inout EncoderOptions) -> Void] = [
            { $0.exif = ["IFD0.Artist": "Zoë"] }, { $0.exif = ["IFD0.Orientation": 9] },
            { $0.exif = ["EXIF.MakerNote": .bytes([UInt8](repeating: 1, count: 70_000))] },
            { $0.thumbnail = .jpeg(Resolution(640, 480)) }, { $0.thumbnail = .jpeg(Resolution(0, 0)) },
            { $0.quality = 0 }, { $0.quality = 101 }, { $0.restartInterval = -1 },
        ]
        for set in sets {
            let error = #expect(throws: CameraError.self) {
                try camera.capture(to: .path(folder.path("a.jpg")), options: EncoderOptions(set))
            }
            #expect(error?.code == .invalidValue)
        }
        camera.exifTags["IFD0.Nonsense"] = 1
        #expect(throws: CameraError.self) { try camera.capture(to: .path(folder.path("a.jpg"))) }
        #expect(try names(folder).isEmpty)
        // Other formats have no tags, and recordings neither.
        try camera.capture(to: .path(folder.path("a.png")))
        try camera.startRecording(to: .path(folder.path("a.mjpeg")))
        try camera.waitRecording(pictures: 2)
        try camera.stopRecording()
        #expect(try names(folder) == ["a.mjpeg", "a.png"])
    }
    #endif

    // MARK: - Formats by name

    @Test func namedOutputsTellTheFormat() throws {
        let folder = try TemporaryFolder()
        let camera = try camera()
        defer { camera.close() }
        for name in ["a.jpg", "b.JPE", "c.bmp", "d.rgb24"] {
            let output = try FileOutput(path: folder.path(name))
            #expect(output.name == folder.path(name))
            try camera.capture(to: .output(output))
            try output.close()
        }
        let formats = ["a.jpg", "b.JPE", "c.bmp"].map { folder.path($0) }
        let identified = try run("identify", ["-format", "%[magick] "] + formats)
        #expect(identified.text == "JPEG JPEG BMP3 ")
        #expect(try Data(contentsOf: folder.file("d.rgb24")).count == 320 * 240 * 3)
        try camera.captureSequence(to: [folder.path("e.bmp"), folder.path("f.bmp")], useVideoPort: true)
        let files = try (1...2).map { try FileOutput(path: folder.path("g\($0).bmp")) }
        try camera.captureSequence(to: files)
        for output in files { try output.close() }
        _ = try expectPictures(
            ["e.bmp", "f.bmp", "g1.bmp", "g2.bmp"].map { folder.path($0) }, .bmp, size: Resolution(320, 240))
        let video = try FileOutput(path: folder.path("v.mjpeg"))
        try camera.startRecording(to: .output(video))
        try camera.waitRecording(pictures: 3)
        try camera.stopRecording()
        #expect(try run("ffprobe", ["-v", "error", folder.path("v.mjpeg")]).errors.isEmpty)
    }

    @Test func outputsWithoutANameNeedAFormat() throws {
        let camera = try camera()
        defer { camera.close() }
        let errors = [
            #expect(throws: CameraError.self) { try camera.capture(to: .output(MemoryOutput())) },
            #expect(throws: CameraError.self) { try camera.startRecording(to: .output(MemoryOutput())) },
        ]
        for error in errors {
            #expect(error?.code == .invalidFormat)
            #expect(error?.description.contains("no name") == true)
        }
        // picamera's series are JPEG unless told otherwise.
        let output = MemoryOutput()
        try camera.captureSequence(to: [output] as [any Output])
        #expect(output.data.starts(with: [0xFF, 0xD8]))
    }

    @Test(arguments: [
        ("image/jpeg", MediaFormat.jpeg), ("image/jpg", .jpeg), ("jpg", .jpeg), ("image/png", .png), ("PNG", .png),
        ("image/gif", .gif), ("image/bmp", .bmp), ("image/x-ms-bmp", .bmp), ("yuv", .yuv420), ("rgb", .rgb24),
        ("rgba", .rgba), ("bgr", .bgr24), ("bgra", .bgra),
    ])
    func namesOfPictureFormats(name: String, format: MediaFormat) throws {
        #expect(try MediaFormat(named: name, among: MediaFormat.image) == format)
        #expect(throws: CameraError.self) { try MediaFormat(named: "video/\(name)x", among: MediaFormat.image) }
    }
}
