// SPDX-License-Identifier: MIT

/// Widens a driver's count of frames, which has 32 bits: at 120 frames per second it starts again after 414 days.
struct SequenceCounter: Sendable {
    private var last: (narrow: UInt32, wide: UInt64)?
    /// The number of counts that were no frames.
    private var forgotten: UInt64 = 0

    /// The wide count of the next frame.
    ///
    /// A count that stands still or runs backwards, as with drivers that do not count, goes on by one.
    mutating func widen(_ narrow: UInt32) -> UInt64 {
        guard let last else {
            self.last = (narrow, UInt64(narrow))
            return UInt64(narrow)
        }
        let distance = narrow &- last.narrow
        let wide = last.wide + (distance > 0 && distance < 1 << 31 ? UInt64(distance) : 1)
        self.last = (narrow, wide)
        return wide - forgotten
    }

    /// Takes the last count back: the next one takes its place.
    mutating func forgetLast() { forgotten += 1 }
}
