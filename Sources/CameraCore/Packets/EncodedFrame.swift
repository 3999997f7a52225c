// SPDX-License-Identifier: MIT

/// The kind of picture that a packet holds.
public enum FrameType: String, Hashable, Sendable, Codable {
    /// A picture from which decoding can start; each MJPEG and raw picture is one.
    ///
    /// In H.264 an IDR picture or, in a camera's own stream, a recovery point.
    case key
    /// A picture that refers to earlier pictures.
    case predicted
    /// A picture that refers to earlier and later pictures.
    case bidirectional
}

/// One compressed picture (an access unit) as a codec gives it, or one raw picture.
public struct EncodedFrame: Sendable {
    /// The bytes, parameter sets first when the codec repeats them.
    public let bytes: PacketBytes
    /// Bytes of parameter sets and identification in front of the picture; 0 when there are none.
    public let headerByteCount: Int
    /// The kind of picture.
    public let type: FrameType
    /// The number of the frame, as given to ``Codec/encode(_:index:asKeyFrame:)``.
    public let index: Int64
    /// The decoding time, as a frame number: at most ``index``.
    ///
    /// Where pictures are reordered, the first decoding times are negative.
    public let decodeIndex: Int64
    /// Which earlier pictures the picture needs, in a stream that the camera encoded.
    package var lineage = Lineage.trailing
    /// Why the frame has no picture; nil where it has one.
    public let loss: CameraError?

    /// Makes an encoded picture; `decodeIndex` is `index` unless it is given.
    public init(
        bytes: PacketBytes, headerByteCount: Int = 0, type: FrameType, index: Int64, decodeIndex: Int64? = nil
    ) {
        self.bytes = bytes
        self.headerByteCount = min(max(headerByteCount, 0), bytes.count)
        self.type = type
        self.index = index
        self.decodeIndex = decodeIndex ?? index
        loss = nil
    }

    /// Makes the entry for a frame that the encoder lost; the codec goes on with the next frame.
    ///
    /// A codec also reports as lost each picture that refers to a lost one, so that all pictures it delivers can be
    /// decoded.
    ///
    /// - Parameters:
    ///   - index: The number of the frame.
    ///   - reason: Why the frame was lost.
    /// - Returns: The value to deliver in place of a picture.
    public static func lost(index: Int64, _ reason: CameraError) -> EncodedFrame {
        EncodedFrame(lost: index, reason)
    }

    private init(lost index: Int64, _ reason: CameraError) {
        bytes = .empty
        headerByteCount = 0
        type = .predicted
        self.index = index
        decodeIndex = index
        loss = reason
    }
}

/// Shared bytes that nobody writes to, and whose memory lives as long as any copy of this value.
public struct PacketBytes: @unchecked Sendable {
    // Unchecked: `owner` keeps the memory alive, and nobody writes to it.

    /// The first byte.
    public let baseAddress: UnsafeRawPointer
    /// How many bytes there are.
    public let count: Int
    private let owner: any AnyObject & Sendable

    /// Wraps memory that `owner` keeps alive and that nobody writes to.
    public init(baseAddress: UnsafeRawPointer, count: Int, owner: any AnyObject & Sendable) {
        self.baseAddress = baseAddress
        self.count = count
        self.owner = owner
    }

    /// No bytes.
    static let empty: PacketBytes = {
        let nothing = NoBytes()
        return PacketBytes(baseAddress: UnsafeRawPointer(nothing.address), count: 0, owner: nothing)
    }()

    /// An address for no bytes.
    private final class NoBytes: @unchecked Sendable {
        // Unchecked: nobody reads or writes what has no bytes.
        let address = UnsafeMutableRawPointer.allocate(byteCount: 1, alignment: 1)

        deinit { address.deallocate() }
    }

    /// Wraps the first `count` bytes of a pool's block.
    public init(_ bytes: PooledBytes, count: Int) {
        precondition(count <= bytes.capacity)
        self.init(baseAddress: UnsafeRawPointer(bytes.baseAddress), count: count, owner: bytes)
    }

    /// A part of the bytes; the memory of all of them stays allocated.
    package func slice(_ range: Range<Int>) -> PacketBytes {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        return PacketBytes(baseAddress: baseAddress + range.lowerBound, count: range.count, owner: owner)
    }

    /// The bytes as a span, valid as long as this value.
    public var span: RawSpan {
        @_lifetime(borrow self)
        get {
            let span = RawSpan(_unsafeStart: baseAddress, byteCount: count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }
}
