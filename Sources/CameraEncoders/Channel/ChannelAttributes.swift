// SPDX-License-Identifier: MIT

public import CameraCore

/// What an ``EncoderChannel`` takes and makes.
///
/// ```swift
/// var attributes = ChannelAttributes.k230
/// attributes.size = Resolution(800, 480)
/// let channel = try EncoderChannel(attributes)
/// ```
public struct ChannelAttributes: Hashable, Sendable {
    /// H.264, H.265 or Motion JPEG.
    public var format: MediaFormat
    /// The size of the frames that are sent and of the pictures that come out, in pixels.
    public var size: Resolution
    /// The profile, by the name that ``EncoderOptions/profile`` takes; nil for the codec's choice.
    public var profile: String?
    /// The bit rate in bits per second; nil for the codec's default, or for Motion JPEG a constant quality.
    ///
    /// Motion JPEG with a ``quality`` ignores the bit rate.
    public var bitRate: Int?
    /// H.264 and H.265: the most frames from one key frame to the next; nil for the codec's choice.
    public var keyFrameInterval: Int?
    /// The frame rate of the frames that are sent.
    public var sourceFrameRate: FrameRate
    /// The frame rate of the pictures that come out; frames are left out or repeated to match it.
    public var frameRate: FrameRate
    /// Motion JPEG: 1 to 100, higher is better; nil for what the bit rate allows, or 85 without one.
    public var quality: Int?
    /// The most streams that wait to be received; sending is refused while there are so many.
    public var outputBufferCount: Int
    /// The colour space of frames that are sent as memory; a ``Frame`` has its own.
    ///
    /// By default BT.709 for a height of 720 rows and more, BT.601 below.
    public var color: ColorSpace
    /// Further options of the codec; the properties above override them.
    public var options: EncoderOptions
    /// Threads of a library that encodes, unless the options have some; an encoder of the kernel has no such option.
    package var libraryThreads: Int?

    /// Describes a channel.
    public init(
        format: MediaFormat, size: Resolution, profile: String? = nil, bitRate: Int? = nil,
        keyFrameInterval: Int? = nil,
        sourceFrameRate: FrameRate = 30, frameRate: FrameRate? = nil, quality: Int? = nil, outputBufferCount: Int = 8,
        color: ColorSpace? = nil, options: EncoderOptions = EncoderOptions()
    ) {
        self.format = format
        self.size = size
        self.profile = profile
        self.bitRate = bitRate
        self.keyFrameInterval = keyFrameInterval
        self.sourceFrameRate = sourceFrameRate
        self.frameRate = frameRate ?? sourceFrameRate
        self.quality = quality
        self.outputBufferCount = outputBufferCount
        self.color = color ?? (size.height >= 720 ? .bt709 : .bt601)
        self.options = options
    }

    /// The defaults of CanMV's `ChnAttrStr`: 4000 kb/s, a key frame each 30 frames, 30 frames per second in and out.
    ///
    /// The quality of Motion JPEG is 45. The size is that of CanMV's examples, 1280x720.
    public static let k230 = ChannelAttributes(
        format: .h264, size: .hd720p, bitRate: 4_000_000, keyFrameInterval: 30, quality: 45)

    /// The default bit rate of `libsrcampy`'s `Encoder.encode`, 8000 kb/s, with H.265 and the size of its example, 1080p.
    public static let srcampy = ChannelAttributes(format: .h265, size: .hd1080p, bitRate: 8_000_000)
}

extension ChannelAttributes {
    /// The codec's options.
    package var encoderOptions: EncoderOptions {
        var options = options
        options.bitRate = bitRate ?? options.bitRate
        if format.hasKeyFrames {
            options.profile = profile ?? options.profile
            options.keyFrameInterval = keyFrameInterval ?? options.keyFrameInterval
        } else if let quality {
            (options.quality, options.bitRate) = (quality, nil)
        }
        return options
    }

    /// Refuses what no codec can be asked for.
    ///
    /// - Throws: `.invalidValue`, `.invalidFormat`.
    func validated() throws(CameraError) -> ChannelAttributes {
        let operation = "making an encoder channel"
        let formats: [MediaFormat] = [.h264, .h265, .mjpeg]
        guard formats.contains(format) else {
            throw CameraError(
                .invalidFormat, operation, subject: format.rawValue,
                reason: "a channel makes \(formats.map(\.rawValue).joined(separator: ", "))")
        }
        try size.validated(operation)
        try sourceFrameRate.validated(operation)
        try frameRate.validated(operation)
        guard outputBufferCount >= 1 else {
            throw CameraError(
                .invalidValue, operation, subject: "outputBufferCount",
                reason: "\(outputBufferCount) leaves no room for a picture; 1 is the least")
        }
        guard format.hasKeyFrames || profile == nil else {
            throw CameraError(
                .invalidValue, operation, subject: "profile", reason: "Motion JPEG has no profiles; leave it out")
        }
        return self
    }
}
