// SPDX-License-Identifier: MIT

public import CameraCore
public import CameraEncoders
public import CameraKit
internal import CameraOutputs
internal import GRDB

/// What is kept, and what goes.
extension Catalog {
    /// A file that is to be deleted next.
    public struct Victim: Hashable, Sendable {
        /// The file.
        public let file: CatalogFile
        /// The bound that asks for it.
        public let reason: RemovedFile.Reason
    }

    /// Has retention leave a file alone, or not any more.
    ///
    /// - Parameters:
    ///   - path: A file of the catalogue.
    ///   - isProtected: Whether it is to stay.
    /// - Throws: `.notFound` for a file that is not known; `.closed`; `.output`, and then nothing has changed.
    public func setProtected(_ path: String, _ isProtected: Bool = true) throws(CameraError) {
        let path = absolutePath(path)
        let operation = "protecting a file"
        try database.write(operation) { [protection] database in
            try database.execute(
                sql: "UPDATE file SET isProtected = ? WHERE path = ?", arguments: [isProtected, path])
            guard database.changesCount > 0 else {
                throw CameraError(.notFound, operation, subject: path, reason: "the catalogue has no such file")
            }
            // In the turn of the database's one writer.
            try protection.set(path, isProtected: isProtected)
        }
    }

    /// Whether retention is to leave a file alone; neither waits nor fails.
    ///
    /// It fits `RecordingRequest.keepsFile`, so that the retention of a recording keeps what is protected here.
    public func isProtected(_ path: String) -> Bool { protection.contains(absolutePath(path)) }

    /// The file that has to go next so that bounds are kept; nil when all are, and when nothing may go.
    ///
    /// Protected files never go, but count for the bounds. The oldest goes first, by the order in which files were recorded, which
    /// a clock that was set does not change.
    ///
    /// - Parameters:
    ///   - bounds: What is kept.
    ///   - camera: The camera whose files are bounded; nil for those of all cameras together.
    ///   - spared: The paths of files that could not be deleted.
    /// - Returns: The file, and why it goes.
    /// - Throws: `.invalidValue` for bounds that cannot be kept; `.closed`; `.output`.
    public func nextVictim(
        within bounds: Retention, of camera: String? = nil, sparing spared: Set<String> = []
    ) throws(CameraError) -> Victim? {
        try nextVictim(within: bounds, of: camera, sparing: spared) { folder in DiskSpace(of: folder) }
    }

    /// Deletes files until bounds are kept, the oldest first; a file that somebody writes or has locked stays.
    ///
    /// Only the files themselves: those of motion vectors and the like beside them go with the retention of a recording. Where a
    /// file system frees in the background what was deleted, the free space is not looked at again for half a minute.
    ///
    /// - Parameters:
    ///   - bounds: What is kept.
    ///   - camera: The camera whose files are bounded; nil for those of all cameras together.
    /// - Returns: What was deleted.
    /// - Throws: `.invalidValue`; `.closed`; `.output`.
    public func keep(_ bounds: Retention, of camera: String? = nil) throws(CameraError) -> [RemovedFile] {
        var round = RetentionRound(settling: settling.withLock { $0 })
        var spared: Set<String> = []
        while let victim = try nextVictim(within: bounds, of: camera, sparing: spared, { round.space(of: $0) }) {
            let path = victim.file.path
            switch FileUse.delete(path) {
            case .done:
                round.note(RemovedFile(name: path, bytes: victim.file.bytes, reason: victim.reason))
                settling.withLock { [round] in $0 = round.settling }
                try forget(path)
            case .gone: try forget(path)
            case .inUse, .refused: spared.insert(path)
            }
        }
        return round.removed
    }

    private func nextVictim(
        within bounds: Retention, of camera: String?, sparing spared: Set<String>,
        _ space: (String) -> DiskSpace?
    ) throws(CameraError) -> Victim? {
        try bounds.validated()
        let totals = try totals(of: camera)
        let found = try database.read("looking for the oldest file") { database in
            try database.oldest(of: camera, sparing: spared)
        }
        guard let file = found else { return nil }
        let entry = RetainedFile(path: file.path, byteCount: file.bytes, changed: file.end)
        if let limit = bounds.age, let age = entry.age(at: .now), age > limit {
            return Victim(file: file, reason: .age)
        }
        if let limit = bounds.files, totals.files > limit { return Victim(file: file, reason: .files) }
        if let limit = bounds.size, totals.bytes > limit.byteCount(of: 0) { return Victim(file: file, reason: .size) }
        guard let limit = bounds.free, let space = space(folder(of: file.path)),
            space.free < limit.byteCount(of: space.total)
        else { return nil }
        return Victim(file: file, reason: .free)
    }
}

/// The folder of a path from the root on.
private func folder(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[...$0]) } ?? "/"
}

/// What one call has deleted, and the space that this makes.
private struct RetentionRound {
    private(set) var removed: [RemovedFile] = []
    /// Until when free space is not asked for: the file system may not show yet what was deleted.
    private(set) var settling: Timestamp?
    /// The space of folders when they were first looked at, and the bytes that were deleted until then.
    private var seen: [String: (space: DiskSpace?, removedBytes: Int)] = [:]
    private var removedBytes = 0

    /// How long that may take; btrfs commits every 30 s.
    private static let settlingTime = Duration.seconds(30)

    init(settling: Timestamp?) {
        self.settling = settling
    }

    /// The space of a folder, in which what was deleted counts as free at once, so that no more goes than has to.
    mutating func space(of folder: String) -> DiskSpace? {
        if removed.isEmpty, let settling, .now < settling { return nil }
        let (space, before) = seen[folder] ?? (DiskSpace(of: folder), removedBytes)
        seen[folder] = (space, before)
        return space.map { DiskSpace(free: $0.free + removedBytes - before, total: $0.total) }
    }

    mutating func note(_ file: RemovedFile) {
        removed.append(file)
        removedBytes += file.bytes
        if FileUse.isFreedLate(in: folder(of: file.name)) { settling = .now + Self.settlingTime }
    }
}

extension Database {
    /// The file without protection that was recorded first.
    fileprivate func oldest(of camera: String?, sparing spared: Set<String>) throws -> CatalogFile? {
        let cameras =
            try camera.map { try knownCameraId($0).map { [$0] } ?? [] }
            ?? Int64.fetchAll(self, sql: "SELECT id FROM camera")
        // One of each camera, by the index of that camera.
        let statement = try cachedStatement(
            sql: """
                SELECT \(Self.fileColumns), turn FROM \(Self.fileTables)
                WHERE cameraId = ? AND isProtected = 0 ORDER BY turn LIMIT ?
                """)
        var oldest: (file: CatalogFile, turn: Int64)?
        for camera in cameras {
            for row in try Row.fetchAll(statement, arguments: [camera, spared.count + 1]) {
                let file = CatalogFile(row)
                let turn: Int64 = row["turn"]
                guard !spared.contains(file.path) else { continue }
                if turn < oldest?.turn ?? .max { oldest = (file, turn) }
                break
            }
        }
        return oldest?.file
    }
}
