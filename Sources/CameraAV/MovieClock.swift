// SPDX-License-Identifier: MIT

#if Containers

internal import CAVFormat
internal import CameraCore

/// Turns a movie's time stamps into nanoseconds after its first picture, running on when the movie begins again.
struct MovieClock {
    /// The unit of the stamps, in seconds.
    let unit: AVRational
    /// How long a picture is shown that does not say so.
    let frameRate: FrameRate
    /// When the picture after the last one would be shown.
    private var end: Int64 = 0
    private var roundStart: Int64 = 0
    private var firstStamp: Int64?

    init(unit: AVRational, frameRate: FrameRate) {
        self.unit = unit
        self.frameRate = frameRate
    }

    /// When a picture is shown; one without a usable stamp follows the picture before it.
    mutating func time(ofStamp stamp: Int64?, duration: Int64, _ libraries: AVLibraries) -> Int64 {
        var time = end
        if let stamp {
            let first = firstStamp ?? stamp
            firstStamp = first
            if let offset = nanoseconds(stamp &- first, libraries) { time = roundStart + offset }
        }
        let shown = duration > 0 ? nanoseconds(duration, libraries) : nil
        end = max(end, time + (shown ?? frameRate.nanoseconds(atFrame: 1)))
        return time
    }

    /// The movie begins again: its first picture follows its last one.
    mutating func beginRound() {
        roundStart = end
        firstStamp = nil
    }

    /// Nil for what no movie lasts: a stamp that is damaged.
    private func nanoseconds(_ stamps: Int64, _ libraries: AVLibraries) -> Int64? {
        let century: Int64 = 100 * 366 * 86400 * 1_000_000_000
        let value = libraries.functions.av_rescale_q(stamps, unit, AVRational(num: 1, den: 1_000_000_000))
        return (-century...century).contains(value) ? value : nil
    }
}

#endif
