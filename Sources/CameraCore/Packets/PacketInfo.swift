// SPDX-License-Identifier: MIT

/// The number, kind and times of an encoded picture.
public struct PacketInfo: Hashable, Sendable {
    /// The picture's place among the frames of the recording, from 0; a gap is a frame that was lost before encoding.
    public var index: Int64
    /// The kind of picture.
    public var type: FrameType
    /// The presentation time, which runs on through splits.
    ///
    /// Counted from the recording's first frame, or by the sensor's clock; see ``ClockMode``.
    public var timestamp: Duration
    /// The decoding time, on the same clock as ``timestamp``; never goes back from packet to packet.
    public var decodeTimestamp: Duration
    /// The time of the exposure, on the monotonic clock.
    public var sensorTime: Timestamp
    /// The time of the exposure, in civil time.
    public var wallTime: WallTime
    /// Bytes of parameter sets in front of the picture; 0 when there are none.
    public var headerByteCount: Int
    /// The exposure time, gains and the like of the picture; nil where the camera tells nothing.
    public var metadata: FrameMetadata?
    /// Which earlier pictures the picture needs, in a stream that the camera encoded.
    package var lineage = Lineage.trailing

    /// Makes the information of a picture; `decodeTimestamp` is `timestamp` unless it is given.
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

    /// When it is decoded, on the clock of ``sensorTime``; later pictures are neither decoded nor shown before that.
    package var decodeMoment: Timestamp { sensorTime - (timestamp - decodeTimestamp) }
}

/// An encoded picture: its bytes, number, kind and times.
public struct Packet: Sendable {
    /// The bytes of one whole picture.
    public let bytes: PacketBytes
    /// The picture's number, kind and times.
    public let info: PacketInfo

    /// Makes a packet.
    public init(bytes: PacketBytes, info: PacketInfo) {
        self.bytes = bytes
        self.info = info
    }
}
