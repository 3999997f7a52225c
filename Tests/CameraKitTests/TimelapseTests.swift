// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import TestSupport
import Testing

/// Pictures at equal intervals.
@Suite struct TimelapseTests {
    @Test func theClockDoesNotDriftInAYear() throws {
        var schedule = try ShotSchedule(every: .milliseconds(33_333))
        let start = Timestamp(nanoseconds: 7)
        #expect(schedule.due == nil)
        var random = SeededRandom(seed: 5)
        for shot in 1...950_000 {
            // Each picture comes late by up to 30 seconds.
            let late = Duration.milliseconds(Int.random(in: 0...30_000, using: &random))
            let taken = (schedule.due ?? start) + (shot == 1 ? .zero : late)
            #expect(schedule.advance(takenAt: taken, now: taken) == 0)
            guard schedule.due == start + .milliseconds(33_333 * shot) else {
                Issue.record("shot \(shot) is due at \(String(describing: schedule.due))")
                return
            }
        }
    }

    @Test func momentsThatPassedAreSkippedAndCounted() throws {
        var schedule = try ShotSchedule(every: .seconds(10))
        let start = Timestamp(nanoseconds: 0)
        #expect(schedule.advance(takenAt: start, now: start + .seconds(35)) == 3)
        #expect(schedule.shot == 4)
        #expect(schedule.due == start + .seconds(40))
        // Exactly at the moment of the next: it is passed.
        #expect(schedule.advance(takenAt: start + .seconds(40), now: start + .seconds(50)) == 1)
        #expect(schedule.due == start + .seconds(60))
        // Where time waits, none is missed.
        #expect(schedule.advance(takenAt: start + .seconds(60), now: nil) == 0)
        #expect(schedule.shot == 7)
        #expect(throws: CameraError.self) { try ShotSchedule(every: .zero) }
    }

    @Test func theCounterGoesOnBehindTheFilesThatThereAre() throws {
        let folder = try TemporaryFolder()
        for name in ["lapse-0007.jpg", "lapse-0012.jpg", "lapse-12345.jpg.new", "lapse-x.jpg", "other-0099.jpg"] {
            try Data().write(to: folder.file(name))
        }
        #expect(try FileTemplate(folder.path("lapse-{counter:04d}.jpg")).lastCounter() == 12)
        #expect(try FileTemplate(folder.path("lapse-{counter}.jpg")).lastCounter() == 12)
        #expect(try FileTemplate(folder.path("{counter}.jpg")).lastCounter() == 0)
        #expect(try FileTemplate(folder.path("missing/{counter}.jpg")).lastCounter() == 0)
        try Data().write(to: folder.file("20261121-081500-41.jpg"))
        // Any text may be a time.
        let dated = try FileTemplate(folder.path("{timestamp:%Y%m%d-%H%M%S}-{counter}.jpg"))
        #expect(dated.lastCounter() == 99)

        let camera = try Camera(.source(NumberedSource()))
        defer { camera.close() }
        let link = folder.path("latest.yuv420")
        let names = folder.path("day-{counter:04d}.yuv420")
        let first = try camera.captureContinuous(to: names, latest: link)
        _ = try first.next()
        _ = try first.next()
        let files = FileManager.default
        #expect(try files.destinationOfSymbolicLink(atPath: link) == "day-0002.yuv420")
        let second = try camera.captureContinuous(to: names, latest: link)
        #expect(try second.next() == folder.path("day-0003.yuv420"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: link)) == Data(contentsOf: folder.file("day-0003.yuv420")))
        #expect(try files.contentsOfDirectory(atPath: folder.url.path).filter { $0.hasPrefix("latest") }.count == 1)
    }

    @Test func aLinkNeverReplacesAFile() throws {
        let folder = try TemporaryFolder()
        try Data("kept".utf8).write(to: folder.file("latest.jpg"))
        let camera = try Camera(.source(NumberedSource()))
        defer { camera.close() }
        let error = #expect(throws: CameraError.self) {
            try camera.captureContinuous(to: folder.path("{counter}.jpg"), latest: folder.path("latest.jpg"))
        }
        #expect(error?.description.contains("no symbolic link") == true, "\(error as Any)")
        #expect(try Data(contentsOf: folder.file("latest.jpg")) == Data("kept".utf8))
    }

    @Test func aShotWithoutAFrameIsReportedAndTheSeriesGoesOn() async throws {
        let folder = try TemporaryFolder()
        let source = LiveSource()
        let camera = try Camera(.source(source), stallLimit: .seconds(3600))
        let events = camera.events
        let series = try camera.captureContinuous(
            to: folder.path("{counter}.yuv420"), every: .milliseconds(20), timeout: .milliseconds(300))
        let sender = try WorkerThread("sender") {
            // Nothing comes for the first pictures.
            usleep(500_000)
            while !camera.isClosed {
                source.sendFrame()
                usleep(5000)
            }
        }
        var names: [String] = []
        while names.count < 3, let name = try await series.next() { names.append(name) }
        camera.close()
        sender.join()
        #expect(names == (1...3).map { folder.path("\($0).yuv420") })
        var missed = 0
        var reasons: [CameraError.Code] = []
        for await case .shotsMissed(let count, let error) in events {
            missed += count
            if let error { reasons.append(error.code) }
        }
        #expect(missed >= 1)
        #expect(reasons.contains(.timedOut))
    }
}
