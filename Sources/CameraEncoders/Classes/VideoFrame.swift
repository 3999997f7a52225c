// SPDX-License-Identifier: MIT

public import CameraCore

/// A picture of a recording, with the bytes that were written up to it.
public struct VideoFrame: Hashable, Sendable {
    /// The picture's place among the frames of the recording, from 0; a gap is a frame that was lost before encoding.
    public var index: Int64
    /// The kind of picture.
    public var type: FrameType
    /// Bytes of the picture, parameter sets included.
    public var frameSize: Int
    /// Bytes of the whole recording so far, this picture included.
    public var videoSize: Int
    /// Bytes since the last split, this picture included.
    public var splitSize: Int
    /// When the picture is shown, from the recording's first picture on, or by the sensor's clock; see ``ClockMode``.
    public var timestamp: Duration
    /// Whether the picture is complete; always true, since pictures come whole.
    public var complete: Bool
    /// Whether parameter sets are in front of the picture.
    public var hasHeader: Bool
    /// The device's time of the exposure.
    public var sensorTime: Timestamp
    /// The time of the exposure as wall-clock time.
    public var wallTime: WallTime

    /// The offset of the picture's first byte in its file.
    public var position: Int { splitSize - frameSize }
}
