// SPDX-License-Identifier: MIT

public import CameraCore
internal import GRDB
internal import Synchronization

/// What cameras have recorded: finished files, the times without any, what happened, and which files are to stay.
///
/// ```swift
/// let catalog = try Catalog(path: "/var/lib/camera/catalog.sqlite") { replacement in print(replacement) }
/// try catalog.reconcile([CatalogSource(camera: "lobby", template: "/srv/lobby/{counter:06d}.mp4")])
/// for await event in camera.events { try catalog.note(event, of: "lobby") }
/// ```
///
/// It is an SQLite database in WAL mode beside the files, which stay the truth: ``reconcile(_:)`` adds what it does not know and
/// forgets what has gone. A database that is damaged is moved aside and made anew. What is protected is also kept as text, one path
/// a line, in a file beside the database whose name ends with `.protected`, since no other file tells it.
///
/// Every method may be called from any thread, and waits for its disk. Readers do not wait for writers; a writer waits for another
/// one at most five seconds. Do not call it on a camera's callback thread.
public final class Catalog: Sendable {
    /// A database that was damaged, and another one took its place.
    public struct Replacement: Hashable, Sendable, CustomStringConvertible {
        /// Where the damaged one is now.
        public let movedTo: String
        /// What was wrong with it.
        public let reason: String

        /// A sentence for a log.
        public var description: String {
            "the catalogue was damaged and is made anew from the files; the damaged one is '\(movedTo)': \(reason)"
        }
    }

    let database: CatalogDatabase
    let protection: ProtectedPaths
    /// Whether files are compared with the database.
    let isReconciling = Mutex(false)
    /// Until when the free space of a disk may not show what was deleted.
    let settling = Mutex<Timestamp?>(nil)
    private let hasClosed = Mutex(false)

    /// Opens a catalogue, or makes an empty one.
    ///
    /// - Parameters:
    ///   - path: The database.
    ///   - replaced: Called when the database turns out to be damaged, here or later on any thread: the catalogue is empty
    ///     then, until ``reconcile(_:)`` has filled it. Must not wait.
    /// - Throws: `.invalidValue` for a database of another program; `.output` when it cannot be opened or made.
    public init(
        path: String, onReplacement replaced: @escaping @Sendable (Replacement) -> Void = { _ in }
    ) throws(CameraError) {
        protection = try ProtectedPaths(path + ".protected")
        database = try CatalogDatabase(path, replaced)
    }

    /// Ends it: later calls throw `.closed`, and those that run finish, ``reconcile(_:)`` at its next file.
    public func close() {
        hasClosed.withLock { $0 = true }
        database.close()
    }

    /// Reads the whole database, and replaces it where it is damaged.
    ///
    /// - Throws: `.closed`; `.output`.
    package func check() throws(CameraError) { try database.check() }

    /// Throws when it was closed.
    func checkOpen(_ operation: String) throws(CameraError) {
        guard !hasClosed.withLock({ $0 }) else { throw CameraError(.closed, operation, subject: database.path) }
    }

    // MARK: Cameras

    /// The names of all cameras that there is anything of, sorted.
    ///
    /// - Throws: `.closed`; `.output`.
    public func cameras() throws(CameraError) -> [String] {
        try database.read("listing the cameras") { database in
            try String.fetchAll(database, sql: "SELECT name FROM camera ORDER BY name")
        }
    }

    /// What there is of a camera in all, or of all cameras.
    ///
    /// - Parameter camera: The camera's name; nil for all.
    /// - Returns: The number of files, and their bytes.
    /// - Throws: `.closed`; `.output`.
    public func totals(of camera: String? = nil) throws(CameraError) -> CatalogTotals {
        try database.read("counting the files") { database in
            let sql = "SELECT coalesce(sum(files), 0), coalesce(sum(bytes), 0) FROM camera WHERE ? IN (name, '')"
            let row = try Row.fetchOne(database, sql: sql, arguments: [camera ?? ""])
            return CatalogTotals(files: row?[0] ?? 0, bytes: row?[1] ?? 0)
        }
    }
}
