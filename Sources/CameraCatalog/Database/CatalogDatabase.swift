// SPDX-License-Identifier: MIT

internal import CameraCore
internal import GRDB
internal import Glibc

/// The catalogue's database, and a new one in its place when it is damaged.
///
/// Phases: open; replacing, reserved by the call that found the damage while others wait; closed. A call takes the connections
/// of the open phase and uses them without a lock; one that is closed or replaced meanwhile ends with its last call.
final class CatalogDatabase: Sendable {
    let path: String
    private let phase: Monitor<Phase>
    private let tell: @Sendable (Catalog.Replacement) -> Void

    private enum Phase {
        case open(DatabasePool)
        case replacing
        case closed
    }

    /// How long a call waits for another connection's writing, and for a new database.
    private static let patience = Duration.seconds(5)

    /// Opens the database, or makes one.
    ///
    /// - Throws: `.invalidValue` for a database of another program; `.output` when none can be made.
    init(_ path: String, _ tell: @escaping @Sendable (Catalog.Replacement) -> Void) throws(CameraError) {
        self.path = path
        self.tell = tell
        let operation = "opening the catalogue"
        do {
            phase = Monitor(.open(try Self.open(path)))
        } catch {
            guard error.tellsDamage else { throw Self.error(error, operation, path) }
            let pool = try Self.replace(path, operation)
            phase = Monitor(.open(pool))
            tell(Catalog.Replacement(movedTo: Self.aside(path), reason: "\(error)"))
        }
    }

    /// Ends it; calls that run are let finish.
    func close() { phase.update { $0 = .closed } }

    /// Reads or writes; where that finds damage, once more in a new database.
    ///
    /// - Throws: `.closed`; `.output` with what the database says; what `body` throws.
    func use<Value>(
        _ operation: String, _ body: (DatabasePool) throws -> Value
    ) throws(CameraError) -> Value {
        let pool = try current(operation)
        do {
            return try body(pool)
        } catch {
            guard error.tellsDamage else { throw Self.error(error, operation, path) }
            try replace(pool, because: "\(error)", operation)
        }
        let fresh = try current(operation)
        do {
            return try body(fresh)
        } catch {
            throw Self.error(error, operation, path)
        }
    }

    func read<Value>(_ operation: String, _ body: (Database) throws -> Value) throws(CameraError) -> Value {
        try use(operation) { pool in try pool.read(body) }
    }

    func write<Value>(_ operation: String, _ body: (Database) throws -> Value) throws(CameraError) -> Value {
        try use(operation) { pool in try pool.write(body) }
    }

    /// Reads the whole database, and replaces it where it is damaged.
    func check() throws(CameraError) {
        let operation = "checking the catalogue"
        try read(operation) { database in
            let found = try String.fetchOne(database, sql: "PRAGMA quick_check(1)")
            guard found == "ok" else {
                throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: found)
            }
        }
    }

    private func current(_ operation: String) throws(CameraError) -> DatabasePool {
        let pool = try phase.wait(until: .now + Self.patience) { (phase) throws(CameraError) -> DatabasePool? in
            switch phase {
            case .open(let pool): return pool
            case .replacing: return nil
            case .closed: throw CameraError(.closed, operation, subject: path)
            }
        }
        guard let pool else {
            throw CameraError(
                .timedOut, operation, subject: path, reason: "its disk does not answer; check the disk")
        }
        return pool
    }

    // MARK: Damage

    private func replace(_ damaged: DatabasePool, because reason: String, _ operation: String) throws(CameraError) {
        let isOurs = phase.update { phase in
            // Another call may have found it first.
            guard case .open(let pool) = phase, pool === damaged else { return false }
            phase = .replacing
            return true
        }
        guard isOurs else { return }
        do throws(CameraError) {
            let pool = try Self.replace(path, operation)
            phase.update { if case .replacing = $0 { $0 = .open(pool) } }
        } catch {
            // The next call tries again.
            phase.update { if case .replacing = $0 { $0 = .open(damaged) } }
            throw error
        }
        tell(Catalog.Replacement(movedTo: Self.aside(path), reason: reason))
    }

    private static func aside(_ path: String) -> String { path + ".damaged" }

    /// Moves the files of a database aside, over those of an earlier one, and makes a new one.
    private static func replace(_ path: String, _ operation: String) throws(CameraError) -> DatabasePool {
        for suffix in ["", "-wal", "-shm"] {
            // What an earlier one left would be taken for a part of this one.
            _ = unlink(aside(path) + suffix)
            guard rename(path + suffix, aside(path) + suffix) == 0 || errno == ENOENT else {
                throw CameraError(
                    .output, operation, subject: path, reason: "it is damaged, and cannot be moved out of the way",
                    systemError: .init(rawValue: errno))
            }
        }
        do {
            return try open(path)
        } catch {
            throw Self.error(error, operation, path)
        }
    }

    // MARK: Opening

    private static func open(_ path: String) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.label = "catalog"
        configuration.busyMode = .timeout(patience.inSeconds)
        configuration.maximumReaderCount = 4
        // Nobody who waits for a camera waits for it, so it needs no priority over what records.
        configuration.qos = .default
        let pool = try DatabasePool(path: path, configuration: configuration)
        try pool.write { database in
            let application = try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0
            let isEmpty = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") == 0
            guard application == CatalogSchema.application || isEmpty else {
                throw CameraError(
                    .invalidValue, "opening the catalogue", subject: path,
                    reason: "it is the database of another program; choose another path")
            }
        }
        let migrator = CatalogSchema.migrator
        if try pool.read(migrator.hasBeenSuperseded) { throw LaterVersion() }
        try migrator.migrate(pool)
        return pool
    }

    private static func error(_ error: any Error, _ operation: String, _ path: String) -> CameraError {
        guard let failure = error as? DatabaseError else {
            return CameraError(wrapping: error, as: .output, operation, subject: path)
        }
        let reason: String? =
            switch failure.resultCode {
            case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM:
                "the database cannot be opened or written; make its folder, or change the rights of both"
            case .SQLITE_FULL: "the disk is full; free some space"
            case .SQLITE_BUSY: "another program writes the database for too long; end that"
            default: nil
            }
        return CameraError(.output, operation, subject: path, reason: reason, underlying: failure)
    }
}

/// The database was made by a later version, whose tables mean something else.
private struct LaterVersion: Error, CustomStringConvertible {
    var description: String { "a later version of this package made it" }
}

extension Error {
    /// Whether a database has to be made anew; the files that it tells of are there all the same.
    fileprivate var tellsDamage: Bool {
        if self is LaterVersion { return true }
        guard let error = self as? DatabaseError else { return false }
        return [.SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT].contains(error.resultCode)
    }
}
