// SPDX-License-Identifier: MIT

/// Where the pictures of a recording go.
///
/// Only ``write(_:_:)`` has no default. An encoder calls the methods from its callback thread, one at a time:
/// ``begin(_:)`` before the first picture, ``write(_:_:)`` or ``write(_:)`` for each, ``end()`` after the last. An
/// output that a user handed in is then flushed, never closed; one that the encoder opened is closed. An error that a
/// method throws ends the recording and arrives as ``CameraError`` with the original in `underlying`.
public protocol Output: AnyObject, Sendable {
    /// The name of the output's file, whose extension can tell the format; nil where there is no file.
    var name: String? { get }

    /// Called once before the first picture of this output.
    ///
    /// - Throws: Any error; it ends the recording.
    func begin(_ stream: StreamDescription) throws

    /// Writes one whole picture; must take all bytes or throw.
    ///
    /// - Parameters:
    ///   - bytes: Parameter sets, if any, and the picture; valid only during the call.
    ///   - info: The picture's number, kind and times.
    /// - Throws: Any error; it ends the recording.
    func write(_ bytes: RawSpan, _ info: PacketInfo) throws

    /// Writes one whole picture; for outputs that keep packets without copying their bytes.
    ///
    /// - Throws: Any error; it ends the recording.
    func write(_ packet: Packet) throws

    /// Called once after the last picture of this output.
    ///
    /// - Throws: Any error; stopping the recording throws it.
    func end() throws

    /// Hands what is buffered to the system.
    ///
    /// - Throws: Any error; stopping the recording throws it.
    func flush() throws

    /// Releases what the output holds; it is not written to afterwards.
    ///
    /// - Throws: Any error; stopping the recording throws it.
    func close() throws
}

extension Output {
    /// Nil.
    public var name: String? { nil }

    /// Does nothing.
    public func begin(_ stream: StreamDescription) throws {}

    /// Calls ``write(_:_:)``.
    public func write(_ packet: Packet) throws {
        try write(packet.bytes.span, packet.info)
    }

    /// Does nothing.
    public func end() throws {}

    /// Does nothing.
    public func flush() throws {}

    /// Does nothing.
    public func close() throws {}
}

/// The stream that an output is going to receive.
public struct StreamDescription: Sendable {
    /// The format of the packets.
    public var format: MediaFormat
    /// The pictures' size.
    public var size: Resolution
    /// The nominal frame rate; the actual times come with each packet.
    public var frameRate: FrameRate
    /// The colour space of the pictures.
    public var color: ColorSpace
    /// The codec's parameter sets as a byte stream; empty where the format has none.
    public var parameterSets: [UInt8]
    /// The pixel aspect ratio; square by default.
    public var pixelAspect = PixelAspect.square
    /// How the producer of the stream is asked for a key frame; must not wait.
    package var keyFrameRequest: (@Sendable () -> Void)?

    /// Describes a stream of square pixels.
    public init(
        format: MediaFormat, size: Resolution, frameRate: FrameRate, color: ColorSpace, parameterSets: [UInt8] = []
    ) {
        self.format = format
        self.size = size
        self.frameRate = frameRate
        self.color = color
        self.parameterSets = parameterSets
    }

    /// Asks the recording to make its next frame a key frame; does nothing where nobody can.
    ///
    /// May be called from any thread.
    public func requestKeyFrame() { keyFrameRequest?() }
}
