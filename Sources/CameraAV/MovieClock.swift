// SPDX-License-Identifier: MIT

#if Containers

internal import CAVFormat
internal import CameraCore

/// Turns a movie's time stamps into nanoseconds after its first picture, running on when the movie begins again.
///
/// Stamps that begin anew within the movie, as where transport streams were put together, run on as well, and one alone that
/// is out of line is put between its neighbours.
struct MovieClock {
    /// The unit of the stamps, in seconds.
    let unit: AVRational
    /// How long a picture is shown that does not say so.
    let frameRate: FrameRate
    /// Whether stamps that are far ahead begin anew, or mean that nothing was recorded so long.
    let restartsAhead: Bool
    /// When the picture after the last one would be shown.
    private var end: Int64 = 0
    /// When the last picture is shown; nil before the first one.
    private var last: Int64?
    /// The time of the picture that the stamps are counted from.
    private var baseTime: Int64 = 0
    private var baseStamp: Int64 = 0

    init(unit: AVRational, frameRate: FrameRate, restartsAhead: Bool) {
        self.unit = unit
        self.frameRate = frameRate
        self.restartsAhead = restartsAhead
    }

    /// When a picture is shown; one without a usable stamp follows the picture before it.
    ///
    /// - Parameters:
    ///   - stamp: The picture's time stamp.
    ///   - duration: How long it is shown, in the same unit; 0 where that is not known.
    ///   - libraries: What converts the units.
    ///   - next: Gives the stamp of the picture behind it; called where one stamp alone does not tell.
    /// - Returns: The time in nanoseconds.
    mutating func time(
        ofStamp stamp: Int64?, duration: Int64, _ libraries: AVLibraries, next: () -> Int64?
    ) -> Int64 {
        let time = place(stamp, libraries, next) ?? end
        let shown = duration > 0 ? nanoseconds(duration, libraries) : nil
        last = time
        end = max(end, time &+ (shown ?? frameRate.nanoseconds(atFrame: 1)))
        return time
    }

    /// The movie begins again: its first picture follows its last one.
    mutating func beginRound() {
        last = nil
    }

    /// When a picture is shown; nil where it just follows the one before.
    private mutating func place(_ stamp: Int64?, _ libraries: AVLibraries, _ next: () -> Int64?) -> Int64? {
        guard let stamp else { return nil }
        guard let last else { return begin(at: stamp) }
        guard let time = time(ofStamp: stamp, libraries) else { return nil }
        let tenFrames = frameRate.nanoseconds(atFrame: 10)
        if time > last, time <= end &+ tenFrames { return time }
        let following = next().flatMap { self.time(ofStamp: $0, libraries) }
        if let following, following > last, time <= last || following < time {
            return min(end, last &+ (following &- last) / 2)
        }
        // Of an encoder that was away for some seconds the gap is kept; no stream begins anew so near.
        let isGap = time > last && (!restartsAhead || time <= end &+ max(10_000_000_000, tenFrames))
        return isGap ? time : begin(at: stamp)
    }

    /// Counts from this stamp on; its picture follows the one before.
    private mutating func begin(at stamp: Int64) -> Int64 {
        baseStamp = stamp
        baseTime = end
        return end
    }

    private func time(ofStamp stamp: Int64, _ libraries: AVLibraries) -> Int64? {
        nanoseconds(stamp &- baseStamp, libraries).map { baseTime &+ $0 }
    }

    /// Nil for what no movie lasts: a stamp that is damaged.
    private func nanoseconds(_ stamps: Int64, _ libraries: AVLibraries) -> Int64? {
        let century: Int64 = 100 * 366 * 86400 * 1_000_000_000
        let value = libraries.functions.av_rescale_q(stamps, unit, AVRational(num: 1, den: 1_000_000_000))
        return (-century...century).contains(value) ? value : nil
    }
}

#endif
