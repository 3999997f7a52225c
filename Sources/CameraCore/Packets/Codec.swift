// SPDX-License-Identifier: MIT

/// Turns frames into packets.
///
/// One thread drives a codec: ``configure(_:deliver:)`` once, ``encode(_:index:asKeyFrame:)`` for each frame with numbers
/// that go up by one, ``drain()``, ``close()``. Packets leave in decoding order through `deliver`, during `encode` or
/// `drain` or from a thread of the codec's own; `deliver` may block to hold the codec back.
public protocol Codec: AnyObject, Sendable {
    /// What makes the packets, for users to read: "libx264", "bcm2835-codec (/dev/video11)".
    var name: String { get }

    /// The layouts that ``encode(_:index:asKeyFrame:)`` takes, the cheapest first.
    var inputFormats: [PixelFormat] { get }

    /// Whether a frame's memory may be used again as soon as ``encode(_:index:asKeyFrame:)`` has returned.
    var copiesFrames: Bool { get }

    /// The colours that pictures must have, given those of the source: what the format demands, or the source's own.
    func inputColor(for source: ColorSpace) -> ColorSpace

    /// Whether it makes a key frame of any frame; otherwise it finds them among what the camera encoded.
    ///
    /// A codec that finds key frames is given none before the first one, and after a gap none before the next one; cuts
    /// wait for one, which the camera is asked for.
    var makesKeyFrames: Bool { get }

    /// Checks the configuration and makes the encoder ready.
    ///
    /// - Parameters:
    ///   - configuration: What to make.
    ///   - deliver: Takes each packet, or ``EncodedFrame/lost(index:_:)`` for a frame that has none, or the error that ends
    ///     the work; called one at a time, in order.
    /// - Returns: The parameter sets as a byte stream; empty where the format has none.
    /// - Throws: `.invalidValue`, `.unknownOption` or `.unsupported` that names the option.
    func configure(
        _ configuration: CodecConfiguration,
        deliver: @escaping @Sendable (Result<EncodedFrame, CameraError>) -> Void
    ) throws(CameraError) -> [UInt8]

    /// Takes a frame; waits while the codec has as many as it can hold.
    ///
    /// - Parameters:
    ///   - frame: A frame of the configured size and format.
    ///   - index: Its number: 0, 1, 2 and so on.
    ///   - asKeyFrame: Whether decoding must be able to start at this very frame.
    /// - Throws: `.codec` when it fails; it cannot go on then.
    func encode(_ frame: Frame, index: Int64, asKeyFrame: Bool) throws(CameraError)

    /// Changes the bit rate from the next frame on.
    ///
    /// - Throws: `.unsupported` where the codec or its rate control cannot.
    func setBitRate(_ bitRate: Int) throws(CameraError)

    /// Delivers the packets of all frames that were taken, then returns.
    func drain() throws(CameraError)

    /// Frees everything; nothing is delivered afterwards. May be called without ``drain()``, and twice.
    func close()
}

extension Codec {
    /// No: the codec keeps frames until it is done with them.
    public var copiesFrames: Bool { false }

    /// True.
    public var makesKeyFrames: Bool { true }

    /// The name of the type.
    public var name: String { "\(Self.self)" }

    /// The source's own colours.
    public func inputColor(for source: ColorSpace) -> ColorSpace { source }

    /// Throws `.unsupported`.
    public func setBitRate(_ bitRate: Int) throws(CameraError) {
        throw CameraError(.unsupported, "changing the bit rate", reason: "this codec cannot while it runs")
    }
}

/// What a codec is to make.
public struct CodecConfiguration: Sendable {
    /// The format of the packets.
    public var format: MediaFormat
    /// The layout of the frames that will come; one of ``Codec/inputFormats``.
    public var inputFormat: PixelFormat
    /// The size of the frames.
    public var size: Resolution
    /// The nominal rate, which rate control and the stream's timing go by.
    public var frameRate: FrameRate
    /// What the frames' numbers mean.
    public var color: ColorSpace
    /// Bit rate, quality and the rest.
    public var options: EncoderOptions
    /// The shape of the pixels.
    public var pixelAspect = PixelAspect.square
    /// Which of the frames' lines were taken first.
    public var fieldOrder = FieldOrder.progressive

    /// Describes the work, of square pixels that are taken at once.
    public init(
        format: MediaFormat, inputFormat: PixelFormat, size: Resolution, frameRate: FrameRate, color: ColorSpace,
        options: EncoderOptions = EncoderOptions()
    ) {
        self.format = format
        self.inputFormat = inputFormat
        self.size = size
        self.frameRate = frameRate
        self.color = color
        self.options = options
    }
}
