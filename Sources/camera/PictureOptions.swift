// SPDX-License-Identifier: MIT

internal import ArgumentParser
internal import CameraKit

/// How pictures are encoded.
struct PictureOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The format; told by the file's extension unless given.",
            valueName: "jpeg|dng|yuv420|nv12|rgb24|rgba|bgr24|bgra"))
    var format: String?

    @Option(help: ArgumentHelp("JPEG: 1...100, higher is better.", valueName: "N"))
    var quality: Int?

    @Option(
        help: ArgumentHelp("Scale to this size before encoding.", valueName: "WxH"),
        transform: parsing(Resolution.init(parsing:)))
    var resize: Resolution?

    /// The options in the library's words.
    var encoderOptions: EncoderOptions {
        EncoderOptions { $0.quality = quality }
    }
}
