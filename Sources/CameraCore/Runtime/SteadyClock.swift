// SPDX-License-Identifier: MIT

/// Corrects the times of a source's frames so that they never repeat, go back or jump.
///
/// A time that repeats or goes back a little becomes one microsecond more than the last. One that is out of line by
/// more becomes that of one frame after the last; the next frame tells what it was. When that frame is in line again,
/// the odd time was an outlier. When that frame goes on from the odd time, the clock has restarted, and all later times
/// are shifted alike, so that the recording goes on.
package struct SteadyClock {
    /// The corrected time of a frame.
    package struct Reading {
        /// The frame's own information, with the corrected time.
        package var info: FrameInfo
        /// Whether the time was changed by another amount than that of the frame before.
        package var isCorrected = false
        /// Whether the frame shows that the source's clock has restarted.
        package var hasRestarted = false
    }

    private let canWait: Bool
    private let backLimit: Duration
    private let aheadLimit: Duration
    /// From frame to frame, as the last that were in line had it.
    private var interval: Duration
    /// The last frame with the time that it has here, and when it came.
    private var last: (info: FrameInfo, arrival: Timestamp)?
    /// The frame that was out of line just now, with its own time.
    private var suspect: FrameInfo?
    /// By how much the source's times are moved since its clock restarted, and whether its wall time went with it.
    private var shift = (time: Duration.zero, includesWall: false)
    /// Whether a source that can wait has shown that its frames may lie far apart.
    private var hasGaps = false

    /// Begins with a source's first frame.
    ///
    /// - Parameters:
    ///   - frameRate: The source's nominal rate.
    ///   - canWait: Whether it stands still until its frames are taken, so that their arrival tells nothing.
    package init(frameRate: FrameRate, canWait: Bool) {
        self.canWait = canWait
        interval = frameRate.interval
        backLimit = min(.seconds(1), interval * 10)
        aheadLimit = max(.seconds(canWait ? 10 : 1), interval * 10)
    }

    /// Takes the next frame.
    ///
    /// - Parameters:
    ///   - frame: The frame's own information.
    ///   - arrival: When it came from the source.
    /// - Returns: The information with the time that it has here.
    package mutating func advance(to frame: FrameInfo, arrival: Timestamp) -> Reading {
        var reading = Reading(info: moved(frame, by: shift.time, withWall: shift.includesWall))
        if let last {
            let step = reading.info.timestamp - last.info.timestamp
            if isInLine(step, of: frame, after: arrival - last.arrival) {
                suspect = nil
                if step <= .zero {
                    reading.info.timestamp = last.info.timestamp + .microseconds(1)
                    reading.isCorrected = true
                } else if step <= backLimit {
                    interval = step
                }
            } else if !follows(frame, &reading, after: last.info) {
                suspect = frame
                reading = Reading(info: put(frame, at: last.info.timestamp + interval, after: last.info))
                reading.isCorrected = true
            }
        }
        last = (reading.info, arrival)
        return reading
    }

    /// Whether a frame may come so long after the last: gaps are real where as much time has passed.
    private func isInLine(_ step: Duration, of frame: FrameInfo, after passed: Duration) -> Bool {
        if step <= .zero { return step >= .zero - backLimit }
        if canWait, hasGaps || frame.hasCheckedTime { return true }
        return step <= aheadLimit + (canWait ? .zero : max(passed, .zero))
    }

    /// Takes up a new time base when the frame goes on from the one that was out of line.
    private mutating func follows(_ frame: FrameInfo, _ reading: inout Reading, after last: FrameInfo) -> Bool {
        guard let suspect else { return false }
        let step = frame.timestamp - suspect.timestamp
        guard step > .zero else { return false }
        if canWait, reading.info.timestamp > last.timestamp {
            // No clock but the source's own tells how much time has passed between its frames.
            hasGaps = true
        } else {
            guard step <= aheadLimit else { return false }
            reading = Reading(info: put(frame, at: last.timestamp + step, after: last))
            shift.time = reading.info.timestamp - frame.timestamp
            shift.includesWall = reading.info.wallTime != frame.wallTime
        }
        reading.hasRestarted = true
        self.suspect = nil
        return true
    }

    /// A frame with another time; the wall time goes with it where it is as far off.
    private func put(_ frame: FrameInfo, at time: Timestamp, after last: FrameInfo) -> FrameInfo {
        let change = time - frame.timestamp
        let wall = moved(frame, by: change, withWall: true).wallTime
        let distance = wall.nanosecondsSince1970 &- last.wallTime.nanosecondsSince1970
        let isAsFarOff = (0...aheadLimit.nanoseconds).contains(distance)
        return moved(frame, by: change, withWall: isAsFarOff)
    }

    private func moved(_ frame: FrameInfo, by time: Duration, withWall includesWall: Bool) -> FrameInfo {
        var frame = frame
        frame.timestamp = frame.timestamp + time
        if includesWall { frame.wallTime.nanosecondsSince1970 &+= time.nanoseconds }
        return frame
    }
}
