// SPDX-License-Identifier: MIT

package import CameraCore

/// How often times of each length were measured, to one part in 64.
///
/// Each doubling of the time has 64 counters of equal width, so that a few kilobytes hold microseconds and minutes alike.
package struct LatencyHistogram {
    private static let stepBits = 6
    private static let steps = 1 << stepBits
    /// Longer times, of a minute and more, count as this.
    private static let longest = (1 << 26) - 1

    private var counts = [Int](repeating: 0, count: (27 - stepBits) * steps)
    private var total = 0
    private var maximum = 0

    /// Makes an empty one.
    package init() {}

    /// Counts a time.
    package mutating func record(_ time: Duration) {
        let value = min(max(Int(time.nanoseconds / 1000), 0), Self.longest)
        counts[Self.place(of: value)] += 1
        total += 1
        maximum = max(maximum, value)
    }

    /// What so many of a hundred times are at most, in microseconds; 0 when nothing was measured.
    package func percentile(_ share: Int) -> Int {
        let rank = max((total * share + 99) / 100, 1)
        var seen = 0
        for place in counts.indices {
            seen += counts[place]
            if seen >= rank { return min(Self.upperBound(of: place), maximum) }
        }
        return 0
    }

    /// The times in short.
    package var summary: LatencySummary {
        LatencySummary(
            median: percentile(50), p90: percentile(90), p99: percentile(99), maximum: maximum)
    }

    /// Where a value is counted: small ones each for itself, larger ones by their leading bits.
    private static func place(of value: Int) -> Int {
        let shift = max(Int.bitWidth - value.leadingZeroBitCount - stepBits - 1, 0)
        return shift * steps + (value >> shift)
    }

    /// The largest value that is counted there.
    private static func upperBound(of place: Int) -> Int {
        let shift = max(place / steps - 1, 0)
        return ((place - shift * steps + 1) << shift) - 1
    }
}
