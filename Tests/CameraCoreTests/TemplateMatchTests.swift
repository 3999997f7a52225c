// SPDX-License-Identifier: MIT

import CameraCore
import TestSupport
import Testing

/// Whether a template knows the names that it makes, and no others: what it knows may be deleted.
@Suite struct TemplateMatchTests {
    private func template(_ text: String) throws -> TextTemplate {
        try TextTemplate(text, number: "counter", operation: "testing")
    }

    /// Every pattern of strftime(3) that a name could have, at moments of all kinds.
    @Test(arguments: [
        "{timestamp}", "{timestamp:%F}/{timestamp:%H-%M-%S}", "{timestamp:%Y%m%d-%H%M%S%f}", "{timestamp:%c}",
        "{timestamp:%a %A %b %B %h %p %P}", "{timestamp:%D %T %R %r %x %X}",
        "{timestamp:%j %U %V %W %u %w %G %g %C %y}",
        "{timestamp:%e %k %l %I}", "{timestamp:%s}", "{timestamp:%z %Z}", "{timestamp:100%% %%f %n%t}",
        "{timestamp:%-d.%_m.%Ey}", "{counter}", "{counter:05d}", "{counter:5d}",
        "{timestamp:%F}-{counter:03d}-{timestamp:%F}", "{counter}{timestamp:%S}{counter}",
    ])
    func everyNameIsKnown(text: String) throws {
        let template = try template(text)
        var random = SeededRandom(seed: 5)
        for _ in 0..<200 {
            // 1970 to 2100.
            let time = WallTime(nanosecondsSince1970: Int64.random(in: 0..<4_100_000_000_000_000_000, using: &random))
            let number = Int.random(in: 0..<Int.random(in: 1..<10_000_000, using: &random), using: &random)
            let name = template.filled(number: number, at: time)
            let match = template.match(name)
            #expect(match != nil, "\(name)")
            if template.hasNumber { #expect(match?.number == number, "\(name)") }
            #expect(match.flatMap(template.filled) == name)
        }
    }

    @Test(arguments: [
        ("{timestamp:%H-%M-%S}.mp4", ["holiday.mp4", "24-00-00.mp4", "12-60-00.mp4", "1-2-3.mp4", "12-00-00.mp4.bak"]),
        ("{timestamp}.mp4", ["2026-01-01 12:00:00.mp4", "2026-13-01 12:00:00.000000.mp4", ".mp4", "x.mp4"]),
        ("{timestamp:%B}", ["Moon", "Mayor", ""]), ("{timestamp:%e}", ["5", "32", "05x"]),
        (
            "h-{counter:03d}.mp4",
            ["h-1.mp4", "h-0001.mp4", "h-x.mp4", "h-001.mp", "xh-001.mp4", "h- 01.mp4", "h--01.mp4"]
        ),
        ("{counter}-{counter}", ["1-2", "01-1"]), ("{counter:3d}", ["001", "1", "   1"]),
        ("{timestamp:%F}/{timestamp:%F}", ["2026-01-01/2026-01-02"]),
        ("{timestamp:%-H}.mp4", ["a/b.mp4", ".mp4"]), ("{timestamp:%z}", ["0100", "+01", "+0100x"]),
    ])
    func otherNamesAreNobodys(text: String, names: [String]) throws {
        for name in names { #expect(try template(text).match(name) == nil, "\(name)") }
    }

    @Test func theMatchTellsWhatStandsInThePlaces() throws {
        let template = try template("{timestamp:%F}/{counter:03d}-{timestamp:%H}.mp4")
        let match = try #require(template.match("2026-11-30/007-23.mp4"))
        #expect(match == TextTemplate.Match(number: 7, times: ["%F": "2026-11-30", "%H": "23"]))
        #expect(try self.template("m/{counter}-{timestamp:%F}.jsonl").filled(as: match) == "m/7-2026-11-30.jsonl")
        #expect(try self.template("{timestamp:%M}").filled(as: match) == nil)
    }

    @Test func partsOfPathsAdmitTheNamesOfTheirFolders() throws {
        let parts = try template("/srv//a/{timestamp:%Y/%m}/b-{counter}/c.mp4").pathParts
        #expect(parts.map(\.literal) == ["", "srv", "", "a", nil, nil, nil, "c.mp4"])
        #expect(parts[4].admits("2026") && !parts[4].admits("26") && !parts[4].admits("2026x"))
        #expect(parts[5].admits("12") && !parts[5].admits("13"))
        #expect(parts[6].admits("b-17") && !parts[6].admits("b-") && !parts[6].admits("c-1"))
    }

    /// What could be read in very many ways is given up in good time.
    @Test func manyPlacesTakeNoTime() throws {
        let text = String(repeating: "{timestamp:%-H}", count: 8) + String(repeating: "{counter}", count: 8)
        #expect(try template(text).match(String(repeating: "1", count: 250) + "x") == nil)
    }
}
