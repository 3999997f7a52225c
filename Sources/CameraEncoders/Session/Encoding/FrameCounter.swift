// SPDX-License-Identifier: MIT

internal import CameraCore

/// Follows the numbers of a recording's frames.
struct FrameCounter {
    private var start: Timestamp?
    private var last: FrameInfo?
    private var place: Int64 = 0
    private let interval: Duration

    /// - Parameter interval: From frame to frame, as after a pause.
    init(interval: Duration) {
        self.interval = interval
    }

    /// Where a frame stands in the recording: the time since the first one, and its place among them, lost ones included.
    ///
    /// - Parameters:
    ///   - info: The frame.
    ///   - closesGap: Whether the recording was paused before it: then it follows the one before like any other.
    /// - Returns: The time, and the place.
    mutating func advance(to info: FrameInfo, closesGap: Bool) -> (elapsed: Duration, place: Int64) {
        if let last {
            place += closesGap ? 1 : SequenceGap.step(from: last.sequence, to: info.sequence)
            if closesGap, let start { self.start = start + max(info.timestamp - last.timestamp - interval, .zero) }
        }
        last = info
        let start = start ?? info.timestamp
        self.start = start
        return (info.timestamp - start, place)
    }
}
