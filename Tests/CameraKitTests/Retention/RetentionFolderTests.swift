// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import TestSupport
import Testing

/// Which files of a real folder are a recording's, and which of them may go.
@Suite struct RetentionFolderTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func write(_ names: String..., bytes: Int = 10) throws {
        for name in names {
            let file = folder.file(name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(count: bytes).write(to: file)
        }
    }

    private func files(
        _ template: String, _ companions: String..., isRenumbered: Bool = false
    ) throws -> RecordedFiles {
        RecordedFiles(
            try FileTemplate(folder.path(template)),
            companions: try companions.map { try FileTemplate(folder.path($0)) }, isRenumbered: isRenumbered)
    }

    /// Everything below the folder, with a slash behind folders.
    private var names: [String] {
        let all = FileManager.default.subpaths(atPath: folder.url.path) ?? []
        return all.map { name in
            var isFolder: ObjCBool = false
            let exists = FileManager.default.fileExists(atPath: folder.path(name), isDirectory: &isFolder)
            return exists && isFolder.boolValue ? name + "/" : name
        }.sorted()
    }

    private func shortNames(_ files: RecordedFiles) -> [String] {
        files.files().sorted { $0.isOlder(than: $1) }.map { String($0.path.dropFirst(folder.url.path.count + 1)) }
    }

    /// Deletes all files but so many.
    private func reduce(_ files: RecordedFiles, to count: Int) -> [CameraError] {
        let events = EventLog()
        var rounds = RetentionRounds(Retention(files: count), in: files, port: 1, report: events.add)
        _ = rounds.run()
        return events.errors
    }

    private final class EventLog: Sendable {
        private let list = Monitor<[CameraError]>([])
        var errors: [CameraError] { list.withLock(\.self) }
        @Sendable func add(_ event: CameraEvent) {
            if case .retentionFailed(_, let error) = event { list.withLock { $0.append(error) } }
        }
    }

    /// Only what the template makes is its own, in the order of the numbers, not of the names or times.
    @Test func onlyTheTemplatesOwnFilesCount() throws {
        try write("h-10.mp4", "h-9.mp4", "h-011.mp4", "h-x.mp4", "h-1.mp4.bak", "g-1.mp4", "h-2.jsonl", "sub/h-3.mp4")
        try FileManager.default.createDirectory(at: folder.file("h-4.mp4"), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: folder.path("h-5.mp4"), withDestinationPath: "h-9.mp4")
        let files = try files("h-{counter}.mp4")
        #expect(shortNames(files) == ["h-9.mp4", "h-10.mp4"])
        #expect(reduce(files, to: 1).isEmpty)
        #expect(!names.contains("h-9.mp4") && names.contains("h-10.mp4") && names.count == 10)
    }

