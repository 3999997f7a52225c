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
        let year = (fields.tm_year + 1900).zeroPadded(to: 4)
        let day = [fields.tm_mon + 1, fields.tm_mday].map { $0.zeroPadded(to: 2) }.joined(separator: ":")
        let hour = [fields.tm_hour, fields.tm_min, fields.tm_sec].map { $0.zeroPadded(to: 2) }.joined(separator: ":")
        moment = "\(year):\(day) \(hour)"
        milliseconds = (nanoseconds / 1_000_000).zeroPadded(to: 3)
        let minutes = abs(fields.tm_gmtoff) / 60
        let distance = [minutes / 60, minutes % 60].map { $0.zeroPadded(to: 2) }.joined(separator: ":")
        offset = (fields.tm_gmtoff < 0 ? "-" : "+") + distance
    }
}
