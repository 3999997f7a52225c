// SPDX-License-Identifier: MIT

/// Turns frames into packets.
///
/// One thread drives a codec: ``configure(_:deliver:)`` once, ``encode(_:index:asKeyFrame:)`` for each frame with numbers
/// that go up by one, ``drain()``, ``close()``. Packets leave in decoding order through `deliver`, during `encode` or
/// `drain` or from a thread of the codec's own; `deliver` may block to hold the codec back.
public protocol Codec: AnyObject, Sendable {
    /// The encoder's name, for messages and statistics: "libx264", "bcm2835-codec (/dev/video11)".
    var name: String { get }

    /// The pixel formats that ``encode(_:index:asKeyFrame:)`` takes, the cheapest first.
    var inputFormats: [PixelFormat] { get }

    /// Whether a frame's memory may be used again as soon as ``encode(_:index:asKeyFrame:)`` has returned.
    var copiesFrames: Bool { get }

    /// The colour space that frames are converted to before they are encoded.
    ///
    /// - Parameter source: The colour space of the source.
    /// - Returns: The colour space that the format demands, or the source's own.
    func inputColor(for source: ColorSpace) -> ColorSpace

    /// Whether the codec can encode any frame as a key frame; pass-through cannot.
    ///
    /// A codec that cannot is given no frame before the camera's first key frame, and after a gap none before the next
    /// key frame. Its files can begin only at the camera's key frames, which ``VideoSource/requestKeyFrame()`` asks
    /// for.
    var makesKeyFrames: Bool { get }

    /// Checks the configuration and makes the encoder ready.
    ///
    /// - Parameters:
    ///   - configuration: The format, size, rate and options of the stream.
    ///   - deliver: Receives each packet, or ``EncodedFrame/lost(index:_:)`` for a frame without one, or the error that
    ///     ends encoding; one call at a time, in decoding order.
    /// - Returns: The parameter sets as a byte stream; empty where the format has none or they are not known yet.
    /// - Throws: `.invalidValue`, `.unknownOption` or `.unsupported` that names the option.
    func configure(
        _ configuration: CodecConfiguration,
        deliver: @escaping @Sendable (Result<EncodedFrame, CameraError>) -> Void
    ) throws(CameraError) -> [UInt8]

    /// Encodes a frame; waits while the codec holds as many frames as it can.
    ///
    /// - Parameters:
    ///   - frame: A frame of the configured size and format.
    ///   - index: The frame's number: 0, 1, 2 and so on.
    ///   - asKeyFrame: Whether the frame must become a key frame.
    /// - Throws: `.codec` when encoding fails; the codec cannot be used any more then.
    func encode(_ frame: Frame, index: Int64, asKeyFrame: Bool) throws(CameraError)

    /// Changes the bit rate, in bits per second, from the next frame on.
    ///
    /// - Throws: `.unsupported` where the codec or its rate control cannot change the bit rate.
    func setBitRate(_ bitRate: Int) throws(CameraError)

    /// Delivers the packets of all frames that were taken, then returns.
    func drain() throws(CameraError)

    /// Frees everything; nothing is delivered afterwards. May be called without ``drain()``, and twice.
    func close()
}

extension Codec {
    /// False: the codec keeps frames until they are encoded.
    public var copiesFrames: Bool { false }

    /// True: any frame can become a key frame.
    public var makesKeyFrames: Bool { true }

    /// The name of the type.
    public var name: String { "\(Self.self)" }

    /// The source's own colour space.
    public func inputColor(for source: ColorSpace) -> ColorSpace { source }

    /// Throws `.unsupported`.
    public func setBitRate(_ bitRate: Int) throws(CameraError) {
        throw CameraError(.unsupported, "changing the bit rate", reason: "this codec cannot while it runs")
    }
}

/// The stream that a codec is to produce.
public struct CodecConfiguration: Sendable {
    /// The format of the packets.
    public var format: MediaFormat
    /// The pixel format of the frames; one of ``Codec/inputFormats``.
    public var inputFormat: PixelFormat
    /// The size of the frames.
    public var size: Resolution
    /// The nominal frame rate, for rate control and the stream's timing.
    public var frameRate: FrameRate
    /// The colour space of the frames.
    public var color: ColorSpace
    /// Bit rate, quality and the rest.
    public var options: EncoderOptions
    /// The pixel aspect ratio; square by default.
    public var pixelAspect = PixelAspect.square
    /// The field order; progressive by default.
    public var fieldOrder = FieldOrder.progressive

    /// Makes a configuration with square pixels and progressive frames.
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
