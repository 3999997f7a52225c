// SPDX-License-Identifier: MIT

package import CameraKit
internal import Glibc

/// Hours of the week by the machine's local clock.
///
/// What counts is what a clock on the wall shows: an hour that comes twice, when summer ends, counts twice, and one that is
/// left out does not come.
package struct Timetable: Hashable, Sendable {
    package let spans: [Span]

    package init(spans: [Span]) { self.spans = spans }

    /// Whether the hours hold at a moment of the local clock.
    package func holds(at clock: LocalClock) -> Bool { spans.contains { $0.holds(at: clock) } }

    /// Hours of some days.
    package struct Span: Hashable, Sendable {
        let days: Days
        /// Minutes after midnight.
        let start: Int
        /// Minutes after midnight; on the next day where it is not behind the start.
        let end: Int

        /// Reads "mon-fri 08:00-18:00", "sat,sun 22:00-06:00", "00:00-24:00".
        @Sendable package init(parsing text: String) throws(CameraError) {
            let words = text.split(separator: " ").map(String.init)
            let hours = words.last?.split(separator: "-", omittingEmptySubsequences: false).map(String.init) ?? []
            guard (1...2).contains(words.count), hours.count == 2, let start = Moment.minute(hours[0]), start < 1440,
                let end = Moment.minute(hours[1]), start != end
            else { throw Check.refusal("write days and hours as 'mon-fri 07:30-18:00', or hours alone") }
            (self.start, self.end) = (start, end)
            days = words.count == 2 ? try Days(parsing: words[0]) : .all
        }

        package func holds(at clock: LocalClock) -> Bool {
            if start < end { return days.contains(clock.weekday) && (start..<end).contains(clock.minute) }
            if clock.minute >= start { return days.contains(clock.weekday) }
            // The hours began on the day before.
            return clock.minute < end && days.contains((clock.weekday + 6) % 7)
        }
    }

    /// A minute of some days.
    package struct Moment: Hashable, Sendable {
        let days: Days
        let minute: Int

        /// Reads "mon-fri 07:30", "12:00".
        @Sendable package init(parsing text: String) throws(CameraError) {
            let words = text.split(separator: " ").map(String.init)
            guard (1...2).contains(words.count), let minute = words.last.flatMap(Self.minute), minute < 1440 else {
                throw Check.refusal("write days and a time as 'mon-fri 07:30', or a time alone")
            }
            self.minute = minute
            days = words.count == 2 ? try Days(parsing: words[0]) : .all
        }

        package func isNow(_ clock: LocalClock) -> Bool { days.contains(clock.weekday) && minute == clock.minute }

        /// The minutes after midnight of "07:30", up to "24:00".
        fileprivate static func minute(_ text: String) -> Int? {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, parts.allSatisfy({ (1...2).contains($0.utf8.count) }), parts[1].utf8.count == 2,
                let hour = Int(parts[0]), let minute = Int(parts[1]), (0...59).contains(minute),
                (0...1440).contains(hour * 60 + minute), hour >= 0
            else { return nil }
            return hour * 60 + minute
        }
    }

    /// Days of the week.
    package struct Days: Hashable, Sendable {
        private var bits: UInt8 = 0

        static let all = Days(bits: 0b111_1111)
        private static let names = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

        private init(bits: UInt8) { self.bits = bits }

        /// Reads "mon-fri", "sat,sun", "daily".
        init(parsing text: String) throws(CameraError) {
            if text.lowercased() == "daily" {
                self = .all
                return
            }
            for part in text.lowercased().split(separator: ",", omittingEmptySubsequences: false) {
                let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { word in
                    Self.names.firstIndex(of: String(word))
                }
                guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1] else {
                    throw Check.refusal("write days as mon-fri, sat,sun or daily; they are mon tue wed thu fri sat sun")
                }
                // A week has no first day: fri-mon is four days.
                var day = first
                while day != last {
                    bits |= 1 << day
                    day = (day + 1) % 7
                }
                bits |= 1 << last
            }
        }

        /// Whether a day, 0 for Sunday, is one of them.
        func contains(_ day: Int) -> Bool { bits & (1 << day) != 0 }
    }
}

/// What a clock on the wall shows.
package struct LocalClock: Hashable, Sendable {
    /// 0 for Sunday.
    package let weekday: Int
    /// Minutes after midnight.
    package let minute: Int
    /// The day of the year, from 0.
    package let day: Int

    package init(weekday: Int, minute: Int, day: Int = 0) {
        (self.weekday, self.minute, self.day) = (weekday, minute, day)
    }

    /// What it shows at a moment.
    ///
    /// - Parameter seconds: The moment, in seconds since 1970.
    package init(at seconds: Int) {
        var time = time_t(seconds)
        var parts = tm()
        localtime_r(&time, &parts)
        self.init(weekday: Int(parts.tm_wday), minute: Int(parts.tm_hour * 60 + parts.tm_min), day: Int(parts.tm_yday))
    }
}
