// SPDX-License-Identifier: MIT

#if Pictures
import CameraCodecs
import CameraCore
import Foundation
import TestSupport
import Testing

/// EXIF data in JPEG pictures, as exiftool reads it.
@Suite struct ExifTests {
    private static func picture(
        _ tags: ExifTags?, thumbnail: Thumbnail? = nil, frames: TestFrames = TestFrames(color: .jpeg),
        metadata: FrameMetadata? = nil, time: WallTime = WallTime(nanosecondsSince1970: 1_500_000_000_042_900_000)
    ) throws -> Data {
        let frame = frames.frame(0)
        var info = frame.info
        info.wallTime = time
        info.metadata = metadata
        let stamped = Frame(
            format: frame.format, size: frame.size, color: frame.color, info: info,
            planes: (0..<frame.planeCount).map(frame.plane), owner: frame)
        let codec = JPEGCodec()
        let deliveries = Deliveries()
        _ = try codec.configure(
            CodecConfiguration(.jpeg, frames) {
                $0.exif = tags
                $0.thumbnail = thumbnail
            }
        ) { deliveries.take($0) }
        try codec.encode(stamped, index: 0, asKeyFrame: false)
        try codec.drain()
        return try #require(try deliveries.packets().first).bytes
    }

    /// What exiftool reads, by group and name; numbers as they are.
    private static func read(_ picture: Data, _ options: [String] = ["-n"]) throws -> [String: String] {
        let result = try run("exiftool", ["-json", "-G1", "-a"] + options + ["-"], input: picture)
        #expect(result.status == 0, "\(result.errors)")
        let list = try #require(try JSONSerialization.jsonObject(with: result.output) as? [[String: Any]])
        return try #require(list.first).mapValues { "\($0)" }
    }

    /// A tag's bytes as they lie in the file.
    private static func bytes(_ picture: Data, _ tag: String) throws -> Data {
        try run("exiftool", ["-b", "-\(tag)", "-"], input: picture).output
    }

    private static func refusal(_ tags: ExifTags, thumbnail: Thumbnail? = nil) -> CameraError? {
        do {
            _ = try picture(tags, thumbnail: thumbnail)
            return nil
        } catch {
            return error as? CameraError
        }
    }

    // MARK: - What each picture has

    @Test func tellsOfThePictureItself() throws {
        var metadata = FrameMetadata()
        metadata.exposureTime = .milliseconds(10)
        metadata.analogGain = 2
        metadata.digitalGain = 1.5
        let picture = try Self.picture([:], metadata: metadata)
        let tags = try Self.read(picture)
        let clock = DateFormatter()
        clock.dateFormat = "yyyy:MM:dd HH:mm:ss"
        let time = clock.string(from: Date(timeIntervalSince1970: 1_500_000_000))
        for (name, value) in [
            "IFD0:ModifyDate": time, "ExifIFD:DateTimeOriginal": time, "ExifIFD:CreateDate": time,
            "ExifIFD:SubSecTimeOriginal": "042", "ExifIFD:SubSecTime": "042", "ExifIFD:SubSecTimeDigitized": "042",
            "ExifIFD:ColorSpace": "1", "ExifIFD:ExifImageWidth": "320", "ExifIFD:ExifImageHeight": "240",
            "ExifIFD:ExposureTime": "0.01", "ExifIFD:ISO": "300", "IFD1:Compression": "6",
        ] {
            // exiftool takes digits for a number, and JSON drops its zeros.
            #expect(tags[name] == value || (Double(tags[name] ?? "") ?? -1) == Double(value), "\(name)")
        }
        clock.dateFormat = "xxx"
        let zone = clock.string(from: Date(timeIntervalSince1970: 1_500_000_000))
        #expect(tags["ExifIFD:OffsetTimeOriginal"] == zone)
        let valid = try run("exiftool", ["-validate", "-warning", "-a", "-"], input: picture)
        #expect(valid.text.contains(": OK"), "\(valid.text)")
        // The segment stands where JFIF's was.
        #expect([UInt8](picture.prefix(4)) == [0xFF, 0xD8, 0xFF, 0xE1])
        #expect(try Self.bytes(picture, "JFIFVersion").isEmpty)
    }

