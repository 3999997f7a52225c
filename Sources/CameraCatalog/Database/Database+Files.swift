// SPDX-License-Identifier: MIT

internal import CameraCore
internal import GRDB

/// How a file that is known already is taken.
package enum CatalogWriting: Sendable {
    /// It was finished just now, and is told as it is.
    case finished
    /// It was found: what is known of it is better.
    case found
    /// It was found, and is another one than what is known.
    case changed
}

/// Rows of files.
extension Database {
    /// The columns that ``CatalogFile/init(_:)`` reads.
    static let fileColumns = """
        camera.name, path, begins, ends, frames, file.bytes, changed, width, height, format, isProtected,
        file.id
        """
    /// Where they are.
    static let fileTables = "file JOIN camera ON camera.id = cameraId"

    /// The number of a camera, which is made where there is none.
    func cameraId(_ name: String) throws -> Int64 {
        if let id = try knownCameraId(name) { return id }
        try cachedStatement(sql: "INSERT INTO camera(name) VALUES (?)").execute(arguments: [name])
        return lastInsertedRowID
    }

    /// The number of a camera; nil where there is nothing of it.
    func knownCameraId(_ name: String) throws -> Int64? {
        let statement = try cachedStatement(sql: "SELECT id FROM camera WHERE name = ?")
        return try Int64.fetchOne(statement, arguments: [name])
    }

    /// Adds a file, or changes what is known of it.
    ///
    /// - Parameters:
    ///   - file: The file.
    ///   - writing: How one that is known is taken.
    ///   - isProtected: Whether it is to stay.
    /// - Returns: Whether anything is other than before.
    /// - Throws: What the database says.
    func put(_ file: CatalogFile, _ writing: CatalogWriting, isProtected: Bool) throws -> Bool {
        let camera = try cameraId(file.camera)
        var (begins, ends) = (file.start.nanosecondsSince1970, file.end.nanosecondsSince1970)
        var turn = file.end.tellsTime ? ends : file.changed.nanosecondsSince1970
        switch writing {
        case .finished:
            // Newer than all others of its camera, whatever the clock says.
            let select = try cachedStatement(sql: "SELECT lastTurn FROM camera WHERE id = ?")
            let last = try Int64.fetchOne(select, arguments: [camera])
            turn = max(ends, last.map { $0.saturatingAdd(1) } ?? 0)
        case .changed: if let known = try times(of: file) { (begins, ends, turn) = known }
        case .found: break
        }
        let conflict =
            if case .found = writing { "DO NOTHING" } else { Self.update }
        let statement = try cachedStatement(
            sql: """
                INSERT INTO file(cameraId, path, begins, ends, frames, bytes, changed, width, height, format,
                    isProtected, turn)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(path) \(conflict)
                """)
        let values: [(any DatabaseValueConvertible)?] = [
            camera, file.path, begins, ends, file.frames, file.bytes,
            file.changed.nanosecondsSince1970, file.size?.width, file.size?.height, file.format?.rawValue, isProtected,
            turn,
        ]
        try statement.execute(arguments: StatementArguments(values))
        return changesCount > 0
    }

    private static let update = """
        DO UPDATE SET cameraId = excluded.cameraId, begins = excluded.begins, ends = excluded.ends,
            frames = excluded.frames, bytes = excluded.bytes, changed = excluded.changed, width = excluded.width,
            height = excluded.height, format = excluded.format, turn = excluded.turn
        """

    /// What is known of the times of a file, if only its end was written since, or its time was set: its recording knew them
    /// better than the file.
    private func times(of file: CatalogFile) throws -> (begins: Int64, ends: Int64, turn: Int64)? {
        let select = try cachedStatement(sql: "SELECT begins, ends, turn FROM file WHERE path = ? AND frames = ?")
        guard let row = try Row.fetchOne(select, arguments: [file.path, file.frames]) else { return nil }
        let begins: Int64 = row[0]
        let difference = begins.saturatingSubtract(file.start.nanosecondsSince1970)
        return abs(max(difference, -.max)) < 1_000_000_000 ? (begins, row[1], row[2]) : nil
    }

    /// Forgets a file, and remembers that there was one.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - changed: When it was changed that was deleted; nil for any. One that has taken its name meanwhile stays.
    /// - Returns: Whether it was known.
    /// - Throws: What the database says.
    func forget(_ path: String, changed: WallTime? = nil) throws -> Bool {
        let select = try cachedStatement(
            sql: "SELECT id, cameraId, begins, ends FROM file WHERE path = ? AND changed = coalesce(?, changed)")
        let arguments: StatementArguments = [path, changed?.nanosecondsSince1970]
        guard let row = try Row.fetchOne(select, arguments: arguments) else { return false }
        let (id, camera): (Int64, Int64) = (row[0], row[1])
        let (begins, ends): (Int64, Int64) = (row[2], row[3])
        try cachedStatement(sql: "DELETE FROM file WHERE id = ?").execute(arguments: [id])
        try noteDeleted(camera, begins, ends)
        return true
    }

    /// One row for all files of a camera that follow each other, so that these rows do not grow in number.
    private func noteDeleted(_ camera: Int64, _ begins: Int64, _ ends: Int64) throws {
        let near = CatalogGap.shortest.nanoseconds
        let deleted = CatalogGap.Reason.deleted.rawValue
        let extend = try cachedStatement(
            sql: """
                UPDATE interruption SET ends = max(ends, ?) WHERE id = (
                    SELECT id FROM interruption WHERE cameraId = ? AND reason = '\(deleted)' AND begins <= ?
                    ORDER BY begins DESC LIMIT 1
                ) AND ends >= ?
                """)
        try extend.execute(arguments: [ends, camera, begins, begins.saturatingSubtract(near)])
        guard changesCount == 0 else { return }
        try cachedStatement(
            sql: "INSERT INTO interruption(cameraId, begins, ends, reason) VALUES (?, ?, ?, '\(deleted)')"
        ).execute(arguments: [camera, begins, ends])
    }
}

extension CatalogFile {
    /// Reads a row with ``GRDB/Database/fileColumns``.
    init(_ row: Row) {
        self.init(
            camera: row[0], path: row[1], start: WallTime(nanosecondsSince1970: row[2]),
            end: WallTime(nanosecondsSince1970: row[3]), frames: row[4], bytes: row[5],
            changed: WallTime(nanosecondsSince1970: row[6]))
        if let width: Int = row[7], let height: Int = row[8] { size = Resolution(width, height) }
        format = (row[9] as String?).map(MediaFormat.init(rawValue:))
        isProtected = row[10]
        id = row[11]
    }
}

extension WallTime {
    /// Whether the clock was set when this was its time: nothing was recorded by this package before 2020.
    var tellsTime: Bool { nanosecondsSince1970 >= 1_577_836_800_000_000_000 && self <= .now }
}
