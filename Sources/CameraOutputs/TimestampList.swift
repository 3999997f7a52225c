// SPDX-License-Identifier: MIT

internal import CameraCore

/// Puts times that come in decoding order into the order of display, as lines of a "timestamp format v2" file.
struct TimestampList: Sendable {
    /// The most pictures that may wait for one that is shown earlier.
    ///
    /// H.264 and H.265 allow no more (ITU-T H.264, E.2.1: max_num_reorder_frames is at most MaxDpbFrames, which A.3.1
    /// limits to 16); the bound is for streams that break the rule.
    private static let reorderLimit = 16

    private var waiting: [Duration] = []
    private var origin: Duration?
    private var latest = Duration.zero

    /// What is known about the last picture.
    private(set) var lastInfo: PacketInfo?

    /// Takes a picture's times.
    ///
    /// - Returns: The lines that are complete now: nothing that follows is shown before its own decoding.
    mutating func add(_ info: PacketInfo) -> String {
        lastInfo = info
        let place = waiting.lastIndex { $0 <= info.timestamp }.map { $0 + 1 } ?? 0
        waiting.insert(info.timestamp, at: place)
        let certain = waiting.firstIndex { $0 > info.decodeTimestamp } ?? waiting.count
        return lines(max(certain, waiting.count - Self.reorderLimit))
    }

    /// The lines that are left.
    mutating func finish() -> String {
        lines(waiting.count)
    }

    private mutating func lines(_ count: Int) -> String {
        var text = ""
        for time in waiting.prefix(count) {
            if origin == nil { text += "# timestamp format v2\n" }
            let start = origin ?? time
            origin = start
            latest = max(latest, time - start)
            let (whole, rest) = latest.nanoseconds.quotientAndRemainder(dividingBy: 1000)
            let microseconds = rest < 500 ? whole : whole + 1
            let fraction = String(microseconds % 1000)
            text += "\(microseconds / 1000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction)\n"
        }
        waiting.removeFirst(count)
        return text
    }
}
