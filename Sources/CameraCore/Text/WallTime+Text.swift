// SPDX-License-Identifier: MIT

internal import Glibc

extension WallTime {
    /// The moment by ISO 8601, in UTC: "2026-11-30T11:15:05.123Z".
    ///
    /// - Parameter places: Decimal places of the seconds, 1 to 9.
    /// - Returns: The text.
    package func text(places: Int) -> String {
        let (seconds, rest) = parts
        var moment = time_t(seconds)
        var fields = tm()
        gmtime_r(&moment, &fields)
        let year = (Int64(fields.tm_year) + 1900).zeroPadded(to: 4)
        let day = [fields.tm_mon + 1, fields.tm_mday].map { $0.zeroPadded(to: 2) }.joined(separator: "-")
        let clock = [fields.tm_hour, fields.tm_min, fields.tm_sec].map { $0.zeroPadded(to: 2) }.joined(separator: ":")
        return "\(year)-\(day)T\(clock).\(rest.zeroPadded(to: 9).prefix(places))Z"
    }
}
