// SPDX-License-Identifier: MIT

internal import CameraCore

/// The sensor's clock in the ticks of RTP, the same for all recordings of a camera.
struct RTPClock {
    /// Ticks of a second; that of all our kinds of payload.
    static let rate = 90_000

    /// Where the ticks begin, which nobody should guess (RFC 3550, 5.1).
    private let start = UInt32.random(in: .min ... .max)

    /// The ticks at a moment, rounded to the nearest.
    func time(of moment: Timestamp) -> UInt32 { start &+ UInt32(truncatingIfNeeded: Self.ticks(moment.nanoseconds)) }

    /// Nanoseconds in ticks, for any number of them.
    static func ticks(_ nanoseconds: Int64) -> Int64 {
        let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        let half: Int64 = rest < 0 ? -50_000 : 50_000
        return seconds * Int64(rate) + (rest * 9 + half) / 100_000
    }
}
