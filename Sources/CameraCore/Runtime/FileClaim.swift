// SPDX-License-Identifier: MIT

internal import Synchronization

/// The right of a part of this process to read or to write a file; given back with the last reference.
///
/// A file that is read is never written at the same time, and no file is written by two. A second claim that conflicts is
/// refused, whichever of the two is for reading. Files are told apart by ``FileIdentity``, not by name.
package final class FileClaim: Sendable {
    /// What a claim is for.
    package enum Use: Sendable {
        /// Reading, which any number may do together.
        case reading
        /// Writing, which one does alone.
        case writing
        /// Writing to a descriptor that others opened, which several may do together.
        case appending
    }

    /// The file.
    package let file: FileIdentity
    private let use: Use
    private let isReleased = Atomic(false)

    /// Who uses a file.
    private struct Users {
        var readers = 0
        var writers = 0
        var appenders = 0

        var isEmpty: Bool { readers + writers + appenders == 0 }

        func admits(_ use: Use) -> Bool {
            switch use {
            case .reading: writers + appenders == 0
            case .writing: isEmpty
            case .appending: readers + writers == 0
            }
        }

        mutating func count(_ use: Use, by step: Int) {
            switch use {
            case .reading: readers += step
            case .writing: writers += step
            case .appending: appenders += step
            }
        }
    }

    private static let inUse = Mutex<[FileIdentity: Users]>([:])

    /// Claims a file.
    ///
    /// - Parameters:
    ///   - file: The file.
    ///   - use: What for.
    ///   - operation: What is done, for the error.
    ///   - path: What the error calls the file.
    /// - Throws: `.busy` when this process uses it otherwise.
    package init(_ file: FileIdentity, for use: Use, _ operation: String, path: String) throws(CameraError) {
        let conflict = Self.inUse.withLock { inUse -> Users? in
            var users = inUse[file] ?? Users()
            guard users.admits(use) else { return users }
            users.count(use, by: 1)
            inUse[file] = users
            return nil
        }
        self.file = file
        self.use = use
        guard let conflict else { return }
        isReleased.store(true, ordering: .relaxed)
        let doing = conflict.readers > 0 ? "read by" : "written by another output of"
        throw CameraError(
            .busy, operation, subject: path, reason: "the file is being \(doing) this program; choose another name")
    }

    /// Claims what a path leads to for reading; nil where that is no regular file.
    package convenience init?(reading path: String, _ operation: String) throws(CameraError) {
        guard let file = FileIdentity(path: path, followsLinks: true) else { return nil }
        try self.init(file, for: .reading, operation, path: path)
    }

    deinit {
        release()
    }

    /// Gives the file back now; idempotent.
    package func release() {
        guard !isReleased.exchange(true, ordering: .relaxed) else { return }
        Self.inUse.withLock { inUse in
            inUse[file]?.count(use, by: -1)
            if inUse[file]?.isEmpty == true { inUse[file] = nil }
        }
    }

    /// Whether this process reads or writes the file that a path leads to.
    package static func isInUse(_ path: String) -> Bool {
        guard let file = FileIdentity(path: path, followsLinks: true) else { return false }
        return inUse.withLock { $0[file] != nil }
    }
}
