// SPDX-License-Identifier: MIT

internal import CameraCore

/// Puts times that come in decoding order into the order of display, as lines of a "timestamp format v2" file.
struct TimestampList: Sendable {
    private var order = DisplayOrder<Duration>()
    private var origin: Duration?
    private var latest = Duration.zero

    /// What is known about the last picture.
    private(set) var lastInfo: PacketInfo?

    /// Takes a picture's times.
    ///
    /// - Returns: The lines that are complete now.
    mutating func add(_ info: PacketInfo) -> String {
        lastInfo = info
        return lines(order.add(info.timestamp, info))
    }

    /// The lines that are left.
    mutating func finish() -> String {
        lines(order.finish())
    }

    private mutating func lines(_ times: [(Duration, PacketInfo)]) -> String {
        var text = ""
        for (time, _) in times {
            if origin == nil { text += "# timestamp format v2\n" }
            let start = origin ?? time
            origin = start
            latest = max(latest, time - start)
            let (whole, rest) = latest.nanoseconds.quotientAndRemainder(dividingBy: 1000)
            let microseconds = rest < 500 ? whole : whole + 1
            text += "\(microseconds / 1000).\((microseconds % 1000).zeroPadded(to: 3))\n"
        }
        return text
    }
}