    @Test func leavesThePictureAsItIs() throws {
        for frames in [TestFrames(color: .jpeg), TestFrames(format: .grey), TestFrames(size: Resolution(175, 143))] {
            let plain = try Self.picture(nil, frames: frames)
            #expect([UInt8](plain.prefix(4)) == [0xFF, 0xD8, 0xFF, 0xE0])
            let tagged = try Self.picture(["IFD0.Artist": "Me!"], frames: frames)
            let stripped = try run("jpegtran", ["-copy", "none"], input: tagged)
            #expect(stripped.output == plain)
            #expect(try run("djpeg", ["-strict"], input: tagged).status == 0)
        }
    }

    @Test func theTagsOfTheUserCountFirst() throws {
        let tags = try Self.read(
            try Self.picture([
                "IFD0.DateTime": "2001:02:03 04:05:06", "exif.datetimeoriginal": "1999:12:31 23:59:59",
                "EXIF.ColorSpace": 65535, "EXIF.ISOSpeedRatings": 50, "IFD0.XResolution": 300,
            ]))
        #expect(tags["IFD0:ModifyDate"] == "2001:02:03 04:05:06")
        #expect(tags["ExifIFD:DateTimeOriginal"] == "1999:12:31 23:59:59")
        #expect(tags["ExifIFD:ColorSpace"] == "65535")
        #expect(tags["ExifIFD:ISO"] == "50")
        #expect(tags["IFD0:XResolution"] == "300")
        // The frame's fraction of a second does not belong to another time.
        #expect(tags["ExifIFD:SubSecTime"] == nil && tags["ExifIFD:SubSecTimeOriginal"] == nil)
        #expect(tags["ExifIFD:SubSecTimeDigitized"] != nil)
    }