    @Test func earlierDaysAreLookedThroughAndEmptyFoldersGo() throws {
        let today = try FileTemplate("{timestamp:%Y-%m-%d}").name(counter: 1)
        try write(
            "2026-01-01/00-00-01.mp4", "2026-01-02/00-00-01.mp4", "2026-01-02/00-00-01-2.mp4",
            "2026-01-03/00-00-01.mp4", "2026-01-03/notes.txt", "\(today)/00-00-00.mp4", "holidays/00-00-02.mp4",
            "2026-01-04/x/00-00-00.mp4")
        for (seconds, name) in ["01/00-00-01", "02/00-00-01", "02/00-00-01-2", "03/00-00-01"].enumerated() {
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: 1_780_000_000 + Double(seconds))],
                ofItemAtPath: folder.path("2026-01-\(name).mp4"))
        }
        let files = try files("{timestamp:%Y-%m-%d}/{timestamp:%H-%M-%S}.mp4")
        #expect(
            shortNames(files) == [
                "2026-01-01/00-00-01.mp4", "2026-01-02/00-00-01.mp4", "2026-01-02/00-00-01-2.mp4",
                "2026-01-03/00-00-01.mp4", "\(today)/00-00-00.mp4",
            ])
        #expect(reduce(files, to: 2).isEmpty)
        // An empty folder goes, one with anything else in it stays.
        #expect(
            names.filter { $0.hasPrefix("2026-01") } == [
                "2026-01-03/", "2026-01-03/00-00-01.mp4", "2026-01-03/notes.txt", "2026-01-04/", "2026-01-04/x/",
                "2026-01-04/x/00-00-00.mp4",
            ])
        // That of files that begin now stays even when it is empty.
        for file in files.files() { _ = files.delete(file) }
        #expect(names.contains("\(today)/") && names.contains("2026-01-03/notes.txt"))
    }

    /// A folder may be a link where the user wrote it, but nothing is deleted through links that the places would follow.
    @Test func linksAreNotFollowed() throws {
        try write("elsewhere/2026-01-01/1.mp4", "other/1.mp4")
        try FileManager.default.createSymbolicLink(atPath: folder.path("given"), withDestinationPath: "elsewhere")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("elsewhere/2026-01-02"), withDestinationPath: folder.path("other"))
        let files = try files("given/{timestamp:%F}/{counter}.mp4")
        #expect(shortNames(files) == ["given/2026-01-01/1.mp4"])
        for file in files.files() { _ = files.delete(file) }
        #expect(names.contains("other/1.mp4") && !names.contains("elsewhere/2026-01-01/"))
    }

    @Test func sidecarsGoWithTheirFiles() throws {
        try write("1.mp4", "2.mp4", "001.jsonl", "002.jsonl", "t/1.pts", "3.jsonl", bytes: 10)
        let files = try files("{counter}.mp4", "{counter:03d}.jsonl", "t/{counter}.pts")
        #expect(files.files().map(\.byteCount).sorted() == [20, 30])
        #expect(reduce(files, to: 1).isEmpty)
        #expect(names == ["002.jsonl", "2.mp4", "3.jsonl", "t/"])
    }

    @Test func repetitionsBelongToTheirOwnSidecars() throws {
        try write("12-00.mp4", "12-00-2.mp4", "12-00.pts", "12-00-2.pts", "12-00-02.mp4", "12-00-1.mp4")
        let files = try files("{timestamp:%H-%M}.mp4", "{timestamp:%H-%M}.pts")
        let found = files.files().sorted { $0.path < $1.path }
        #expect(found.map(\.companions) == [[folder.path("12-00-2.pts")], [folder.path("12-00.pts")]])
    }

    /// Each run numbers a new day's files from 1: there the time tells which is older.
    @Test func numbersInFoldersOfDaysTellNoOrder() throws {
        try write("2026-01-01/7.mp4", "2026-01-02/1.mp4")
        for (day, name) in ["2026-01-01/7.mp4", "2026-01-02/1.mp4"].enumerated() {
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSince1970: 1_780_000_000 + Double(day))],
                ofItemAtPath: folder.path(name))
        }
        #expect(shortNames(try files("{timestamp:%F}/{counter}.mp4")) == ["2026-01-01/7.mp4", "2026-01-02/1.mp4"])
        #expect(try files("{timestamp:%F}/{counter}.mp4").files().allSatisfy { $0.counter == nil })
        #expect(try files("{timestamp:%F}/{counter}.mp4", isRenumbered: true).files().allSatisfy { $0.counter == nil })
    }

    /// The program that writes is another one: no claim of ours tells of it.
    @Test func aFileThatAnotherProgramWritesStays() throws {
        try write("1.mp4", "2.mp4", "3.mp4")
        let writer = Process()
        writer.executableURL = URL(fileURLWithPath: "/bin/sh")
        writer.arguments = ["-c", "exec 3>>1.mp4; echo open; read x"]
        writer.currentDirectoryURL = folder.url
        let (input, output) = (Pipe(), Pipe())
        (writer.standardInput, writer.standardOutput) = (input, output)
        try writer.run()
        #expect(output.fileHandleForReading.availableData == Data("open\n".utf8))
        let files = try files("{counter}.mp4")
        #expect(reduce(files, to: 1).isEmpty)
        #expect(names == ["1.mp4"])
        try input.fileHandleForWriting.close()
        writer.waitUntilExit()
        // Readers keep nothing, and neither does anybody now.
        let reader = try FileHandle(forReadingFrom: folder.file("1.mp4"))
        for file in files.files() { _ = files.delete(file) }
        #expect(names.isEmpty)
        try reader.close()
    }

    @Test func aLockedFileStays() throws {
        try write("1.mp4", "2.mp4", "2.jsonl")
        let locker = Process()
        locker.executableURL = URL(fileURLWithPath: "/usr/bin/flock")
        locker.arguments = ["--shared", "2.jsonl", "sh", "-c", "echo locked; read x"]
        locker.currentDirectoryURL = folder.url
        let (input, output) = (Pipe(), Pipe())
        (locker.standardInput, locker.standardOutput) = (input, output)
        try locker.run()
        #expect(output.fileHandleForReading.availableData == Data("locked\n".utf8))
        let files = try files("{counter}.mp4", "{counter}.jsonl")
        // The pictures stay with their metadata.
        for file in files.files() { _ = files.delete(file) }
        #expect(names == ["2.jsonl", "2.mp4"])
        try input.fileHandleForWriting.close()
        locker.waitUntilExit()
        for file in files.files() { _ = files.delete(file) }
        #expect(names.isEmpty)
    }

    @Test func whatThisProgramUsesStays() throws {
        try write("1.mp4", "2.mp4", "3.mp4")
        let output = try FileOutput(path: folder.path("2.mp4"))
        let claim = try FileClaim(reading: folder.path("3.mp4"), "reading")
        let files = try files("{counter}.mp4")
        #expect(reduce(files, to: 1).map(\.code) == [.output])
        #expect(names == ["2.mp4", "3.mp4"])
        withExtendedLifetime(claim) {}
        try output.close()
    }

    @Test func theDiskIsKnown() throws {
        let space = try #require(try files("{timestamp:%F}/{counter}.mp4").space)
        #expect(space.total > 0 && space.free <= space.total)
        #expect(try files("{timestamp:%F}/{counter}.mp4").name == folder.url.path)
        #expect(try RecordedFiles(FileTemplate("{counter}.mp4"), companions: [], isRenumbered: false).name == ".")
        #expect(try RecordedFiles(FileTemplate("/{counter}.mp4"), companions: [], isRenumbered: false).name == "/")
        #expect(try files("missing/{counter}.mp4").space == nil)
    }
}
