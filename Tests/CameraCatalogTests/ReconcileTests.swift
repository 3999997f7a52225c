// SPDX-License-Identifier: MIT

#if X264
import CameraCatalog
import CameraKit
import Foundation
import TestSupport
import Testing

/// The files are the truth.
@Suite struct ReconcileTests {
    private let footage: Footage
    private let catalog: Catalog

    init() throws {
        footage = try Footage()
        catalog = try Catalog(path: footage.database)
    }

    private func files(_ catalog: Catalog, _ camera: String = "hall") throws -> [CatalogFile] {
        let all = WallTime(nanosecondsSince1970: .max)
        return try catalog.timeLine(of: camera, from: WallTime(nanosecondsSince1970: 0), to: all).files
            .sorted { $0.path < $1.path }
    }

    @Test func whatTheEventsTellIsWhatTheFilesTell() async throws {
        let finished = try await footage.record(files: 5)
        for file in finished { try catalog.note(.fileFinished(splitterPort: 1, file), of: "hall") }
        let told = try files(catalog)
        #expect(told.map(\.path) == (1...5).map(footage.path))
        for (file, event) in zip(told, finished) {
            #expect(file.frames == 30 && file.size == Footage.size && file.format == .h264)
            #expect(file.start == event.start && file.duration == event.duration)
            let size = try FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int
            #expect(file.bytes == size)
        }
        // Nothing is new to one that knows them, and all to one that does not.
        let known = try catalog.reconcile([footage.source()])
        #expect(known.added == 0 && known.changed == 0 && known.forgotten == 0 && known.skipped.isEmpty)
        let other = try Catalog(path: footage.folder.path("other.sqlite"))
        #expect(try other.reconcile([footage.source()]).added == 5)
        for (found, file) in zip(try files(other), told) {
            #expect(found.path == file.path && found.frames == file.frames && found.bytes == file.bytes)
            #expect(found.size == file.size && found.format == file.format && found.changed == file.changed)
            #expect(abs(found.start.nanosecondsSince1970 - file.start.nanosecondsSince1970) <= 1_000_000_000)
            #expect(abs((found.duration - file.duration).nanoseconds) < 1_000_000)
        }
    }

    /// A file that its writer did not finish is one like the others afterwards.
    @Test func whatACrashLeftIsRepaired() async throws {
        _ = try await footage.record(files: 2)
        // As it is while it is written: with its pictures in fragments.
        let source = try TestCamera(
            resolution: Footage.size, frameRate: 30, pacing: .none, numbered: true, frameLimit: 25)
        let camera = try Camera(.source(source))
        try camera.startRecording(to: .path(footage.folder.path("open.mp4")), options: EncoderOptions())
        #expect(try camera.waitRecording() == .ended)
        try FileManager.default.copyItem(atPath: footage.folder.path("open.mp4"), toPath: footage.path(3))
        try camera.stopRecording()
        camera.close()
        let isOpen = try run("ffprobe", ["-v", "error", "-show_entries", "format=duration", footage.path(3)])
        #expect(isOpen.status == 0)
        let result = try catalog.reconcile([footage.source()])
        #expect(result.added == 3 && result.skipped.isEmpty, "\(result)")
        let file = try #require(try catalog.file(at: footage.path(3)))
        #expect(file.frames == 25 && file.size == Footage.size)
        #expect(try NumberedVideo(decoding: footage.path(3), size: Footage.size).numbers == (0..<25).map { UInt32($0) })
        #expect(try catalog.reconcile([footage.source()]).changed == 0)
    }

    @Test func filesThatComeChangeAndGoAreNoticed() async throws {
        let finished = try await footage.record(files: 4)
        for file in finished { try catalog.note(file, of: "hall") }
        try FileManager.default.removeItem(atPath: footage.path(2))
        try FileManager.default.removeItem(atPath: footage.path(3))
        try FileManager.default.copyItem(atPath: footage.path(1), toPath: footage.path(3))
        try Data("no movie".utf8).write(to: URL(filePath: footage.path(5)))
        try FileManager.default.copyItem(atPath: footage.path(1), toPath: footage.path(6))
        let result = try catalog.reconcile([footage.source()])
        #expect(result.added == 1 && result.changed == 1 && result.forgotten == 1)
        #expect(result.skipped.map(\.path) == [footage.path(5)])
        #expect(result.skipped.first?.error.code == .corruptData)
        #expect(try files(catalog).map(\.path) == [1, 3, 4, 6].map(footage.path))
        #expect(try catalog.totals().files == 4)
    }

