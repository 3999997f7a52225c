// SPDX-License-Identifier: MIT

internal import CameraCore
internal import Glibc

/// A moment in the machine's time zone, as EXIF writes it.
struct LocalTime {
    /// "2026:01:31 23:59:59".
    let moment: String
    /// "2026:01:31".
    var day: String { String(moment.prefix(10)) }
    /// Milliseconds after that: "042".
    let milliseconds: String
    /// The time zone's distance from UTC: "+01:00".
    let offset: String

    /// Asks the system for the fields of a moment.
    init(_ time: WallTime) {
        let (seconds, nanoseconds) = time.parts
        var clock = time_t(seconds)
        var fields = tm()
        localtime_r(&clock, &fields)
        func digits(_ value: some BinaryInteger, _ count: Int) -> String {
            let text = "\(value)"
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        let day = [digits(fields.tm_year + 1900, 4), digits(fields.tm_mon + 1, 2), digits(fields.tm_mday, 2)]
        let hour = [digits(fields.tm_hour, 2), digits(fields.tm_min, 2), digits(fields.tm_sec, 2)]
        moment = day.joined(separator: ":") + " " + hour.joined(separator: ":")
        milliseconds = digits(nanoseconds / 1_000_000, 3)
        let minutes = abs(fields.tm_gmtoff) / 60
        offset = (fields.tm_gmtoff < 0 ? "-" : "+") + digits(minutes / 60, 2) + ":" + digits(minutes % 60, 2)
    }
}
