// SPDX-License-Identifier: MIT

/// The options of an encoder: bit rate, quality, key frames and others.
///
/// The codec chooses the options that are nil. An option that the format does not have is an error when the encoder is
/// made, never ignored.
public struct EncoderOptions: Hashable, Sendable {
    /// The bit rate, in bits per second.
    public var bitRate: Int?
    /// H.264 and H.265: the constant rate factor, 0 (lossless) to 51, lower is better.
    ///
    /// JPEG: 1 to 100, higher is better.
    public var quality: Int?
    /// The size of the rate-control buffer (video buffering verifier).
    public var vbv: VBV?
    /// H.264 and H.265: the codec's preset of speed against compression, "ultrafast" to "placebo".
    public var preset: String?
    /// H.264 and H.265: the codec's tuning, such as "zerolatency" or "film".
    public var tune: String?
    /// H.264: "baseline", "constrained", "main", "high"; nil for what the preset makes, which is "constrained" with the
    /// default preset.
    ///
    /// The stream has the requested profile with any preset: "main" turns CABAC on, "high" CABAC and the 8x8 transform.
    public var profile: String?
    /// H.264: "1" to "5.2"; nil for the lowest that fits.
    public var level: String?
    /// The largest number of frames from one key frame to the next; 0 for only the first key frame and those asked for.
    public var keyFrameInterval: Int?
    /// H.264: gradual refresh of the picture by intra blocks, instead of key frames.
    public var intraRefresh: IntraRefresh?
    /// Whether the parameter sets precede each key frame, or else only the first one of each file.
    public var inlineHeaders: Bool?
    /// H.264 and H.265: whether SEI messages are written, such as the encoder's name and parameters.
    ///
    /// Nil writes only the messages that decoders use, such as the recovery points of an intra refresh; false writes
    /// none.
    public var sei: Bool?
    /// Whether the frame rate is written into the H.264 stream; x264 always writes it and refuses false.
    public var spsTiming: Bool?
    /// The number of threads that encode.
    public var threads: Int?
    /// JPEG: MCU rows between restart markers; 0 for none.
    public var restartInterval: Int?
    /// JPEG pictures: EXIF tags to write, besides those that come from the picture itself; nil for no EXIF data.
    ///
    /// Pictures captured through a `Camera` have EXIF data even where this is nil.
    public var exif: ExifTags?
    /// JPEG pictures: the camera's maker and model; tags of ``exif`` replace them.
    ///
    /// Not checked as an option: a codec that cannot write EXIF data ignores these tags.
    package var cameraTags: ExifTags?
    /// JPEG pictures: the thumbnail in the EXIF data.
    ///
    /// Nil for ``Thumbnail/standard``, where there is EXIF data and the picture is not smaller than the thumbnail.
    public var thumbnail: Thumbnail?
    /// The encoder to use: a device of the kernel, or a library.
    public var codecDevice = CodecDevice.automatic
    /// Further parameters of the codec, by the codec's own names: "psy-rd", "aq-mode" of x264.
    public var parameters: [String: String] = [:]

    /// Makes options that leave all to the codec.
    public init() {}

    /// Makes options that a closure fills in.
    public init(_ configure: (inout EncoderOptions) -> Void) {
        configure(&self)
    }

    /// The encoder to use: a device of the kernel, or a library.
    ///
    /// It says what encodes, and is no option of a format: formats that have no such choice do not refuse it.
    public enum CodecDevice: Hashable, Sendable {
        /// For H.264 and H.265 an encoder of the kernel, where one can do the size, the layout and all options that are
        /// given; a library otherwise.
        case automatic
        /// A library.
        case software
        /// The encoder of the kernel with this node: "/dev/video11".
        case device(String)
    }

    /// The size of the rate-control buffer.
    public enum VBV: String, Hashable, Sendable, CaseIterable {
        /// One second at the bit rate; the bit rate can be changed while encoding.
        case auto
        /// No buffer; the bit rate cannot be changed while encoding.
        case none
    }

    /// Ways to refresh pictures without key frames, by picamera's names.
    public enum IntraRefresh: String, Hashable, Sendable, CaseIterable {
        /// A column of intra blocks that moves across the picture once per key-frame interval.
        case cyclic
    }

    /// The names of the options that are set.
    package var namesSet: [String] {
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

    /// Throws when an option is set that a format does not have.
    ///
    /// - Parameters:
    ///   - known: The names of the options that the format has.
    ///   - format: The format, for the error's text.
    /// - Throws: `.unknownOption` that names the first unknown option and lists the known ones.
    public func check(known: Set<String>, for format: MediaFormat) throws(CameraError) {
        for name in namesSet where !known.contains(name) {
            let list = known.isEmpty ? "it has none" : "it has \(known.sorted().joined(separator: ", "))"
            throw CameraError(
                .unknownOption, "configuring the encoder", subject: name,
                reason: "\(format) does not have this option; \(list)")
        }
    }
}
