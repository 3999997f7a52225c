// SPDX-License-Identifier: MIT

internal import CameraCore

/// The moments of frames that come at a fixed rate, or at given times, after an origin.
struct FrameClock: Sendable {
    /// The moment of frame 0.
    let origin: Timestamp
    private let wallOrigin: WallTime
    private let frameRate: FrameRate

    /// Makes a clock whose frame 0 is now.
    init(frameRate: FrameRate) {
        origin = .now
        wallOrigin = WallTime(origin)
        self.frameRate = frameRate
    }

    /// When frame `index` is due.
    func moment(of index: UInt64) -> Timestamp {
        origin + .nanoseconds(frameRate.saturatedNanoseconds(atFrame: index))
    }

    /// Describes a frame that is `time` nanoseconds after the origin.
    func info(time: Int64, sequence: UInt64) -> FrameInfo {
        var info = FrameInfo(
            timestamp: origin + .nanoseconds(time),
            wallTime: WallTime(nanosecondsSince1970: wallOrigin.nanosecondsSince1970 &+ time), sequence: sequence)
        info.hasCheckedTime = true
        return info
    }

    /// Describes frame `index` of a fixed rate.
    func info(of index: UInt64) -> FrameInfo {
        info(time: frameRate.saturatedNanoseconds(atFrame: index), sequence: index)
    }

    /// The first frame, `index` or later, that is at most one interval late at `now`.
    func index(atOrAfter index: UInt64, now: Timestamp) -> UInt64 {
        let interval = frameRate.saturatedNanoseconds(atFrame: 1)
        let elapsed = (now - origin).nanoseconds - interval
        guard elapsed > 0 else { return index }
        // Rounded up: frame n is due at n * denominator / numerator seconds.
        let unit = Int64(frameRate.denominator) * 1_000_000_000
        let (frames, rest) = unit.dividingFullWidth(elapsed.multipliedFullWidth(by: Int64(frameRate.numerator)))
        return max(index, UInt64(frames) + (rest > 0 ? 1 : 0))
    }
}

extension FrameRate {
    /// When frame `index` is due, in nanoseconds after frame 0; it stands still after 146 years.
    func saturatedNanoseconds(atFrame index: UInt64) -> Int64 {
        let longest = Int64.max / 2
        let interval = nanoseconds(atFrame: 1) + 1
        let last = UInt64(longest / interval)
        return index <= last ? nanoseconds(atFrame: Int64(index)) : longest
    }
}
