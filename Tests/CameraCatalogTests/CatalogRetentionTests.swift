// SPDX-License-Identifier: MIT

import CameraCatalog
import CameraKit
import Foundation
import Synchronization
import TestSupport
import Testing

/// Which files go, and which stay.
@Suite struct CatalogRetentionTests {
    private let folder: TemporaryFolder
    private let catalog: Catalog

    init() throws {
        folder = try TemporaryFolder()
        catalog = try Catalog(path: folder.path("catalog.sqlite"))
    }

    private func path(_ name: String) -> String { folder.path(name + ".h264") }

    /// Takes down a file of 1000 bytes that ended so many seconds ago.
    private func add(_ name: String, _ ago: Int64, _ camera: String = "hall") throws {
        try Data(count: 1000).write(to: URL(filePath: path(name)))
        let end = WallTime(nanosecondsSince1970: WallTime.now.nanosecondsSince1970 - ago * 1_000_000_000)
        let start = WallTime(nanosecondsSince1970: end.nanosecondsSince1970 - 1_000_000_000)
        try catalog.note(
            FinishedFile(
                name: path(name), key: .frame, frames: 30, bytes: 1000, start: start, end: end, duration: .seconds(1)),
            of: camera)
    }

    private func next(_ bounds: Retention, _ camera: String? = nil, sparing: [String] = []) throws -> String? {
        let victim = try catalog.nextVictim(within: bounds, of: camera, sparing: Set(sparing.map(path)))
        return victim.map { "\($0.file.path.split(separator: "/").last?.dropLast(5) ?? "") \($0.reason)" }
    }

    @Test func eachBoundAsksForTheOldest() throws {
        try add("a", 4000)
        try add("b", 3000)
        try add("yard", 3500, "yard")
        try add("c", 10)
        #expect(try next(Retention(files: 4)) == nil)
        #expect(try next(Retention(files: 3)) == "a files")
        #expect(try next(Retention(files: 2), "hall") == "a files")
        #expect(try next(Retention(files: 1), "yard") == nil)
        #expect(try next(Retention(size: .bytes(4000))) == nil)
        #expect(try next(Retention(size: .bytes(3999))) == "a size")
        #expect(try next(Retention(age: .seconds(3600))) == "a age")
        #expect(try next(Retention(age: .seconds(3600)), sparing: ["a"]) == nil)
        #expect(try next(Retention(age: .seconds(3200)), sparing: ["a"]) == "yard age")
        #expect(try next(Retention(age: .seconds(5000))) == nil)
        #expect(try next(Retention(free: .percent(99.9))) == "a free")
        #expect(try next(Retention(free: .bytes(1))) == nil)
        #expect(try next(Retention(files: 1), "nobody") == nil)
        #expect(throws: CameraError.self) { try catalog.nextVictim(within: Retention(files: 0)) }
    }

    @Test func whatIsProtectedStaysAndCounts() throws {
        for (index, name) in ["a", "b", "c", "d"].enumerated() { try add(name, Int64(1000 - index)) }
        try catalog.setProtected(path("a"))
        try catalog.setProtected(path("b"))
        #expect(catalog.isProtected(path("a")) && !catalog.isProtected(path("c")))
        #expect(try next(Retention(files: 3)) == "c files")
        try catalog.setProtected(path("a"), false)
        #expect(try next(Retention(files: 3)) == "a files")
        #expect(try catalog.keep(Retention(files: 1)).map(\.name) == ["a", "c", "d"].map(path))
        // What is protected is one too many all the same.
        try add("e", 1)
        #expect(try catalog.keep(Retention(files: 1)).map(\.name) == [path("e")])
        #expect(folder.names.filter { $0.hasSuffix("h264") } == ["b.h264"])
        #expect(try catalog.totals() == catalog.totals(of: "hall"))
        #expect(try catalog.totals().files == 1 && catalog.totals().bytes == 1000)
        #expect(throws: CameraError.self) { try catalog.setProtected(path("nothing")) }
        // Of another name by which the same file is reached.
        #expect(catalog.isProtected(folder.path("../\(folder.url.lastPathComponent)/b.h264")))
    }

