// SPDX-License-Identifier: MIT

internal import Glibc

/// A moment on the kernel's monotonic clock, in nanoseconds: the clock that drivers stamp their frames with.
///
/// Source: `clock_gettime(2)`, `CLOCK_MONOTONIC`.
public struct Timestamp: Hashable, Comparable, Sendable {
    /// Nanoseconds since an arbitrary point that does not change while the machine runs.
    public var nanoseconds: Int64

    /// Makes a moment from the clock's own count.
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// This moment.
    public static var now: Timestamp { Timestamp(nanoseconds: nanosecondsNow(CLOCK_MONOTONIC)) }

    /// Whether the left moment is earlier.
    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.nanoseconds < right.nanoseconds }

    /// The moment `duration` after this one; at the ends of the range, the last or first moment.
    public static func + (moment: Timestamp, duration: Duration) -> Timestamp {
        Timestamp(nanoseconds: moment.nanoseconds.saturatingAdd(duration.nanoseconds))
    }

    /// The moment `duration` before this one; at the ends of the range, the last or first moment.
    public static func - (moment: Timestamp, duration: Duration) -> Timestamp {
        Timestamp(nanoseconds: moment.nanoseconds.saturatingSubtract(duration.nanoseconds))
    }

    /// The time from `earlier` to `later`, at most 292 years.
    public static func - (later: Timestamp, earlier: Timestamp) -> Duration {
        .nanoseconds(later.nanoseconds.saturatingSubtract(earlier.nanoseconds))
    }
}

/// A moment of civil time, in nanoseconds since 1970-01-01 00:00:00 UTC without leap seconds.
///
/// Source: `clock_gettime(2)`, `CLOCK_REALTIME`. It can jump when the machine's clock is set; durations are taken from
/// ``Timestamp``.
public struct WallTime: Hashable, Comparable, Sendable {
    /// Nanoseconds since the beginning of 1970 in UTC.
    public var nanosecondsSince1970: Int64

    /// Makes a moment from nanoseconds since the beginning of 1970 in UTC.
    public init(nanosecondsSince1970: Int64) {
        self.nanosecondsSince1970 = nanosecondsSince1970
    }

    /// This moment.
    public static var now: WallTime { WallTime(nanosecondsSince1970: nanosecondsNow(CLOCK_REALTIME)) }

    /// Whether the left moment is earlier.
    public static func < (left: WallTime, right: WallTime) -> Bool {
        left.nanosecondsSince1970 < right.nanosecondsSince1970
    }

    /// Whole seconds since the beginning of 1970, and the nanoseconds after them; before 1970 too.
    package var parts: (seconds: Int64, nanoseconds: Int64) {
        let (seconds, rest) = nanosecondsSince1970.quotientAndRemainder(dividingBy: 1_000_000_000)
        return rest < 0 ? (seconds - 1, rest + 1_000_000_000) : (seconds, rest)
    }

    /// The civil time of a monotonic moment, given that the machine's clock is right now.
    public init(_ moment: Timestamp) {
        self.init(
            nanosecondsSince1970: WallTime.now.nanosecondsSince1970 &- (Timestamp.now.nanoseconds &- moment.nanoseconds)
        )
    }
}

extension Duration {
    /// The duration in whole nanoseconds; it saturates after 292 years.
    package var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return seconds < 0 ? .min : .max }
        let (sum, overflowed) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        return overflowed ? (seconds < 0 ? .min : .max) : sum
    }

    /// The duration in seconds, with the precision of a `Double`.
    package var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}

private func nanosecondsNow(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
