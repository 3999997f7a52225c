// SPDX-License-Identifier: MIT

import CameraCatalog
import CameraKit
import Foundation
import Synchronization
import TestSupport
import Testing

/// Databases that cannot be read, and those of others.
@Suite struct DamageTests {
    private let folder: TemporaryFolder
    private let replacements = Replacements()

    init() throws {
        folder = try TemporaryFolder()
    }

    private var database: String { folder.path("catalog.sqlite") }

    private func open() throws -> Catalog {
        try Catalog(path: database) { [replacements] in replacements.add($0) }
    }

    private func source() throws -> CatalogSource {
        try CatalogSource(camera: "hall", template: folder.path("{counter}.h264"))
    }

    private func fill(_ catalog: Catalog, count: Int = 300) throws {
        for number in 1...count { try Data(count: number).write(to: folder.file("\(number).h264")) }
        #expect(try catalog.reconcile([source()]).added == count)
    }

    @Test func sqliteItselfFindsNothingWrong() throws {
        let catalog = try open()
        try fill(catalog)
        let facts = try run(
            "sqlite3", [database, "PRAGMA integrity_check; PRAGMA journal_mode; SELECT count(*) FROM file"])
        #expect(facts.text == "ok\nwal\n300\n" && facts.errors.isEmpty)
        let plan = try run(
            "sqlite3",
            [
                database,
                "EXPLAIN QUERY PLAN SELECT id FROM file WHERE cameraId = 1 AND isProtected = 0 ORDER BY turn LIMIT 1;",
                "EXPLAIN QUERY PLAN SELECT id FROM file WHERE cameraId = 1 AND begins >= 2 AND begins < 3 ORDER BY begins",
            ])
        #expect(plan.text.contains("fileByTurn") && plan.text.contains("fileByTime"))
        #expect(!plan.text.contains("SCAN") && !plan.text.contains("TEMP B-TREE"), "\(plan.text)")
    }

    /// What a disk, or somebody, may make of it.
    @Test(arguments: ["garbage", "short", "zeros", "later"])
    func aDamagedDatabaseIsMovedAsideAndRebuilt(kind: String) throws {
        let catalog = try open()
        try fill(catalog)
        try catalog.setProtected(folder.path("7.h264"))
        catalog.close()
        _ = try run("sqlite3", [database, "PRAGMA wal_checkpoint(TRUNCATE)"])
        var bytes = try Data(contentsOf: URL(filePath: database))
        switch kind {
        case "garbage":
            bytes = Data("not a database, but long enough to be read as a head of one ............ ".utf8) + bytes
        case "short": bytes = bytes.prefix(bytes.count / 2 + 100)
        case "zeros": bytes.replaceSubrange(4096..<bytes.count, with: Data(count: bytes.count - 4096))
        default:
            _ = try run("sqlite3", [database, "INSERT INTO grdb_migrations VALUES ('99')"])
            bytes = try Data(contentsOf: URL(filePath: database))
        }
        try bytes.write(to: URL(filePath: database))
        let again = try open()
        try again.reconcile([source()])
        #expect(replacements.all.map(\.movedTo) == [database + ".damaged"])
        #expect(try again.totals().files == 300)
        #expect(try again.file(at: folder.path("7.h264"))?.isProtected == true)
        #expect(try run("sqlite3", [database, "PRAGMA integrity_check"]).text == "ok\n")
        #expect(folder.names.contains("catalog.sqlite.damaged"))
    }

    /// Damage that shows while it is used ends no call of those who record.
    @Test func damageIsFoundWhileItIsUsed() throws {
        let catalog = try open()
        try fill(catalog)
        _ = try run("sqlite3", [database, "PRAGMA wal_checkpoint(TRUNCATE)"])
        let size = try #require(FileManager.default.attributesOfItem(atPath: database)[.size] as? Int)
        let file = try FileHandle(forUpdating: URL(filePath: database))
        try file.seek(toOffset: 4096)
        try file.write(contentsOf: Data(repeating: 0xA5, count: size - 4096))
        try file.close()
        try Data(count: 5).write(to: folder.file("301.h264"))
        let finished = FinishedFile(
            name: folder.path("301.h264"), key: .frame, frames: 1, bytes: 5, start: .now, end: .now, duration: .zero)
        // Pages that are still in memory are read from there.
        for _ in 0..<2 { try catalog.note(finished, of: "hall") }
        try catalog.reconcile([source()])
        #expect(replacements.all.count == 1)
        #expect(try catalog.totals().files == 301)
    }

    @Test func theDatabaseOfAnotherProgramStays() throws {
        _ = try run("sqlite3", [database, "CREATE TABLE a(b); INSERT INTO a VALUES (1)"])
        let error = #expect(throws: CameraError.self) { try open() }
        #expect(error?.code == .invalidValue)
        #expect(try run("sqlite3", [database, "SELECT b FROM a"]).text == "1\n")
        #expect(replacements.all.isEmpty)
    }

    @Test func aFolderThatTakesNoDatabaseIsTold() throws {
        let error = #expect(throws: CameraError.self) { try Catalog(path: folder.path("none/catalog.sqlite")) }
        #expect(error?.code == .output && "\(error.map { "\($0)" } ?? "")".contains("none/catalog.sqlite"))
    }

    @Test func closedIsClosed() throws {
        let catalog = try open()
        catalog.close()
        #expect(throws: CameraError.self) { try catalog.cameras() }
        let error = #expect(throws: CameraError.self) { try catalog.reconcile([source()]) }
        #expect(error?.code == .closed)
        // What must not fail does not.
        #expect(!catalog.isProtected("/a"))
    }
}

/// What a catalogue told of databases that it replaced.
private final class Replacements: Sendable {
    private let told = Mutex<[Catalog.Replacement]>([])

    var all: [Catalog.Replacement] { told.withLock { $0 } }

    func add(_ replacement: Catalog.Replacement) { told.withLock { $0.append(replacement) } }
}
