// SPDX-License-Identifier: MIT

import CameraKit
import Testing

/// Which files have to go, by hand-made cases of each rule.
@Suite struct RetentionPlanTests {
    /// A day in 2026; files are so many seconds older.
    private static let now = WallTime(nanosecondsSince1970: 1_790_000_000_000_000_000)

    private static func file(_ name: String, bytes: Int = 10, age: Int) -> RetainedFile {
        let changed = WallTime(nanosecondsSince1970: now.nanosecondsSince1970 - Int64(age) * 1_000_000_000)
        return RetainedFile(path: name, byteCount: bytes, changed: changed)
    }

    /// Five files of ten bytes, the oldest first.
    private static let five = zip(["a", "b", "c", "d", "e"], [500, 400, 300, 200, 100]).map { file($0, age: $1) }

    private func plan(
        _ retention: Retention, _ files: [RetainedFile] = five, keeping kept: Set<String> = [],
        space: DiskSpace? = DiskSpace(free: 100, total: 1000), wanted: Int? = nil
    ) -> (text: String, broken: Set<RemovedFile.Reason>) {
        let plan = RetentionPlan(
            files, keeping: kept, within: retention, now: Self.now, space: space, wanted: wanted)
        return (plan.removals.map { "\($0.file.path):\($0.reason)" }.joined(separator: " "), plan.broken)
    }

    @Test func nothingGoesWithinTheBounds() {
        let bounds = Retention(free: .bytes(100), size: .bytes(50), age: .seconds(500), files: 5)
        #expect(plan(bounds) == ("", []))
        #expect(plan(Retention()) == ("", []))
    }

    @Test func eachBoundTakesTheOldestFilesAndNoMore() {
        #expect(plan(Retention(files: 3)) == ("a:files b:files", []))
        #expect(plan(Retention(size: .bytes(39))) == ("a:size b:size", []))
        #expect(plan(Retention(free: .bytes(111))) == ("a:free b:free", []))
        // A thousand bytes are there, of which twelve in a hundred are 120.
        #expect(plan(Retention(free: .percent(12))) == ("a:free b:free", []))
        #expect(plan(Retention(age: .seconds(300))) == ("a:age b:age", []))
    }

    @Test func boundsHoldTogether() {
        let bounds = Retention(free: .bytes(131), size: .bytes(45), age: .seconds(450), files: 4)
        #expect(plan(bounds) == ("a:age b:free c:free d:free", []))
    }

    /// What is kept counts, so that others go in its place.
    @Test func whatIsKeptCountsAndIsPassedOver() {
        #expect(plan(Retention(files: 3), keeping: ["a", "c"]) == ("b:files d:files", []))
        #expect(plan(Retention(size: .bytes(20)), keeping: ["a"]) == ("b:size c:size d:size", []))
    }

    @Test func boundsThatCannotBeKeptAreNamed() {
        #expect(plan(Retention(files: 1), keeping: ["a", "e"]) == ("b:files c:files d:files", [.files]))
        #expect(plan(Retention(free: .bytes(151))).broken == [.free])
        #expect(plan(Retention(age: .seconds(1)), keeping: ["b"]).broken == [.age])
        #expect(plan(Retention(size: .bytes(5)), keeping: ["e"]).broken == [.size])
    }

    /// Without knowing the space nothing is deleted for it.
    @Test func anUnknownDiskHasNoBound() {
        #expect(plan(Retention(free: .percent(99)), space: nil) == ("", []))
    }

    @Test func aFullDiskTakesOneFileAtLeastAndAsManyAsAreWanted() {
        #expect(plan(Retention(), wanted: 0) == ("a:fullDisk", []))
        #expect(plan(Retention(), wanted: 10) == ("a:fullDisk", []))
        #expect(plan(Retention(), wanted: 25) == ("a:fullDisk b:fullDisk c:fullDisk", []))
        // A part of what is wanted is worth another attempt, nothing is not.
        #expect(plan(Retention(), wanted: 1000).broken == [])
        #expect(plan(Retention(), keeping: ["a", "b", "c", "d", "e"], wanted: 1) == ("", [.fullDisk]))
    }

    /// A board without a clock begins at 1970, and some at the day of their system's release.
    @Test func timesThatSayNothingGiveNoAge() {
        let ancient = RetainedFile(path: "x", byteCount: 10, changed: WallTime(nanosecondsSince1970: 5))
        let future = Self.file("y", age: -3600)
        #expect(plan(Retention(age: .seconds(1)), [ancient, future]) == ("", []))
        #expect(ancient.age(at: Self.now) == nil && future.age(at: Self.now) == nil)
        // They are old or new enough to go for other reasons.
        #expect(plan(Retention(files: 1), [ancient, future]) == ("x:files", []))
    }

    @Test func numbersTellTheOrderWhereThereAreAnyAndElseTimes() {
        var (low, high) = (Self.file("low", age: 1), Self.file("high", age: 1000))
        #expect(high.isOlder(than: low))
        (low.counter, high.counter) = (2, 10)
        #expect(low.isOlder(than: high) && !high.isOlder(than: low))
        // Of the same moment: by name.
        #expect(Self.file("1", age: 7).isOlder(than: Self.file("2", age: 7)))
    }

    /// The clock was set back while it recorded: its newest file looks like the oldest.
    @Test func thePresentRecordingsFilesAreTheNewest() {
        var (first, second) = (Self.file("first", age: 100), Self.file("second", age: 9000))
        (first.turn, second.turn) = (1, 2)
        let earlier = Self.file("earlier", age: 50)
        let sorted = [second, first, earlier].sorted { $0.isOlder(than: $1) }
        #expect(sorted.map(\.path) == ["earlier", "first", "second"])
    }

    @Test(arguments: [
        Retention(free: .bytes(-1)), Retention(free: .percent(100)), Retention(free: .percent(.nan)),
        Retention(free: .gigabytes(.infinity)), Retention(size: .percent(10)), Retention(size: .bytes(0)),
        Retention(size: .megabytes(-1)), Retention(size: .gigabytes(1e10)), Retention(age: .zero),
        Retention(age: .days(-1)), Retention(files: 0),
    ])
    func valuesThatCannotBeAreRefused(retention: Retention) {
        let error = #expect(throws: CameraError.self) { try retention.validated() }
        #expect(error?.code == .invalidValue && error?.reason?.isEmpty == false)
    }

    @Test func amountsAreReadAndCounted() throws {
        #expect(try DiskAmount(parsing: "2GB") == .bytes(2_000_000_000))
        #expect(try DiskAmount(parsing: "1.5mb") == .bytes(1_500_000))
        #expect(try DiskAmount(parsing: "10%") == .percent(10))
        #expect(try DiskAmount(parsing: "0") == .bytes(0))
        for text in ["", "GB", "-1GB", "100%", "1e30GB", "9999999999TB", "5 parrots", "nan"] {
            #expect(throws: CameraError.self, "\(text)") { try DiskAmount(parsing: text) }
        }
        #expect(DiskAmount.megabytes(2.5).byteCount(of: 0) == 2_500_000)
        #expect(DiskAmount.gigabytes(3).byteCount(of: 0) == 3_000_000_000)
        #expect(DiskAmount.percent(0.1).byteCount(of: 999) == 1)
        #expect(Duration.days(2) == .seconds(172_800) && Duration.hours(1.5) == .minutes(90))
    }
}
