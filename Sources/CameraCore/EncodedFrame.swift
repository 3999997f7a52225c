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

    /// Describes a picture.
    public init(
        bytes: PacketBytes, headerByteCount: Int = 0, type: FrameType, index: Int64, decodeIndex: Int64? = nil
    ) {
        self.bytes = bytes
        self.headerByteCount = headerByteCount
        self.type = type
        self.index = index
        self.decodeIndex = decodeIndex ?? index
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
