// SPDX-License-Identifier: MIT

internal import CameraCore

/// Tells which frames belong to a recording of a given length.
///
/// Counted from the first frame that the recording can begin with; times when it takes no frames do not count.
struct TimeLimit {
    private let limit: Duration
    private let interval: Duration
    private var clock: SteadyClock
    private var start: Timestamp?
    private var last: Timestamp?

    /// Makes a limit.
    ///
    /// - Parameters:
    ///   - limit: The length of the recording.
    ///   - frameRate: The nominal rate of the frames.
    ///   - canWait: Whether their source stands still until they are taken.
    init(_ limit: Duration, frameRate: FrameRate, canWait: Bool) {
        self.limit = limit
        interval = frameRate.interval
        clock = SteadyClock(frameRate: frameRate, canWait: canWait)
    }

    /// Whether a frame belongs to the recording; one that does not is its end.
    ///
    /// - Parameters:
    ///   - frame: The next frame.
    ///   - arrival: When it came.
    ///   - closesGap: Whether frames before it were left out that do not count.
    /// - Returns: Whether it does.
    mutating func admits(_ frame: Frame, arrival: Timestamp, closesGap: Bool) -> Bool {
        // What is before the first key frame is left out of the recording, and so it is not part of its time.
        guard start != nil || frame.isKeyFrame else { return true }
        let time = clock.advance(to: frame.info, arrival: arrival).info.timestamp
        var first = start ?? time
        if closesGap, let last { first = first + max(time - last - interval, .zero) }
        (start, last) = (first, time)
        // No camera's clock is exact: the frame that is due at the end of the time is not part of it.
        return time - first < limit - interval / 2
    }
}
