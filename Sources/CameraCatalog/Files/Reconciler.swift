// SPDX-License-Identifier: MIT

internal import CameraContainers
internal import CameraCore
internal import CameraKit
internal import CameraOutputs
internal import GRDB

/// One comparison of the catalogue with the files; keeps no list of all files, of which there may be a million.
struct Reconciler {
    private(set) var result = CatalogReconciliation()
    private let catalog: Catalog
    /// The cameras of which a file was found.
    private var found: Set<String> = []
    /// Files that were read, to be written together.
    private var read: [(file: CatalogFile, writing: CatalogWriting)] = []
    /// Files that were listed, to be looked for together.
    private var listed: [Listed] = []

    private struct Listed {
        /// The name as the template gives it, and the path that the catalogue has.
        let name: String
        let path: String
        let byteCount: Int
        let changed: WallTime
    }

    private static let operation = "comparing the catalogue with the files"
    private static let batch = 500
    private static let mostSkipped = 1000

    init(_ catalog: Catalog) {
        self.catalog = catalog
    }

    /// Adds the files of a source that are not known, or are other ones by now.
    mutating func add(_ source: CatalogSource) throws(CameraError) {
        try source.template.forEachExisting { (existing) throws(CameraError) in
            listed.append(
                Listed(
                    name: existing.path, path: absolutePath(existing.path), byteCount: existing.byteCount,
                    changed: existing.changed))
            if listed.count >= Self.batch { try take(source) }
        }
        try take(source)
    }

    /// Reads those of the listed files that are not known as they are, and writes what they tell.
    private mutating func take(_ source: CatalogSource) throws(CameraError) {
        guard !listed.isEmpty else { return }
        defer { listed.removeAll(keepingCapacity: true) }
        found.insert(source.camera)
        let files = listed
        let known = try catalog.database.read(Self.operation) { database in
            let statement = try database.cachedStatement(sql: "SELECT bytes, changed FROM file WHERE path = ?")
            return try files.map { file -> (bytes: Int, changed: Int64)? in
                try Row.fetchOne(statement, arguments: [file.path]).map { ($0[0], $0[1]) }
            }
        }
        for (file, entry) in zip(files, known) {
            try catalog.checkOpen(Self.operation)
            if let entry {
                guard entry.bytes != file.byteCount || entry.changed != file.changed.nanosecondsSince1970 else {
                    continue
                }
            }
            take(file, of: source, isKnown: entry != nil)
        }
        try write()
    }

    private mutating func take(_ file: Listed, of source: CatalogSource, isKnown: Bool) {
        // It will be finished, and told then.
        guard !FileUse.isInUse(file.name) else { return }
        do throws(CameraError) {
            try repair(file)
            let facts = try FileFacts(of: file.name)
            let entry = facts.file(of: source.camera, named: source.template.moment(in: file.name))
            read.append((entry, isKnown ? .changed : .found))
        } catch {
            // Somebody has begun to write it, or it has gone.
            guard error.code != .busy, error.code != .notFound, result.skipped.count < Self.mostSkipped else { return }
            result.skipped.append((file.path, error))
        }
    }

    /// Finishes a file that a crash left.
    private mutating func repair(_ file: Listed) throws(CameraError) {
        guard FileFacts.isMP4(file.path) else { return }
        do throws(CameraError) {
            guard case .repaired = try MP4.repair(file.name) else { return }
            result.repaired.append(file.path)
        } catch {
            // Of another program, or damaged behind its beginning: reading it tells.
            guard error.code == .corruptData else { throw error }
        }
    }

    private mutating func write() throws(CameraError) {
        guard !read.isEmpty else { return }
        defer { read.removeAll(keepingCapacity: true) }
        let counts = try catalog.put(read)
        result.added += counts.added
        result.changed += counts.changed
    }

    // MARK: What has gone

    /// Forgets the files of cameras that are not there any more.
    ///
    /// - Parameter cameras: The cameras whose files were looked for.
    /// - Throws: `.closed`; `.output`.
    mutating func forget(_ cameras: [String]) throws(CameraError) {
        for camera in try catalog.cameras() {
            if cameras.contains(camera), !found.contains(camera), try catalog.totals(of: camera).files > 0 {
                result.unreachable.append(camera)
            } else {
                try forgetMissing(of: camera)
            }
        }
    }

    private mutating func forgetMissing(of camera: String) throws(CameraError) {
        var last: Int64 = -1
        while true {
            try catalog.checkOpen(Self.operation)
            let rows = try catalog.database.read(Self.operation) { [last] database in
                try Self.rows(of: camera, behind: last, database)
            }
            guard let end = rows.last else { return }
            last = end.id
            let missing = rows.filter { row in FileTemplate.status(of: row.path) == nil }
            guard !missing.isEmpty else { continue }
            result.forgotten += try catalog.database.write(Self.operation) { database in
                try missing.reduce(0) { count, row in
                    try count + (database.forget(row.path, changed: row.changed) ? 1 : 0)
                }
            }
        }
    }

    private static func rows(
        of camera: String, behind last: Int64, _ database: Database
    ) throws -> [(id: Int64, path: String, changed: WallTime)] {
        guard let id = try database.knownCameraId(camera) else { return [] }
        // By the number of the row, beside which new ones may come and old ones go.
        let statement = try database.cachedStatement(
            sql: "SELECT id, path, changed FROM file WHERE id > ? AND +cameraId = ? ORDER BY id LIMIT ?")
        return try Row.fetchAll(statement, arguments: [last, id, batch]).map { row in
            (row[0], row[1], WallTime(nanosecondsSince1970: row[2]))
        }
    }
}
