// SPDX-License-Identifier: MIT

import CameraCatalog
import CameraKit
import Foundation
import TestSupport
import Testing

/// What a catalogue of very many files costs; `Tests/Catalog/million` runs it, since nothing is expected of the times.
@Suite struct MillionFilesTests {
    private static let count = ProcessInfo.processInfo.environment["CATALOG_FILES"].flatMap { Int($0) }
    /// The beginning of 2025 in UTC.
    private static let start = WallTime(nanosecondsSince1970: 1_735_689_600_000_000_000)
    private static let cameras = 8

    /// A file of a minute, as if each camera had recorded without an end.
    private static func file(_ number: Int) -> CatalogFile {
        let start = start.nanosecondsSince1970 + Int64(number / cameras) * 60_000_000_000
        let end = WallTime(nanosecondsSince1970: start + 60_000_000_000)
        return CatalogFile(
            camera: "camera\(number % cameras)",
            path: "/srv/video/camera\(number % cameras)/clip-\(number / cameras).mp4",
            start: WallTime(nanosecondsSince1970: start), end: end, frames: 1800, bytes: 15_000_000 + number % 1000,
            changed: end, size: Resolution(1920, 1080), format: .h264)
    }

    /// The median and the longest of some runs, in milliseconds.
    private func tell(_ name: String, _ runs: Int = 21, _ body: (Int) throws -> Void) rethrows {
        var times: [Double] = []
        for run in 0..<runs {
            let start = Timestamp.now
            try body(run)
            times.append((Timestamp.now - start).inSeconds * 1000)
        }
        times.sort()
        func text(_ value: Double) -> String { String(format: "%.2f", value) }
        print("\(name): median \(text(times[runs / 2])) ms, longest \(text(times[runs - 1])) ms of \(runs)")
    }

    @Test(.enabled(if: count != nil)) func figures() throws {
        let count = try #require(Self.count)
        let folder = try TemporaryFolder()
        let path = folder.path("catalog.sqlite")
        try tell("filling with \(count) files", 1) { _ in
            let catalog = try Catalog(path: path)
            for first in stride(from: 0, to: count, by: 1000) {
                let numbers = first..<min(first + 1000, count)
                try catalog.put(numbers.map { (Self.file($0), .found) })
            }
            for number in stride(from: 0, to: count, by: 100) {
                let time = WallTime(nanosecondsSince1970: Self.file(number).start.nanosecondsSince1970 + 1)
                try catalog.add(CatalogEvent(camera: "camera\(number % Self.cameras)", kind: .motion, time: time))
            }
            catalog.close()
        }
        // What a start reads, and the first question.
        try tell("start") { _ in
            let catalog = try Catalog(path: path)
            _ = try catalog.totals()
            catalog.close()
        }
        let catalog = try Catalog(path: path)
        let days = max(count / Self.cameras / 1440, 1)
        var files = 0
        try tell("a day's time line") { run in
            let from = Self.start.nanosecondsSince1970 + Int64(run * 7 % days) * 86_400_000_000_000
            files = try catalog.timeLine(
                of: "camera\(run % Self.cameras)", from: WallTime(nanosecondsSince1970: from),
                to: WallTime(nanosecondsSince1970: from + 86_400_000_000_000)
            ).files.count
        }
        print("files of the last day: \(files)")
        try tell("the next victim of all cameras") { _ in
            _ = try #require(try catalog.nextVictim(within: Retention(files: 10)))
        }
        try tell("the next victim of one camera, and forgetting it") { _ in
            let victim = try #require(try catalog.nextVictim(within: Retention(size: .bytes(10)), of: "camera3"))
            try catalog.forget(victim.file.path)
        }
        try tell("a moment") { run in
            let moment = Self.start.nanosecondsSince1970 + Int64(run * 9973) * 1_000_000_000
            _ = try catalog.place(of: WallTime(nanosecondsSince1970: moment), camera: "camera1")
        }
        try tell("checking all of it", 3) { _ in try catalog.check() }
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        print("the database: \(size / 1_000_000) MB")
    }

    /// Files that are there, in one folder: what looking through them costs.
    @Test(.enabled(if: count != nil)) func reconciling() throws {
        let count = min(try #require(Self.count), 100_000)
        let folder = try TemporaryFolder()
        for number in 1...count { try Data().write(to: folder.file("clip-\(number).h264")) }
        let catalog = try Catalog(path: folder.path("catalog.sqlite"))
        let source = try CatalogSource(camera: "hall", template: folder.path("clip-{counter}.h264"))
        try tell("\(count) files that are not known", 1) { _ in try catalog.reconcile([source]) }
        try tell("\(count) files that are known", 3) { _ in try catalog.reconcile([source]) }
        #expect(try catalog.totals().files == count)
    }
}
