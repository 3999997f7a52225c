// SPDX-License-Identifier: MIT

import CameraCatalog
import CameraKit
import Foundation
import TestSupport
import Testing

/// Days of files that are only told of: what is shown of them, and what is played.
@Suite struct TimeLineTests {
    private let folder: TemporaryFolder
    private let catalog: Catalog
    private let noon = WallTime(nanosecondsSince1970: 1_772_366_400_000_000_000)

    init() throws {
        folder = try TemporaryFolder()
        catalog = try Catalog(path: folder.path("catalog.sqlite"))
    }

    private func time(_ seconds: Double) -> WallTime {
        WallTime(nanosecondsSince1970: noon.nanosecondsSince1970 + Int64(seconds * 1e9))
    }

    /// Takes down an empty file that is said to have pictures from one second to another after noon.
    private func add(_ name: String, _ from: Double, _ to: Double, _ camera: String = "hall") throws {
        let path = folder.path(name + ".h264")
        try "".write(toFile: path, atomically: false, encoding: .utf8)
        try catalog.note(
            FinishedFile(
                name: path, key: .frame, frames: Int((to - from) * 30), bytes: 0, start: time(from), end: time(to),
                duration: .nanoseconds(Int64((to - from) * 1e9))), of: camera)
    }

    private func names(_ files: [CatalogFile]) -> [String] {
        files.map { String($0.path.split(separator: "/").last?.dropLast(5) ?? "") }
    }

    private func line(_ from: Double, _ to: Double, _ camera: String = "hall") throws -> CatalogTimeLine {
        try catalog.timeLine(of: camera, from: time(from), to: time(to))
    }

    @Test func filesAreFoundByTheirNumbers() throws {
        try add("a", 0, 60)
        try add("b", 60, 120)
        let files = try line(0, 200).files
        for file in files {
            let id = try #require(file.id)
            #expect(try catalog.file(withId: id) == file)
            #expect(try catalog.file(at: file.path)?.id == id)
        }
        #expect(Set(files.map(\.id)).count == 2)
        #expect(try catalog.file(withId: 4711) == nil)
    }

    @Test func aSpanWithMoreThanIsWantedIsRefused() throws {
        for number in 0..<5 { try add("\(number)", Double(number * 60), Double(number * 60 + 60)) }
        for number in 0..<4 { try catalog.add(CatalogEvent(camera: "hall", kind: .motion, time: time(Double(number)))) }
        func count(_ from: Double, _ to: Double, limit: Int) throws -> Int {
            try catalog.timeLine(of: "hall", from: time(from), to: time(to), limit: limit).files.count
        }
        #expect(try count(0, 300, limit: 5) == 5)
        #expect(try count(60, 300, limit: 4) == 4)
        let files = #expect(throws: CameraError.self) { try count(0, 300, limit: 4) }
        #expect(files?.code == .invalidValue)
        // Its events are too many.
        let events = #expect(throws: CameraError.self) { try count(0, 120, limit: 3) }
        #expect(events?.code == .invalidValue)
    }

    @Test func filesThatTouchTheSpanAreShown() throws {
        try add("b", 60, 120)
        try add("a", 0, 60)
        try add("c", 120, 180)
        try add("long", -1000, 5)
        try add("yard", 0, 60, "yard")
        #expect(try names(line(0, 200).files) == ["long", "a", "b", "c"])
        // From the first moment on, and to before the last.
        #expect(try names(line(60, 120).files) == ["b"])
        #expect(try names(line(59, 121).files) == ["a", "b", "c"])
        #expect(try names(line(-500, -400).files) == ["long"])
        #expect(try names(line(180, 300).files).isEmpty)
        #expect(try names(line(0, 60, "yard").files) == ["yard"])
        #expect(try line(0, 60, "nobody").files.isEmpty)
        #expect(try catalog.cameras() == ["hall", "yard"])
        #expect(try catalog.totals(of: "hall").files == 4)
        #expect(try catalog.totals().files == 5)
    }

