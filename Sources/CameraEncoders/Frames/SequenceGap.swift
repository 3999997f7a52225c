// SPDX-License-Identifier: MIT

/// What the numbers of a source's frames tell.
enum SequenceGap {
    /// More frames than any driver loses: a number that is further ahead belongs to another count.
    private static let largest: UInt64 = 1 << 31

    /// Frames from one to the next, lost ones included; 1 where the count begins anew.
    static func step(from last: UInt64, to next: UInt64) -> Int64 {
        next > last && next - last <= largest ? Int64(next - last) : 1
    }
}
