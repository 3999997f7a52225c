// SPDX-License-Identifier: MIT

import CameraCore
import CameraEncoders
import TestSupport
import Testing

@Suite struct LatencyHistogramTests {
    @Test func nothingMeasuredIsZero() {
        #expect(LatencyHistogram().summary == LatencySummary())
    }

    /// No percentile is below the one of the sorted times, nor above it by more than a 64th.
    @Test(arguments: [UInt64(1), 2, 3])
    func percentilesAreThoseOfTheSortedTimes(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var histogram = LatencyHistogram()
        var times: [Int] = []
        for _ in 0..<5000 {
            let time = Int.random(in: 0..<(1 << Int.random(in: 1...26, using: &random)), using: &random)
            times.append(time)
            histogram.record(.microseconds(time))
        }
        times.sort()
        for share in [1, 10, 50, 90, 99, 100] {
            let exact = times[max((times.count * share + 99) / 100, 1) - 1]
            let found = histogram.percentile(share)
            #expect(found >= exact && found <= exact + exact / 64 + 1, "\(share): \(found) for \(exact)")
        }
        #expect(histogram.summary.maximum == times.last)
    }

    @Test func timesBeyondAllBoundsCountAsALittleMoreThanAMinute() {
        var histogram = LatencyHistogram()
        histogram.record(.seconds(1_000_000))
        histogram.record(.seconds(-1))
        #expect(histogram.percentile(1) == 0)
        #expect(histogram.summary.maximum == 67_108_863)
    }
}
