// SPDX-License-Identifier: MIT

/// What kind of picture a packet holds.
public enum FrameType: String, Hashable, Sendable, Codable {
    /// A picture that needs no other, from which decoding can start (H.264: IDR). Each MJPEG and raw picture is one.
    case key
    /// A picture that needs earlier ones.
    case predicted
    /// A picture that needs earlier and later ones.
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
    /// Which frame it is: the number that was given to ``Codec/encode(_:index:asKeyFrame:)``.
    public let index: Int64
    /// When a decoder needs it, counted in frames; at most ``index``, and negative before the first.
    public let decodeIndex: Int64
    /// What the picture needs of those before it, where it is another's stream; our own need nothing before a key frame.
    package var lineage = Lineage.trailing
    /// Why there is no picture of this frame; nil for a picture.
    public let loss: CameraError?

    /// Describes a picture.
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

    /// Tells that a frame which entered the codec has no picture, since the encoder lost it; the codec goes on.
    ///
    /// Pictures that need the lost one are lost as well: what is delivered can be decoded.
    ///
    /// - Parameters:
    ///   - index: Which frame it is.
    ///   - reason: What became of it.
    /// - Returns: What to deliver in place of the picture.
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

/// Bytes that are shared, not copied: whoever holds them keeps them.
public struct PacketBytes: @unchecked Sendable {
    // Unchecked: `owner` keeps the memory alive, and nobody writes to it.

    /// The first byte.
    public let baseAddress: UnsafeRawPointer
    /// How many bytes there are.
    public let count: Int
    private let owner: any AnyObject & Sendable

    /// Describes memory that `owner` keeps alive and nobody writes to.
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

    /// The first `count` bytes of a pool's block.
    public init(_ bytes: PooledBytes, count: Int) {
        precondition(count <= bytes.capacity)
        self.init(baseAddress: UnsafeRawPointer(bytes.baseAddress), count: count, owner: bytes)
    }

    /// A part of the bytes, which keeps all of them.
    package func slice(_ range: Range<Int>) -> PacketBytes {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        return PacketBytes(baseAddress: baseAddress + range.lowerBound, count: range.count, owner: owner)
    }

    /// Lends the bytes.
    public var span: RawSpan {
        @_lifetime(borrow self)
        get {
            let span = RawSpan(_unsafeStart: baseAddress, byteCount: count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }
}
