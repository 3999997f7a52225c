// SPDX-License-Identifier: MIT

import CameraCatalog
import CameraKit
import Foundation
import Synchronization
import TestSupport
import Testing

/// Everything at once, from a seed.
@Suite struct CatalogStormTests {
    /// Threads that write, read, protect, delete and rebuild; in the end the catalogue is what the files are.
    @Test(arguments: [1, 2, 3] as [UInt64]) func nothingIsLostOrInventedByThreads(seed: UInt64) throws {
        let folder = try TemporaryFolder()
        let database = folder.path("catalog.sqlite")
        let catalog = try Catalog(path: database)
        let source = try CatalogSource(camera: "hall", template: folder.path("{counter}.h264"))
        let errors = Mutex<[String]>([])
        let next = Atomic(0)
        let deleted = Mutex<Set<String>>([])
        try onThreads(6) { thread in
            var random = SeededRandom(seed: seed * 100 + UInt64(thread))
            for round in 0..<60 {
                do {
                    switch thread {
                    case 0, 1:
                        let number = next.add(1, ordering: .relaxed).newValue
                        let path = folder.path("\(number).h264")
                        try Data(count: number).write(to: URL(filePath: path))
                        let start = WallTime(
                            nanosecondsSince1970: 1_772_366_400_000_000_000 + Int64(number) * 1_000_000_000)
                        let file = FinishedFile(
                            name: path, key: .frame, frames: 1, bytes: number, start: start, end: start,
                            duration: .seconds(1))
                        try catalog.note(file, of: "hall")
                    case 2:
                        let line = try catalog.timeLine(
                            of: "hall", from: WallTime(nanosecondsSince1970: 0), to: .now)
                        if line.files.contains(where: { $0.duration < .zero }) { errors.withLock { $0.append("time") } }
                        try catalog.add(CatalogEvent(camera: "hall", kind: .motion, text: "\(round)"))
                    case 3:
                        let removed = try catalog.keep(Retention(files: 40), of: "hall")
                        deleted.withLock { $0.formUnion(removed.map(\.name)) }
                    case 4:
                        let path = folder.path("\(Int.random(in: 1...120, using: &random)).h264")
                        try? catalog.setProtected(path, Bool.random(using: &random))
                    default: try catalog.reconcile([source])
                    }
                } catch {
                    // It was deleted before it was told.
                    if (error as? CameraError)?.code != .notFound { errors.withLock { $0.append("\(error)") } }
                }
            }
        }
        #expect(errors.withLock { $0 } == [])
        try catalog.reconcile([source])
        let there = Set(folder.names.filter { $0.hasSuffix(".h264") }.map(folder.path))
        let line = try catalog.timeLine(of: "hall", from: WallTime(nanosecondsSince1970: 0), to: .now)
        #expect(Set(line.files.map(\.path)) == there)
        #expect(line.events.count == 60)
        let totals = try catalog.totals()
        #expect(totals.files == there.count && totals.bytes == line.files.reduce(0) { $0 + $1.bytes })
        // Each file was either kept or told to be deleted, and none that was protected in the end is among these.
        #expect(deleted.withLock { $0 }.union(there).count == next.load(ordering: .relaxed))
        #expect(line.files.allSatisfy { $0.isProtected == catalog.isProtected($0.path) })
        #expect(try run("sqlite3", [database, "PRAGMA integrity_check"]).text == "ok\n")
    }
}
