// SPDX-License-Identifier: MIT

import CameraCore
import Testing

/// Numbers from outside never trap.
@Suite struct ClampingTests {
    @Test(arguments: [
        (0.4, 0), (-2.5, -3), (1e300, Int.max), (-1e300, .min), (0x1p63, .max), (-0x1p63, .min), (.nan, 0),
        (.infinity, .max), (-.infinity, .min),
    ])
    func doubles(number: Double, whole: Int) {
        #expect(Int(clamping: number) == whole)
    }

    @Test func sumsAndProductsStayWithinBounds() {
        #expect(Int.max.saturatingAdd(1) == .max && Int.min.saturatingAdd(-1) == .min)
        #expect(Int.min.saturatingSubtract(1) == .min && Int.max.saturatingSubtract(-1) == .max)
        #expect(Int.min.saturatingMultiply(by: -1) == .max && Int.min.saturatingMultiply(by: 2) == .min)
        #expect(3.saturatingAdd(4) == 7 && 3.saturatingSubtract(4) == -1 && 3.saturatingMultiply(by: 4) == 12)
    }

    @Test func momentsStayWithinBounds() {
        let last = Timestamp(nanoseconds: .max)
        #expect(last + .seconds(Int64.max) == last)
        #expect(last - Timestamp(nanoseconds: .min) == .nanoseconds(Int64.max))
        #expect(Timestamp(nanoseconds: .min) - .seconds(1) == Timestamp(nanoseconds: .min))
    }

    /// Before 1970 seconds count down, and their fractions still up.
    @Test(arguments: [
        (Int64(0), "000000"), (-1, "999999"), (-1_000_000_000, "000000"), (-999_999_000, "000001"),
        (1_500_000_000, "500000"), (.min, "145224"), (.max, "854775"),
    ])
    func microseconds(time: Int64, text: String) throws {
        let template = try TextTemplate("{timestamp:%f}", number: "counter", operation: "testing")
        #expect(template.filled(number: 1, at: WallTime(nanosecondsSince1970: time)) == text)
    }

    @Test(arguments: [
        ("l-7.jpg", Int?(7)), ("l-9223372036854775807.jpg", nil), ("l-9223372036854775806.jpg", nil),
        ("l-99999999999999999999.jpg", nil), ("l-.jpg", nil), ("l--1.jpg", nil),
    ])
    func countersBehindWhichNoneCouldFollowAreNone(name: String, number: Int?) throws {
        let template = try TextTemplate("l-{counter}.jpg", number: "counter", operation: "testing")
        #expect(template.number(in: name) == number)
    }

    /// What follows the number may begin with a digit.
    @Test(arguments: [
        ("{counter:03d}0.h264", "0030.h264", Int?(3)), ("{counter}2024.h264", "72024.h264", 7),
        ("{counter}-{counter:02d}.h264", "7-07.h264", 7), ("{counter}-{counter:02d}.h264", "7-08.h264", nil),
        ("{counter:04d}1.h264", "001.h264", nil),
        // The digits of a time are not the number's.
        ("cam{timestamp:%Y%m%d}{counter:04d}.jpg", "cam202401010001.jpg", 1),
        ("cam{timestamp:%Y%m%d}{counter}.jpg", "cam2024010112.jpg", 12),
        // strftime(3) makes no text of what would be too long.
        ("{counter}-{timestamp:%999999H}.h264", "7-.h264", 7), ("{counter}{timestamp:%999999H}", "7", 7),
    ])
    func aNumberEndsWhereTheTemplateGoesOn(template: String, name: String, number: Int?) throws {
        let template = try TextTemplate(template, number: "counter", operation: "testing")
        #expect(template.number(in: name) == number)
    }

    /// Each place could stand for any part of the name: trying every way takes years.
    @Test func manyPlacesAreReadInTime() throws {
        let text = String(repeating: "{timestamp}{counter}", count: 8) + ".h264"
        let template = try TextTemplate(text, number: "counter", operation: "testing")
        #expect(template.number(in: String(repeating: "1", count: 200)) == nil)
        #expect(template.number(in: String(repeating: "a7", count: 8) + ".h264") == 7)
        #expect(throws: CameraError.self) {
            try TextTemplate(String(repeating: "{counter}", count: 17), number: "counter", operation: "testing")
        }
    }
}