    @Test func videoHasNone() {
        for set in [{ $0.exif = [:] }, { $0.thumbnail = .standard }] as [(inout EncoderOptions) -> Void] {
            let error = #expect(throws: CameraError.self) {
                try JPEGCodec().configure(CodecConfiguration(.mjpeg, TestFrames(), set)) { _ in }
            }
            #expect(error?.code == .unknownOption)
        }
    }

    // MARK: - Values

    @Test func storesEveryKindOfValue() throws {
        let picture = try Self.picture([
            "IFD0.Artist": "Me!", "IFD0.Orientation": 6, "EXIF.FNumber": 2.8, "EXIF.ExposureTime": .rational(1, 250),
            "EXIF.FocalLength": 4, "EXIF.ExposureBiasValue": -0.5, "EXIF.SubjectArea": [10, 20, 30],
            "EXIF.LensSpecification": .numbers([3.04, 3.04, 2, 2]), "EXIF.LensModel": "Lens",
            "EXIF.DateTimeDigitized": .date(WallTime(nanosecondsSince1970: 0)), "EXIF.UserComment": "Grüße",
            "IFD0.XPTitle": "Ünï", "GPS.GPSLatitude": .degrees(-33.8568), "GPS.GPSLongitude": "151.2153",
            "GPS.GPSAltitude": 12.5, "GPS.GPSAltitudeRef": 1, "GPS.GPSTimeStamp": "10,20,30",
            "GPS.GPSImgDirection": 359.99, "GPS.GPSImgDirectionRef": "T",
            "EINT.InteroperabilityIndex": "R98", "IFD0.Software": 5, "EXIF.FlashEnergy": "3/2",
            "GPS.GPSDateStamp": .date(WallTime(nanosecondsSince1970: 0)), "EXIF.MakerNote": .bytes([1, 0, 2]),
            "EXIF.SubSecTimeOriginal": "7",
        ])
        let tags = try Self.read(picture)
        let expected: [String: Double] = [
            "IFD0:Orientation": 6, "ExifIFD:FNumber": 2.8, "ExifIFD:ExposureTime": 0.004, "ExifIFD:FocalLength": 4,
            "ExifIFD:ExposureCompensation": -0.5, "GPS:GPSAltitude": 12.5, "GPS:GPSAltitudeRef": 1,
            "GPS:GPSImgDirection": 359.99, "IFD0:Software": 5, "ExifIFD:FlashEnergy": 1.5,
            "Composite:GPSLatitude": -33.8568, "Composite:GPSLongitude": 151.2153, "ExifIFD:SubSecTimeOriginal": 7,
        ]
        for (name, value) in expected {
            let found = tags[name].flatMap(Double.init) ?? .nan
            #expect(abs(found - value) < 1e-6, "\(name): \(found)")
        }
        let day = DateFormatter()
        day.dateFormat = "yyyy:MM:dd"
        let texts = [
            "IFD0:Artist": "Me!", "ExifIFD:SubjectArea": "10 20 30", "ExifIFD:LensInfo": "3.04 3.04 2 2",
            "ExifIFD:LensModel": "Lens", "ExifIFD:UserComment": "Grüße", "IFD0:XPTitle": "Ünï",
            "GPS:GPSTimeStamp": "10:20:30", "GPS:GPSDateStamp": day.string(from: Date(timeIntervalSince1970: 0)),
            "InteropIFD:InteropIndex": "R98", "GPS:GPSVersionID": "2 3 0 0",
        ]
        for (name, value) in texts { #expect(tags[name] == value, "\(name)") }
        #expect(try run("exiftool", ["-validate", "-error", "-"], input: picture).text.contains("Error") == false)
    }

    /// picamera's `test_exif_binary`, which fails there.
    @Test func keepsZerosInBinaryTags() throws {
        let copyright: [UInt8] = Array("Photographer copyright (c) 2000 Foo\0Editor copyright (c) 2002 Bar\0".utf8)
        let comment: [UInt8] = Array("UserComment\0\u{1}with\0zeros".utf8)
        let picture = try Self.picture(["IFD0.Copyright": .bytes(copyright), "EXIF.UserComment": .bytes(comment)])
        // exiftool shows the zero between the two holders as a line's end.
        #expect(
            try Self.bytes(picture, "Copyright")
                == Data("Photographer copyright (c) 2000 Foo\nEditor copyright (c) 2002 Bar".utf8))
        #expect(try Self.bytes(picture, "UserComment") == Data(comment))
        #expect(picture.range(of: Data(copyright)) != nil)
    }

    @Test func saysWhatATagTakes() {
        let cases: [(name: String, value: ExifValue, word: String)] = [
            ("Artist", "Me!", "IFD0, IFD1, EXIF, GPS, EINT"), ("IFD9.Artist", "Me!", "IFD0"),
            ("EXIF.Artist", "Me!", "IFD0 or IFD1"), ("IFD0.Artisan", "Me!", "no such tag"), ("IFD0.", "", "IFD0"),
            ("IFD0.Artist", "Zoë", "ASCII"), ("IFD0.Artist", "a\0b", ".bytes"), ("IFD0.Artist", 2.5, "text"),
            ("IFD0.Orientation", 9, "1, 2"), ("IFD0.Orientation", "left", "numbers"),
            ("IFD0.Orientation", [1, 2], "1 values"), ("EXIF.ColorSpace", 70000, "70000"),
            ("EXIF.ISOSpeedRatings", -1, "-1"), ("EXIF.ISOSpeedRatings", 2.5, "whole"),
            ("EXIF.ExposureTime", -0.5, "-1/2"), ("EXIF.ExposureTime", .rational(1, 0), "1/0"),
            ("EXIF.FNumber", 1e12, "cannot be stored"), ("EXIF.FNumber", .number(.nan), "nan"),
            ("EXIF.FNumber", .bytes([1]), "numbers"), ("EXIF.ExifVersion", "23", "4 values"),
            ("IFD0.DateTime", "yesterday", "2026:01:31 23:59:59"), ("EXIF.OffsetTime", "CET", "+01:00"),
            ("GPS.GPSLatitude", .degrees(90.5), "90"), ("GPS.GPSLongitude", "200,0,0", "180"),
            ("GPS.GPSLatitude", [10, 61, 0], "60"), ("GPS.GPSLatitude", [1, 2], "3 values"),
            ("GPS.GPSLatitude", .degrees(.infinity), "90"), ("GPS.GPSLatitudeRef", "Q", "N or S"),
            ("GPS.GPSImgDirection", 400, "360"), ("GPS.GPSDateStamp", "2026", "2026:01:31"),
            ("IFD1.JPEGInterchangeFormat", 5, "encoder"), ("EXIF.MakerNote", 300, "bytes"),
            ("GPS.GPSAltitudeRef", 7, "0, 1"), ("EXIF.LensSpecification", 5, "4 values"),
        ]
        for (name, value, word) in cases {
            let error = Self.refusal([name: value])
            #expect(error?.code == .invalidValue, "\(name) \(value)")
            #expect(error?.subject == name)
            #expect(error?.description.contains(word) == true, "\(String(describing: error))")
        }
        #expect(Self.refusal(["EXIF.ISOSpeedRatings": 1, "EXIF.ISO": 2])?.code == .invalidValue)
    }

    /// Names are picamera's, in any case of letters.
    @Test(arguments: [
        "IFD0.Xresolution", "ifd0.yresolution", "EXIF.SubSecTime", "EXIF.SubsecTime", "EXIF.FlashpixVersion",
        "GPS.GPSVersionID", "GPS.GPSDOP", "EXIF.FocalLengthIn35mmFilm", "IFD0.YcbCrPositioning", "IFD1.Artist",
        "EXIF.SpacialFrequencyResponse", "EXIF.ISOSpeed",
    ])
    func knowsPicamerasNames(name: String) throws {
        let values: [ExifValue] = [1, "1", [2, 3, 0, 0], "1/2", .bytes([1, 2, 3, 4])]
        #expect(values.contains { Self.refusal([name: $0]) == nil })
    }

    // MARK: - Size

    @Test func refusesWhatNoSegmentHolds() {
        let large = ExifValue.bytes([UInt8](repeating: 7, count: 70_000))
        let error = Self.refusal(["EXIF.MakerNote": large])
        #expect(error?.code == .invalidValue)
        #expect(error?.description.contains("65533") == true)
        var many = ExifTags()
        for number in 0..<500 { many["IFD0.Tag\(number)"] = "x" }
        #expect(Self.refusal(many)?.code == .invalidValue)
    }

    @Test func fillsTheSegmentToItsEnd() throws {
        let note = [UInt8](repeating: 7, count: 64_700)
        let picture = try Self.picture(["EXIF.MakerNote": .bytes(note)])
        #expect(try Self.bytes(picture, "MakerNoteUnknownBinary").isEmpty)
        #expect(picture.range(of: Data(note)) != nil)
        // The default thumbnail has no room and is left out; one that was asked for is an error.
        #expect(try Self.bytes(picture, "ThumbnailImage").isEmpty)
        let error = Self.refusal(["EXIF.MakerNote": .bytes(note)], thumbnail: .jpeg(Resolution(160, 120)))
        #expect(error?.code == .invalidValue)
        #expect(error?.subject == "thumbnail")
    }

    // MARK: - Thumbnails

    @Test(arguments: [
        (Thumbnail?.none, Resolution(64, 48)), (.jpeg(Resolution(160, 120), quality: 90), Resolution(160, 120)),
        (.jpeg(Resolution(33, 31)), Resolution(33, 31)), (.jpeg(Resolution(320, 240)), Resolution(320, 240)),
        (.jpeg(Resolution(1, 1), quality: 95), Resolution(1, 1)),
    ])
    func thumbnailsAreThePicture(thumbnail: Thumbnail?, size: Resolution) throws {
        let picture = try Self.picture([:], thumbnail: thumbnail)
        let small = try Self.bytes(picture, "ThumbnailImage")
        #expect(try run("identify", ["-format", "%m %wx%h", "-"], input: small).text == "JPEG \(size)")
        let ours = try run("djpeg", ["-pnm"], input: small)
        #expect(ours.status == 0 && ours.errors.isEmpty)
        let scaled = try run("convert", ["-", "-filter", "box", "-resize", "\(size)!", "ppm:-"], input: picture)
        let count = size.pixelCount * 3
        #expect(psnr(ours.output.suffix(count), scaled.output.suffix(count)) > 23)
    }

    @Test func thumbnailsCanBeLeftOut() throws {
        #expect(try Self.bytes(try Self.picture([:], thumbnail: .off), "ThumbnailImage").isEmpty)
        // The default is not for pictures as small as itself.
        let small = try Self.picture([:], frames: TestFrames(size: Resolution(32, 32), color: .jpeg))
        #expect(try Self.bytes(small, "ThumbnailImage").isEmpty)
        #expect(try Self.read(small)["ExifIFD:ExifImageWidth"] == "32")
        let alone = try Self.picture(nil, thumbnail: .standard)
        #expect(try !Self.bytes(alone, "ThumbnailImage").isEmpty)
        let off = try Self.picture(nil, thumbnail: .off)
        #expect([UInt8](off.prefix(4)) == [0xFF, 0xD8, 0xFF, 0xE0])
    }

    @Test func largeThumbnailsLoseQualityInsteadOfFailing() throws {
        let frames = TestFrames(size: Resolution(1280, 720), color: .jpeg, noise: 60)
        let size = Resolution(640, 480)
        let picture = try Self.picture([:], thumbnail: .jpeg(size, quality: 100), frames: frames)
        let small = try Self.bytes(picture, "ThumbnailImage")
        #expect(small.count < 65536)
        #expect(try run("identify", ["-format", "%wx%h", "-"], input: small).text == "\(size)")
    }

    @Test(arguments: [
        Thumbnail.jpeg(Resolution(0, 48)), .jpeg(Resolution(321, 48)), .jpeg(Resolution(64, 241)),
        .jpeg(Resolution(-1, -1)), .jpeg(Resolution(64, 48), quality: 0), .jpeg(Resolution(64, 48), quality: 101),
    ])
    func refusesImpossibleThumbnails(thumbnail: Thumbnail) {
        let error = Self.refusal([:], thumbnail: thumbnail)
        #expect(error?.code == .invalidValue)
        #expect(error?.subject == "thumbnail")
    }

    @Test func goesWithRestartMarkers() throws {
        let codec = JPEGCodec()
        let deliveries = Deliveries()
        let frames = TestFrames(color: .jpeg)
        _ = try codec.configure(
            CodecConfiguration(.jpeg, frames) {
                $0.exif = ["IFD0.Artist": "Me!"]
                $0.restartInterval = 2
            }
        ) { deliveries.take($0) }
        try codec.encode(frames.frame(0), index: 0, asKeyFrame: false)
        try codec.drain()
        let picture = try #require(try deliveries.packets().first).bytes
        #expect(try Self.read(picture)["IFD0:Artist"] == "Me!")
        let plain = try run("jpegtran", ["-copy", "none"], input: try Self.picture(nil))
        #expect(
            try run("jpegtran", ["-restart", "2", "-copy", "none"], input: plain.output).output
                == run("jpegtran", ["-restart", "2", "-copy", "none"], input: picture).output)
        #expect(picture.range(of: Data([0xFF, 0xDD, 0, 4])) != nil)
    }
}
#endif
