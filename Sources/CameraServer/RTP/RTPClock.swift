// SPDX-License-Identifier: MIT

internal import CameraCore

/// The sensor's clock in the ticks of RTP, which runs on when another recording of the camera takes over.
struct RTPClock {
    /// Ticks of a second; that of all our kinds of payload.
    static let rate = 90_000

    /// Where the ticks begin, which nobody should guess (RFC 3550, 5.1).
    private let start = UInt32.random(in: .min ... .max)
    private var interval = Duration.zero
    /// From the recording's times to the sensor's clock, in nanoseconds; nil until its first picture.
    private var shift: Int64?
    /// The last picture's moment on the sensor's clock.
    private var last: Int64?

    /// Takes over the times of a stream whose pictures come at this interval.
    mutating func begin(interval: Duration) {
        self.interval = interval
        shift = nil
    }

    /// The ticks of a picture: those of its exposure, rounded to the nearest.
    mutating func time(of info: PacketInfo) -> UInt32 {
        let shift = self.shift ?? firstShift(info)
        self.shift = shift
        let moment = info.timestamp.nanoseconds &+ shift
        last = max(last ?? moment, moment)
        return start &+ UInt32(truncatingIfNeeded: Self.ticks(moment))
    }

    /// A recording's times begin anywhere, but tell the sensor's clock even where that was set back in the midst of it. A stream
    /// that takes over never goes back.
    private func firstShift(_ info: PacketInfo) -> Int64 {
        let own = info.sensorTime.nanoseconds
        let moment = last.map { own > $0 ? own : $0 &+ interval.nanoseconds } ?? own
        return moment &- info.timestamp.nanoseconds
    }

    /// Nanoseconds in ticks, for any number of them.
    static func ticks(_ nanoseconds: Int64) -> Int64 {
        let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        let half: Int64 = rest < 0 ? -50_000 : 50_000
        return seconds * Int64(rate) + (rest * 9 + half) / 100_000
    }
}
