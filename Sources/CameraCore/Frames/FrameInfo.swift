// SPDX-License-Identifier: MIT

/// When and where a frame was taken.
public struct FrameInfo: Hashable, Sendable {
    /// The device's time of the exposure, on the monotonic clock.
    public var timestamp: Timestamp
    /// The same moment in civil time.
    public var wallTime: WallTime
    /// The driver's count of frames; a gap is a frame that the driver lost.
    public var sequence: UInt64
    /// Frames of several streams that were exposed together carry the same number.
    public var request: UInt64
    /// The stream of the source that it came by.
    public var stream: Int
    /// Exposure, gains and the like; nil where the camera tells nothing.
    public var metadata: FrameMetadata?
    /// Whether the source has compared the time with those of the frames around it, so that a gap is meant.
    package var hasCheckedTime = false

    /// Describes a frame.
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
