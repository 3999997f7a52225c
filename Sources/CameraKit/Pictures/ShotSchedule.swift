// SPDX-License-Identifier: MIT

package import CameraCore

/// When the pictures of a timelapse are due: shot k at k times the interval after the first.
///
/// Each moment is counted from the start, so that delays never add up; moments that passed are skipped, not made up for.
package struct ShotSchedule: Hashable, Sendable {
    /// The time from one shot to the next.
    package let interval: Duration
    /// The moment of shot 0; nil before it was taken.
    package private(set) var start: Timestamp?
    /// The shot that is due next, from 0.
    package private(set) var shot = 0

    /// Makes a schedule that begins with the first shot.
    ///
    /// - Throws: `.invalidValue` for an interval that is not longer than 0.
    package init(every interval: Duration) throws(CameraError) {
        guard interval > .zero else {
            throw CameraError(
                .invalidValue, "planning pictures", subject: "\(interval)", reason: "the interval must be longer than 0"
            )
        }
        self.interval = interval
    }

    /// When the next shot is due; nil for at once.
    package var due: Timestamp? { start.map { $0 + interval.saturatingMultiply(by: shot) } }

    /// Goes on to the next shot after one was taken, or could not be.
    ///
    /// - Parameters:
    ///   - time: When it was taken; the first one starts the schedule.
    ///   - now: The present time, where moments pass whether pictures are taken or not; nil where none is ever missed.
    /// - Returns: Shots whose moments have passed, and which are skipped.
    package mutating func advance(takenAt time: Timestamp, now: Timestamp?) -> Int {
        let start = self.start ?? time
        self.start = start
        shot = shot.saturatingAdd(1)
        guard let now else { return 0 }
        let passed = min(Int((now - start).nanoseconds / max(interval.nanoseconds, 1)), .max - 1)
        guard passed >= shot else { return 0 }
        defer { shot = passed + 1 }
        return passed + 1 - shot
    }
}
