// SPDX-License-Identifier: MIT

public import CameraCore
internal import GRDB

/// Looking at what was recorded.
extension Catalog {
    /// What there is of a camera in a span of time, such as a day.
    ///
    /// - Parameters:
    ///   - camera: The camera's name; there is nothing of one that is not known.
    ///   - from: The first moment.
    ///   - to: The moment behind the last.
    ///   - limit: The most files, and the most events, that are wanted; nil for all that there are.
    /// - Returns: Files, gaps and events.
    /// - Throws: `.invalidValue` for a span that has more; `.closed`; `.output`.
    public func timeLine(
        of camera: String, from: WallTime, to: WallTime, limit: Int? = nil
    ) throws(CameraError) -> CatalogTimeLine {
        let operation = "reading the time line"
        return try database.read(operation) { database in
            guard let id = try database.knownCameraId(camera) else {
                return CatalogTimeLine(files: [], gaps: [], events: [])
            }
            // One more tells that there are too many.
            let enough = limit.map { $0 + 1 }
            let files = try database.files(of: id, from: from, to: to, limit: enough)
            let events = try database.events(of: id, from: from, to: to, limit: enough)
            if let limit, max(files.count, events.count) > limit {
                throw CameraError(
                    .invalidValue, operation, subject: camera,
                    reason: "that time has more than \(limit) files or events; ask for a shorter one")
            }
            return CatalogTimeLine(
                files: files, gaps: try Gaps(of: id, in: database).between(files, from: from, to: to), events: events)
        }
    }

    /// Where a moment of a camera is found, and what to play behind that.
    ///
    /// - Parameters:
    ///   - moment: The moment.
    ///   - camera: The camera's name.
    /// - Returns: The place; nil when nothing was recorded then or later.
    /// - Throws: `.closed`; `.output`.
    public func place(of moment: WallTime, camera: String) throws(CameraError) -> CatalogPlace? {
        try database.read("looking for a moment") { database in
            guard let id = try database.knownCameraId(camera) else { return nil }
            let next = WallTime(nanosecondsSince1970: moment.nanosecondsSince1970.saturatingAdd(1))
            // Of files that overlap, the last one that began.
            let present = try database.files(of: id, from: moment, to: next).last
            guard let file = try present ?? database.firstFile(of: id, from: moment) else { return nil }
            return CatalogPlace(
                file: file, offset: max(file.start.distance(to: moment), .zero),
                next: try database.file(behind: file, of: id))
        }
    }

    /// The file that goes on behind another one; nil while there is none.
    ///
    /// - Parameter file: A file of the catalogue.
    /// - Returns: The first file that begins where that one ends, or later.
    /// - Throws: `.closed`; `.output`.
    public func file(behind file: CatalogFile) throws(CameraError) -> CatalogFile? {
        try database.read("looking for the next file") { database in
            guard let id = try database.knownCameraId(file.camera) else { return nil }
            return try database.file(behind: file, of: id)
        }
    }

    /// What is known of a file; nil for nothing.
    ///
    /// - Throws: `.closed`; `.output`.
    public func file(at path: String) throws(CameraError) -> CatalogFile? {
        let path = absolutePath(path)
        return try database.read("looking for a file") { database in try database.file(at: path) }
    }

    /// What is known of a file by its number, ``CatalogFile/id``; nil for nothing.
    ///
    /// - Throws: `.closed`; `.output`.
    public func file(withId id: Int64) throws(CameraError) -> CatalogFile? {
        try database.read("looking for a file") { database in try database.file(withId: id) }
    }
}

extension Database {
    /// The file at a path.
    func file(at path: String) throws -> CatalogFile? {
        let statement = try cachedStatement(
            sql: "SELECT \(Self.fileColumns) FROM \(Self.fileTables) WHERE path = ?")
        return try Row.fetchOne(statement, arguments: [path]).map(CatalogFile.init)
    }

    /// The file of a number.
    func file(withId id: Int64) throws -> CatalogFile? {
        let statement = try cachedStatement(
            sql: "SELECT \(Self.fileColumns) FROM \(Self.fileTables) WHERE file.id = ?")
        return try Row.fetchOne(statement, arguments: [id]).map(CatalogFile.init)
    }

    /// The files of a camera that have pictures of a span, the earliest first; with a limit, no more than that.
    func files(of camera: Int64, from: WallTime, to: WallTime, limit: Int? = nil) throws -> [CatalogFile] {
        // No file is longer than the longest, so that the index by time tells where to begin.
        let longest = try Int64.fetchOne(
            cachedStatement(sql: "SELECT longest FROM camera WHERE id = ?"), arguments: [camera])
        let first = from.nanosecondsSince1970.saturatingSubtract(longest ?? 0)
        let statement = try cachedStatement(
            sql: """
                SELECT \(Self.fileColumns) FROM \(Self.fileTables)
                WHERE cameraId = ? AND begins >= ? AND begins < ? AND ends > ? ORDER BY begins LIMIT ?
                """)
        // A limit below zero is none.
        let rows = try Row.fetchAll(
            statement, arguments: [camera, first, to.nanosecondsSince1970, from.nanosecondsSince1970, limit ?? -1])
        return rows.map(CatalogFile.init)
    }

    /// The first file of a camera that begins at a moment or later.
    func firstFile(of camera: Int64, from: WallTime) throws -> CatalogFile? {
        let statement = try cachedStatement(
            sql: """
                SELECT \(Self.fileColumns) FROM \(Self.fileTables)
                WHERE cameraId = ? AND begins >= ? ORDER BY begins LIMIT 1
                """)
        return try Row.fetchOne(statement, arguments: [camera, from.nanosecondsSince1970]).map(CatalogFile.init)
    }

    /// The last file of a camera that begins before a moment.
    func lastFile(of camera: Int64, before: WallTime) throws -> CatalogFile? {
        let statement = try cachedStatement(
            sql: """
                SELECT \(Self.fileColumns) FROM \(Self.fileTables)
                WHERE cameraId = ? AND begins < ? ORDER BY begins DESC LIMIT 1
                """)
        return try Row.fetchOne(statement, arguments: [camera, before.nanosecondsSince1970]).map(CatalogFile.init)
    }

    /// The file that goes on behind another one.
    func file(behind file: CatalogFile, of camera: Int64) throws -> CatalogFile? {
        // Times of files that follow each other may overlap by what they are not exact.
        let end = max(file.end.advanced(by: .zero - CatalogGap.shortest), file.start)
        var next = try firstFile(of: camera, from: end)
        if next?.path == file.path {
            next = try firstFile(of: camera, from: file.start.advanced(by: .nanoseconds(1)))
        }
        return next
    }

    /// The events of a camera in a span, the earliest first; with a limit, no more than that.
    func events(of camera: Int64, from: WallTime, to: WallTime, limit: Int? = nil) throws -> [CatalogEvent] {
        let statement = try cachedStatement(
            sql: """
                SELECT name, kind, time, text, file FROM event JOIN camera ON camera.id = cameraId
                WHERE cameraId = ? AND time >= ? AND time < ? ORDER BY time, event.id LIMIT ?
                """)
        let rows = try Row.fetchAll(
            statement, arguments: [camera, from.nanosecondsSince1970, to.nanosecondsSince1970, limit ?? -1])
        return rows.map { row in
            CatalogEvent(
                camera: row[0], kind: .init(rawValue: row[1]), time: WallTime(nanosecondsSince1970: row[2]),
                text: row[3], file: row[4])
        }
    }
}