    /// With a sync policy the end of a file reaches the disk after the recording has told of it.
    @Test func aFileWhoseEndIsStillWrittenIsKnown() async throws {
        let finished = try await footage.record(files: 1)
        let path = footage.path(1)
        let file = try FileHandle(forUpdating: URL(filePath: path))
        let whole = try #require(try file.readToEnd())
        let place = try #require(whole.firstRange(of: Data("mdat".utf8))).lowerBound - 4
        try file.seek(toOffset: UInt64(place))
        try file.write(contentsOf: Data([0, 0, 0, 16]) + Data("free".utf8) + Data(count: 8))
        try catalog.note(finished[0], of: "hall")
        let told = try #require(try catalog.file(at: path))
        #expect(told.size == Footage.size && told.format == .h264 && told.start == finished[0].start)
        try file.seek(toOffset: UInt64(place))
        try file.write(contentsOf: whole[place..<place + 16])
        try file.close()
        #expect(try catalog.reconcile([footage.source()]).changed == 1)
        let known = try #require(try catalog.file(at: path))
        // The times of the recording are better than those of the file.
        #expect(known.start == told.start && known.end == told.end && known.changed > told.changed)
    }

    /// A file of known size and time is not opened: what is in it does not matter.
    @Test func knownFilesAreNotOpened() async throws {
        let finished = try await footage.record(files: 2)
        for file in finished { try catalog.note(file, of: "hall") }
        let before = try files(catalog)
        let path = footage.path(1)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        // Of the same length, and with its time to the nanosecond.
        _ = try run("cp", ["--preserve=timestamps", path, path + ".time"])
        let handle = try FileHandle(forUpdating: URL(filePath: path))
        try handle.write(contentsOf: Data(count: (attributes[.size] as? Int) ?? 0))
        try handle.close()
        _ = try run("touch", ["--reference", path + ".time", path])
        let result = try catalog.reconcile([footage.source()])
        #expect(result.changed == 0 && result.skipped.isEmpty)
        #expect(try files(catalog) == before)
    }

    @Test func aDiskThatIsNotThereTakesNothingAway() async throws {
        let finished = try await footage.record(files: 2)
        for file in finished { try catalog.note(file, of: "hall") }
        let away = footage.folder.path("away")
        try FileManager.default.createDirectory(atPath: away, withIntermediateDirectories: true)
        for number in 1...2 {
            try FileManager.default.moveItem(atPath: footage.path(number), toPath: "\(away)/\(number)")
        }
        let result = try catalog.reconcile([footage.source()])
        #expect(result.unreachable == ["hall"] && result.forgotten == 0)
        #expect(try catalog.totals().files == 2)
        try FileManager.default.moveItem(atPath: "\(away)/1", toPath: footage.path(1))
        #expect(try catalog.reconcile([footage.source()]).forgotten == 1)
    }

    /// Files without boxes have the time of their name, or that of their last change.
    @Test func otherFilesHaveTheTimeOfTheirName() throws {
        let folder = footage.folder
        let local = "2026-03-01_12-30-15.250000"
        for name in ["\(local).h264", "1.h264"] { try Data(count: 10).write(to: folder.file(name)) }
        let changed = Date(timeIntervalSince1970: 1_600_000_000)
        try FileManager.default.setAttributes([.modificationDate: changed], ofItemAtPath: folder.path("1.h264"))
        try catalog.reconcile([
            CatalogSource(camera: "hall", template: folder.path("{timestamp:%Y-%m-%d_%H-%M-%S.%f}.h264")),
            CatalogSource(camera: "yard", template: folder.path("{counter}.h264")),
        ])
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.dateFormat = "yyyy-MM-dd_HH-mm-ss"
        let moment = try #require(formatter.date(from: String(local.dropLast(7)))).timeIntervalSince1970
        let hall = try #require(try files(catalog).first)
        #expect(hall.start.nanosecondsSince1970 == Int64(moment) * 1_000_000_000 + 250_000_000)
        #expect(hall.format == .h264)
        let yard = try #require(try files(catalog, "yard").first)
        #expect(yard.start.nanosecondsSince1970 == 1_600_000_000_000_000_000 && yard.duration == .zero)
    }

    /// One that is being written is finished, and told, later.
    @Test func whatIsWrittenIsLeftForLater() throws {
        let output = try MP4Output(path: footage.path(1))
        #expect(try catalog.reconcile([footage.source()]).added == 0)
        output.discard()
    }
}
#endif
