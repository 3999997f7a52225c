// SPDX-License-Identifier: MIT

/// How to encode: bit rate, quality, key frames and the rest.
///
/// What is nil is chosen by the codec.
///
/// An option that the format does not know is an error when the encoder is made, never ignored.
public struct EncoderOptions: Hashable, Sendable {
    /// Bits per second.
    public var bitRate: Int?
    /// H.264 and H.265: the constant rate factor, 0 (lossless) to 51, lower is better.
    ///
    /// JPEG: 1 to 100, higher is better.
    public var quality: Int?
    /// The buffer that rate control keeps to.
    public var vbv: VBV?
    /// H.264 and H.265: speed against size, by the codec's names: "ultrafast" to "placebo".
    public var preset: String?
    /// H.264 and H.265: what to tune for, by the codec's names: "zerolatency", "film".
    public var tune: String?
    /// H.264: "baseline", "constrained", "main", "high"; nil for what the preset makes, which is "constrained" with the
    /// default preset.
    ///
    /// The stream has the profile that is asked for: "main" turns CABAC on whatever the preset, "high" the 8x8 transform too.
    public var profile: String?
    /// H.264: "1" to "5.2"; nil for the lowest that fits.
    public var level: String?
    /// The most frames from one key frame to the next; 0 for no key frame but the first and those asked for.
    public var keyFrameInterval: Int?
    /// Refreshing pictures bit by bit instead of with key frames.
    public var intraRefresh: IntraRefresh?
    /// Whether each key frame has the parameter sets in front; otherwise only the first of each file has.
    public var inlineHeaders: Bool?
    /// H.264 and H.265: whether supplemental messages are written, the encoder's name and parameters among them.
    ///
    /// Nil writes only those that decoders use, such as the recovery points of an intra refresh; false none.
    public var sei: Bool?
    /// Whether the frame rate is written into the H.264 stream.
    public var spsTiming: Bool?
    /// Threads that encode.
    public var threads: Int?
    /// JPEG: MCU rows between restart markers; 0 for none.
    public var restartInterval: Int?
    /// JPEG pictures: tags that are written beside those that the picture itself tells; nil for no EXIF data at all.
    ///
    /// The pictures of a camera always have EXIF data.
    public var exif: ExifTags?
    /// JPEG pictures: tags for codecs that write EXIF data by themselves; ``exif`` counts before them.
    ///
    /// They are no option, so a codec without EXIF data leaves them out and refuses nothing.
    package var cameraTags: ExifTags?
    /// JPEG pictures: the thumbnail in the EXIF data; nil for ``Thumbnail/standard`` where there is EXIF data and the
    /// picture is larger.
    public var thumbnail: Thumbnail?
    /// What encodes: a device of the kernel, or a library.
    public var codecDevice = CodecDevice.automatic
    /// Further parameters of the codec, by the names that it gives them: x264's "psy-rd", "aq-mode".
    public var parameters: [String: String] = [:]

    /// Makes options that leave all to the codec.
    public init() {}

    /// Makes options from what the closure sets.
    public init(_ configure: (inout EncoderOptions) -> Void) {
        configure(&self)
    }

    /// What encodes.
    ///
    /// It is no option of a format, and so not among ``EncoderOptions/namesSet``.
    public enum CodecDevice: Hashable, Sendable {
        /// For H.264 and H.265 an encoder of the kernel, where one can do the size, the layout and all options that are
        /// given; a library otherwise.
        case automatic
        /// A library.
        case software
        /// The encoder of the kernel with this node: "/dev/video11".
        case device(String)
    }

    /// The buffer that rate control keeps to.
    public enum VBV: String, Hashable, Sendable {
        /// One second at the bit rate, so that it can be changed live.
        case auto
        /// None, as codecs do when only a bit rate is given; it cannot be changed live then.
        case none
    }

    /// Ways to refresh pictures without key frames, by picamera's names.
    public enum IntraRefresh: String, Hashable, Sendable, CaseIterable {
        /// A column of intra blocks that moves across the picture once per key-frame interval.
        case cyclic
    }

    /// The names of the options that are set.
    public var namesSet: [String] {
        var names: [String] = []
        func note(_ name: String, _ value: Any?) { if value != nil { names.append(name) } }
        note("bitRate", bitRate)
        note("quality", quality)
        note("vbv", vbv)
        note("preset", preset)
        note("tune", tune)
        note("profile", profile)
        note("level", level)
        note("keyFrameInterval", keyFrameInterval)
        note("intraRefresh", intraRefresh)
        note("inlineHeaders", inlineHeaders)
        note("sei", sei)
        note("spsTiming", spsTiming)
        note("threads", threads)
        note("restartInterval", restartInterval)
        note("exif", exif)
        note("thumbnail", thumbnail)
        return names + parameters.keys.sorted()
    }

    /// Refuses options that a format does not know.
    ///
    /// - Parameters:
    ///   - known: The names that it knows.
    ///   - format: The format, for the error's text.
    /// - Throws: `.unknownOption` that names the first of the others and lists those that there are.
    public func check(known: Set<String>, for format: MediaFormat) throws(CameraError) {
        for name in namesSet where !known.contains(name) {
            let list = known.isEmpty ? "it has none" : "it has \(known.sorted().joined(separator: ", "))"
            throw CameraError(
                .unknownOption, "configuring the encoder", subject: name,
                reason: "\(format) does not have this option; \(list)")
        }
    }
}
