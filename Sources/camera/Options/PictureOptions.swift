// SPDX-License-Identifier: MIT

internal import ArgumentParser
internal import CameraCommands
internal import CameraKit

/// How pictures are encoded.
struct PictureOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The format; told by the file's extension unless given.",
            valueName: "jpeg|png|gif|bmp|dng|yuv420|nv12|rgb24|rgba|bgr24|bgra"),
        completion: .list(MediaFormat.image.map(\.rawValue)))
    var format: String?

    @Option(help: ArgumentHelp("JPEG: 1...100, higher is better.", valueName: "N"))
    var quality: Int?

    @Option(
        help: ArgumentHelp("JPEG: the thumbnail in the EXIF data; 64x48 unless given.", valueName: "WxH|none"),
        completion: .list(["none", "160x120"]), transform: parsing(Parse.thumbnail))
    var thumbnail: Thumbnail?

    @Option(help: ArgumentHelp("JPEG: a restart marker every so many rows of blocks.", valueName: "N"))
    var restart: Int?

    @Option(
        name: .customLong("exif"),
        help: ArgumentHelp("JPEG: set an EXIF tag; several times.", valueName: "IFD0.Artist=Me!"),
        transform: parsing(Parse.exifTag))
    var exifTags: [ExifTags] = []

    @Option(
        help: ArgumentHelp("Scale to this size before encoding.", valueName: "WxH"), completion: .sizes,
        transform: parsing(Resolution.init(parsing:)))
    var resize: Resolution?

    @Option(
        help: ArgumentHelp(
            "Begin the counter in the files' names here, and replace what is there; else it goes on behind.",
            valueName: "N"),
        transform: parsing(Parse.counter))
    var counter: Int?

    @Option(
        help: ArgumentHelp(
            "When a picture's file goes to the disk: when the system likes, or before the picture counts as taken.",
            valueName: "none|split"),
        completion: .list(["none", "split"]), transform: parsing(Parse.syncPolicy))
    var sync: SyncPolicy?

    @Flag(help: "Tell of troubles alone, not of each picture.")
    var quiet = false

    /// The options in the library's words.
    var encoderOptions: EncoderOptions {
        EncoderOptions { options in
            options.quality = quality
            options.thumbnail = thumbnail
            options.restartInterval = restart
            if !exifTags.isEmpty { options.exif = exifTags.reduce(ExifTags()) { $0.merging($1) } }
        }
    }
}
