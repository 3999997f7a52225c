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
        camera.name, path, begins, ends, frames, file.bytes, changed, width, height, format, isProtected
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
        // A file that was finished now is newer than all others of its camera, whatever the clock says.
        let last = try Int64.fetchOne(
            cachedStatement(sql: "SELECT lastTurn FROM camera WHERE id = ?"), arguments: [camera])
        let turn =
            if case .finished = writing {
                max(file.end.nanosecondsSince1970, last.map { $0.saturatingAdd(1) } ?? 0)
            } else {
                file.end.tellsTime ? file.end.nanosecondsSince1970 : file.changed.nanosecondsSince1970
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
            camera, file.path, file.start.nanosecondsSince1970, file.end.nanosecondsSince1970, file.frames, file.bytes,
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
    }
}

extension WallTime {
    /// Whether the clock was set when this was its time: nothing was recorded by this package before 2020.
    var tellsTime: Bool { nanosecondsSince1970 >= 1_577_836_800_000_000_000 && self <= .now }
}
