// SPDX-License-Identifier: MIT

/// The time, number and metadata of a frame.
public struct FrameInfo: Hashable, Sendable {
    /// The time of the exposure, on the monotonic clock.
    public var timestamp: Timestamp
    /// The time of the exposure, in civil time.
    public var wallTime: WallTime
    /// The frame's number by the driver's count; a gap is a frame that was lost or left out.
    public var sequence: UInt64
    /// The number of the request; frames of several streams that were exposed together have the same.
    public var request: UInt64
    /// The index of the source's stream that the frame belongs to.
    public var stream: Int
    /// Exposure, gains and the like; nil where the camera tells nothing.
    public var metadata: FrameMetadata?
    /// Whether the source has compared the time with those of neighbouring frames, so that gaps are real.
    package var hasCheckedTime = false

    /// Makes the information of a frame; `request` is `sequence` unless it is given.
    public init(
        timestamp: Timestamp, wallTime: WallTime, sequence: UInt64, request: UInt64? = nil, stream: Int = 0,
        metadata: FrameMetadata? = nil
    ) {
        self.timestamp = timestamp
        self.wallTime = wallTime
        self.sequence = sequence
        self.request = request ?? sequence
        self.stream = stream
        self.metadata = metadata
    }
}
