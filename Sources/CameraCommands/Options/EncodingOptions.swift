// SPDX-License-Identifier: MIT

package import ArgumentParser
package import CameraKit

/// How video is encoded.
package struct EncodingOptions: ParsableArguments, Sendable {
    package init() {}

    @Option(
        help: ArgumentHelp(
            "The format; told by OUTPUT's extension unless given.",
            valueName: "h264|h265|mjpeg|yuv420|nv12|rgb24|rgba|bgr24|bgra"),
        completion: .list(MediaFormat.video.map(\.rawValue)))
    package var format: String?

    @Option(
        help: ArgumentHelp("Bits per second; k, M and G are 10^3, 10^6 and 10^9.", valueName: "8M"),
        transform: parsing(Parse.bitRate))
    package var bitrate: Int?

    @Option(
        help: ArgumentHelp(
            "H.264, H.265: constant rate factor 0...51, lower is better. JPEG: 1...100, higher is better.",
            valueName: "N"))
    package var quality: Int?

    @Option(
        help: ArgumentHelp(
            "H.264, H.265: the buffer that rate control keeps to, a second or none.", valueName: "auto|none"),
        completion: .words(of: EncoderOptions.VBV.self), transform: parsing(Parse.vbv))
    package var vbv: EncoderOptions.VBV?

    @Option(
        help: ArgumentHelp("H.264, H.265: speed against size, by x264's and x265's names.", valueName: "ultrafast"),
        completion: .list(EncoderWords.presets))
    package var preset: String?

    @Option(
        help: ArgumentHelp("H.264, H.265: what to tune for, by their names, or none.", valueName: "zerolatency"),
        completion: .list(EncoderWords.tunes))
    package var tune: String?

    @Option(
        help: ArgumentHelp("H.264: baseline, constrained, main or high. H.265: main.", valueName: "high"),
        completion: .list(EncoderWords.profiles))
    package var profile: String?

    @Option(help: ArgumentHelp("H.264, H.265: the level; automatic unless given.", valueName: "4.1"))
    package var level: String?

    @Option(help: ArgumentHelp("H.264, H.265: the most frames from one key frame to the next.", valueName: "30"))
    package var keyframeInterval: Int?

    @Option(
        help: ArgumentHelp(
            "H.264, H.265: encode in software, or by this encoder of the kernel; by one that can, unless given.",
            valueName: "none|/dev/videoN"),
        completion: .custom { _, _, _ in ["none"] + CameraWords.nodes }, transform: parsing(Parse.codecDevice))
    package var codecDevice: EncoderOptions.CodecDevice?

    @Option(help: ArgumentHelp("Threads that encode.", valueName: "N"))
    package var threads: Int?

    @Option(
        help: ArgumentHelp("Scale to this size before encoding.", valueName: "WxH"), completion: .sizes,
        transform: parsing(Resolution.init(parsing:)))
    package var resize: Resolution?

    /// Whether any of them was given.
    package var isGiven: Bool {
        format != nil || resize != nil || codecDevice != nil || !encoderOptions.namesSet.isEmpty
    }

    /// Whether an encoder of the kernel was chosen by hand.
    package var namesDevice: Bool {
        if case .device = codecDevice { return true }
        return false
    }

    /// The options in the library's words.
    package var encoderOptions: EncoderOptions {
        EncoderOptions { options in
            options.bitRate = bitrate
            options.quality = quality
            options.vbv = vbv
            options.preset = preset
            options.tune = tune
            options.profile = profile
            options.level = level
            options.keyFrameInterval = keyframeInterval
            options.threads = threads
            options.codecDevice = codecDevice ?? .automatic
        }
    }
}
