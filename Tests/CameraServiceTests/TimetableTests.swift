// SPDX-License-Identifier: MIT

import CameraService
import Foundation
import Testing

/// Hours of the week.
@Suite struct TimetableTests {
    private func holds(_ text: String, _ day: Int, _ hour: Int, _ minute: Int = 0) throws -> Bool {
        try Timetable(spans: [.init(parsing: text)]).holds(at: LocalClock(weekday: day, minute: hour * 60 + minute))
    }

    @Test func hoursOfDays() throws {
        #expect(try holds("mon-fri 08:00-18:00", 1, 8))
        #expect(try holds("mon-fri 08:00-18:00", 5, 17, 59))
        #expect(try !holds("mon-fri 08:00-18:00", 5, 18))
        #expect(try !holds("mon-fri 08:00-18:00", 6, 12))
        #expect(try holds("fri-mon 08:00-18:00", 0, 12))
        #expect(try !holds("fri-mon 08:00-18:00", 3, 12))
        #expect(try holds("sat,sun 00:00-24:00", 0, 23, 59))
        #expect(try holds("7:05-7:06", 3, 7, 5))
    }

    @Test func hoursOverMidnightBelongToTheDayOnWhichTheyBegin() throws {
        #expect(try holds("fri 22:00-06:00", 5, 23))
        #expect(try holds("fri 22:00-06:00", 6, 5, 59))
        #expect(try !holds("fri 22:00-06:00", 5, 5))
        #expect(try !holds("fri 22:00-06:00", 6, 22))
        #expect(try holds("sat 22:00-06:00", 0, 1))
    }

    @Test(arguments: [
        "", "08:00", "mon", "mon-fri", "mon 08:00-08:00", "8-9", "24:00-01:00", "08:60-09:00", "xyz 08:00-09:00",
        "mon- 08:00-09:00", "mon 08:00-09:00 tue", "-1:00-02:00", "08:0-09:00", "mon,,tue 08:00-09:00", "08:00-24:01",
    ]) func others(_ text: String) {
        #expect(throws: (any Error).self) { try Timetable.Span(parsing: text) }
    }

    /// In a process of its own, whose time zone is Berlin's: summer time ends on 2026-10-25 at 3:00 and begins on 2026-03-29
    /// at 2:00 (`TZ=Europe/Berlin date -d @1792891800` and the like).
    @Test func summerTimeBeginsAndEnds() async {
        await #expect(processExitsWith: .success) {
            setenv("TZ", "Europe/Berlin", 1)
            tzset()
            let table = try Timetable(spans: [.init(parsing: "sun 02:00-03:00")])
            func holds(_ seconds: Int) -> Bool { table.holds(at: LocalClock(at: seconds)) }
            // 2026-10-25 00:30 UTC and 01:30 UTC are both half past two.
            #expect(holds(1_792_888_200))
            #expect(holds(1_792_891_800))
            #expect(!holds(1_792_893_600))
            // 2026-03-29: one second before three it is a second before two.
            #expect(!holds(1_774_745_999))
            #expect(!holds(1_774_746_000))
            #expect(LocalClock(at: 1_774_746_000) == LocalClock(weekday: 0, minute: 180, day: 87))
        }
    }

    @Test func momentsOfDays() throws {
        let noon = try Timetable.Moment(parsing: "mon-fri 12:00")
        #expect(noon.isNow(LocalClock(weekday: 1, minute: 720)))
        #expect(!noon.isNow(LocalClock(weekday: 0, minute: 720)))
        #expect(!noon.isNow(LocalClock(weekday: 1, minute: 721)))
    }
}
