// SPDX-License-Identifier: MIT

/// What an output is told about the picture that it writes.
public struct PacketInfo: Hashable, Sendable {
    /// The picture's place among the frames of the recording, from 0; a gap is a frame that was lost before encoding.
    public var index: Int64
    /// The kind of picture.
    public var type: FrameType
    /// When it is shown, from the recording's first frame on; runs on through splits.
    public var timestamp: Duration
    /// When a decoder needs it, on the same clock; never goes back from packet to packet.
    public var decodeTimestamp: Duration
    /// The device's time of the exposure.
    public var sensorTime: Timestamp
    /// The same moment in civil time.
    public var wallTime: WallTime
    /// Bytes of parameter sets in front of the picture; 0 when there are none.
    public var headerByteCount: Int
    /// How the camera took the picture, as far as it tells.
    public var metadata: FrameMetadata?
    /// What the picture needs of those before it, where it is a camera's own stream.
    package var lineage = Lineage.trailing

    /// Describes a picture.
    public init(
        index: Int64, type: FrameType, timestamp: Duration, decodeTimestamp: Duration? = nil,
        sensorTime: Timestamp, wallTime: WallTime, headerByteCount: Int = 0, metadata: FrameMetadata? = nil
    ) {
        self.index = index
        self.type = type
        self.timestamp = timestamp
        self.decodeTimestamp = decodeTimestamp ?? timestamp
        self.sensorTime = sensorTime
        self.wallTime = wallTime
        self.headerByteCount = headerByteCount
        self.metadata = metadata
    }

    /// Whether decoding can start here.
    public var isKeyFrame: Bool { type == .key }
}

/// A picture's bytes with what is known about them, on their way to the outputs.
public struct Packet: Sendable {
    /// The bytes of one whole picture.
    public let bytes: PacketBytes
    /// What is known about it.
    public let info: PacketInfo

    /// Puts the two together.
    public init(bytes: PacketBytes, info: PacketInfo) {
        self.bytes = bytes
        self.info = info
    }
}