    /// What was recorded last is newest, whatever the clock said.
    @Test func aClockThatIsSetBackLosesNothingNew() throws {
        try add("a", 1000)
        try add("b", 900)
        try add("c", 56 * 365 * 86_400)
        try add("d", 56 * 365 * 86_400 - 60)
        var order: [String?] = []
        for _ in 0..<4 {
            order.append(try catalog.nextVictim(within: Retention(files: 1))?.file.path)
            if let last = order.last, let last { try catalog.forget(last) }
        }
        #expect(order == ["a", "b", "c"].map(path) + [nil])
        // 1970 says nothing of age.
        #expect(try next(Retention(age: .seconds(1))) == nil)
    }

    @Test func aFileInUseStays() throws {
        try add("a", 10)
        try add("b", 5)
        let use = try FileOutput(path: path("a"))
        #expect(try catalog.keep(Retention(files: 1)).map(\.name) == [path("b")])
        try use.close()
        #expect(folder.names.contains("a.h264"))
        // One that has gone meanwhile is forgotten.
        try add("c", 1)
        try FileManager.default.removeItem(atPath: path("a"))
        #expect(try catalog.keep(Retention(files: 1)).isEmpty)
        #expect(try catalog.totals().files == 1)
    }

    /// The retention of a recording asks the catalogue.
    @Test func aRecordingKeepsWhatIsProtected() throws {
        let camera = try Camera(
            .source(try TestCamera(resolution: .init(64, 48), frameRate: 30, pacing: .none, frameLimit: 100)))
        let numbers = (1...10).map { path("\($0)") }
        var request = RecordingRequest(
            to: .path(path("{counter}")), format: .yuv420, splitting: .every(.frames(10)))
        request.retention = Retention(files: 3)
        request.keepsFile = { [numbers] in $0 == numbers[1] || $0 == numbers[4] }
        try camera.startRecordings([request])
        #expect(try camera.waitRecording() == .ended)
        try camera.stopRecording()
        camera.close()
        #expect(Set(folder.names.filter { $0.hasSuffix("h264") }) == ["2.h264", "5.h264", "10.h264"])
    }

    /// Old files that are kept are no trouble that somebody has to be told of, or that has to be looked at each second.
    @Test func oldFilesThatAreKeptAreNoTrouble() throws {
        let old = Date(timeIntervalSinceNow: -10_000)
        for name in ["1", "2", "3"] {
            try Data(count: 10).write(to: URL(filePath: path(name)))
            try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: path(name))
        }
        let files = RecordedFiles(
            try FileTemplate(path("{counter}")), companions: [], isRenumbered: false,
            keeping: { [kept = path("2")] in $0 == kept })
        let events = Told()
        var rounds = RetentionRounds(Retention(age: .seconds(60)), in: files, port: 1) { events.add($0) }
        let outcome = rounds.run()
        let told = events.all
        #expect(folder.names.filter { $0.hasSuffix("h264") } == ["2.h264"])
        #expect(told.count == 2 && told.allSatisfy { if case .fileRemoved = $0 { true } else { false } })
        #expect(outcome.next ?? .zero >= .seconds(60))
        // A bound that they break is told.
        rounds = RetentionRounds(Retention(size: .bytes(5)), in: files, port: 1) { events.add($0) }
        _ = rounds.run()
        if case .retentionFailed = events.all.last {} else { Issue.record("\(events.all)") }
    }

    @Test func protectionOutlivesTheDatabase() throws {
        for name in ["a", "b"] { try add(name, 100) }
        try catalog.setProtected(path("a"))
        catalog.close()
        for name in folder.names where name.hasPrefix("catalog.sqlite") && !name.hasSuffix("protected") {
            try FileManager.default.removeItem(atPath: folder.path(name))
        }
        let again = try Catalog(path: folder.path("catalog.sqlite"))
        #expect(again.isProtected(path("a")))
        let source = try CatalogSource(camera: "hall", template: path("a"))
        try again.reconcile([source, CatalogSource(camera: "hall", template: path("b"))])
        #expect(try again.file(at: path("a"))?.isProtected == true)
        #expect(try again.keep(Retention(files: 1)).map(\.name) == [path("b")])
    }
}

/// Events that were told.
private final class Told: Sendable {
    private let events = Mutex<[CameraEvent]>([])

    var all: [CameraEvent] { events.withLock { $0 } }

    func add(_ event: CameraEvent) { events.withLock { $0.append(event) } }
}
