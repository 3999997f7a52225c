// SPDX-License-Identifier: MIT

internal import CLinux
internal import Glibc

extension TextTemplate {
    /// The moment that the times of a text show together, read by strptime(3) as local time; nil where they tell no day.
    package func moment(of match: Match) -> WallTime? {
        var fields = tm()
        (fields.tm_year, fields.tm_mon, fields.tm_mday) = (-1, -1, -1)
        fields.tm_isdst = -1
        var microseconds = 0
        for (pattern, text) in match.times {
            guard Self.read(text, by: pattern, into: &fields, &microseconds) else { return nil }
        }
        guard fields.tm_year >= 0, fields.tm_mon >= 0, fields.tm_mday >= 1 else { return nil }
        let seconds = mktime(&fields)
        guard seconds > 0 else { return nil }
        return WallTime(
            nanosecondsSince1970: Int64(seconds).saturatingMultiply(by: 1_000_000_000)
                .saturatingAdd(Int64(microseconds) * 1000))
    }

    /// Reads a time whose pattern may have `%f`, the microsecond, which strptime(3) does not know.
    private static func read(
        _ text: String, by pattern: String, into fields: inout tm, _ microseconds: inout Int
    ) -> Bool {
        let parts = pattern.split(separator: "%f", omittingEmptySubsequences: false)
        return text.withCString { start in
            var place = UnsafePointer(start)
            for (index, part) in parts.enumerated() {
                if index > 0 {
                    let digits = UnsafeBufferPointer(start: place, count: strlen(place)).prefix(6)
                    guard digits.count == 6, let number = Int(String(decoding: digits.map(UInt8.init), as: UTF8.self))
                    else { return false }
                    microseconds = number
                    place += 6
                }
                guard let end = clinux_read_time(place, String(part), &fields) else { return false }
                place = end
            }
            return place.pointee == 0
        }
    }
}