    @Test func gapsHaveTheirReason() throws {
        for index in 0..<7 { try add("\(index)", Double(index) * 100, Double(index) * 100 + 60) }
        let lost = CameraError(.deviceLost, "reading a frame", subject: "/dev/video0")
        try catalog.note(.sourceLost(lost), of: "hall", at: time(63))
        try catalog.note(.sourceReturned(name: "cam", after: .seconds(30)), of: "hall", at: time(99))
        try catalog.noteInterruption(of: "hall", .stopped, at: time(160))
        try catalog.note(.recordingFailed(splitterPort: 1, lost), of: "hall", at: time(260))
        // Of the fifth and the sixth nothing was told; one was deleted.
        try catalog.note(
            .fileRemoved(
                splitterPort: 1, RemovedFile(name: folder.path("5.h264"), bytes: 0, reason: .age)), of: "hall")
        // Told of another camera.
        try catalog.noteInterruption(of: "yard", .stopped, at: time(360))
        let gaps = try line(0, 700).gaps
        #expect(gaps.map(\.reason) == [.away, .stopped, .failed, .unknown, .deleted])
        #expect(gaps.map(\.start) == [60, 160, 260, 360, 460].map(time))
        #expect(gaps.map(\.end) == [100, 200, 300, 400, 600].map(time))
        #expect(gaps[0].text?.contains("/dev/video0") == true)
        // Whole, where the span begins or ends in one.
        #expect(try line(70, 80).gaps == [gaps[0]])
        #expect(try line(-50, -40).gaps.isEmpty)
        #expect(try line(110, 180).gaps == [gaps[1]])
        let events = try line(0, 700).events
        #expect(events.map(\.kind) == [.away, .back, .failure])
        #expect(try line(64, 200).events.map(\.kind) == [.back])
    }

    @Test func timesThatAreNotExactAreNoGaps() throws {
        try add("a", 0, 60.4)
        try add("b", 60, 120)
        try add("c", 121.5, 180)
        #expect(try line(0, 200).gaps.isEmpty)
    }

    /// Behind the last file one may be written now; it is a gap only when somebody told why.
    @Test func theLastGapHasNoEnd() throws {
        try add("a", 0, 60)
        #expect(try line(0, 1000).gaps.isEmpty)
        try catalog.noteInterruption(of: "hall", .away, at: time(62), "unplugged")
        #expect(try line(0, 1000).gaps.map(\.reason) == [.away])
        #expect(try line(0, 1000).gaps.map(\.end) == [nil])
        #expect(try line(200, 300).gaps.map(\.text) == ["unplugged"])
        try add("b", 100, 160)
        #expect(try line(0, 1000).gaps.map(\.end) == [time(100)])
        // The camera may never be told to be back: a later gap is another one.
        try add("c", 300, 360)
        #expect(try line(0, 1000).gaps.map(\.reason) == [.away, .unknown])
    }

    @Test func playingGoesOnAcrossFiles() throws {
        try add("a", 0, 60)
        try add("b", 60.001, 120)
        try add("c", 300, 360)
        let place = try #require(try catalog.place(of: time(59.5), camera: "hall"))
        #expect(names([place.file]) == ["a"] && place.offset == .milliseconds(59_500))
        let next = try #require(place.next)
        #expect(names([next]) == ["b"])
        #expect(try catalog.file(behind: next).map { names([$0]) } == ["c"])
        #expect(try catalog.file(behind: try #require(try catalog.file(behind: next))) == nil)
        // In a gap, what comes behind it, from its beginning.
        let later = try #require(try catalog.place(of: time(200), camera: "hall"))
        #expect(names([later.file]) == ["c"] && later.offset == .zero && later.next == nil)
        #expect(try catalog.place(of: time(360), camera: "hall") == nil)
        #expect(try catalog.place(of: time(0), camera: "yard") == nil)
    }

    /// Files that are shorter than the times of others are exact.
    @Test func shortFilesAreAllPlayed() throws {
        for index in 0..<6 { try add("\(index)", Double(index), Double(index) + 1) }
        var file = try #require(try catalog.place(of: time(0), camera: "hall")).file
        var played = names([file])
        while let next = try catalog.file(behind: file), played.count < 10 {
            played += names([next])
            file = next
        }
        #expect(played == (0..<6).map { "\($0)" })
    }

    @Test func whatHappenedIsForgottenOnRequest() throws {
        for second in 0..<10 {
            try catalog.add(CatalogEvent(camera: "hall", kind: .motion, time: time(Double(second)), text: "\(second)"))
        }
        try catalog.forgetEvents(before: time(4))
        #expect(try line(0, 100).events.map(\.text) == (4..<10).map { "\($0)" })
    }
}
