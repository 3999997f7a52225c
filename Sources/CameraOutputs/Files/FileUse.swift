// SPDX-License-Identifier: MIT

internal import CLinux
package import CameraCore
internal import Glibc
internal import SystemPackage

/// Who uses a file that is to be deleted, and when that makes room.
package enum FileUse {
    /// What came of the wish to delete a file.
    package enum Deletion: Sendable {
        /// It is deleted.
        case done
        /// It is not there, or is another file by now.
        case gone
        /// This program or another one writes it, reads it here, or holds its lock.
        case inUse
        /// It cannot be deleted.
        case refused(CameraError)
    }

    /// Whether the file system of a folder frees in the background what was deleted.
    package static func isFreedLate(in folder: String) -> Bool {
        lateFileSystems.contains(folder.withFileName(clinux_file_system))
    }

    /// btrfs, bcachefs and ZFS, by their numbers in statfs(2).
    private static let lateFileSystems: Set<UInt32> = [0x9123_683E, 0xCA45_1A4E, 0x2FC1_2FC1]

    /// Whether somebody writes a file or holds its lock; a file that is not there is used by nobody.
    package static func isInUse(_ path: String) -> Bool {
        guard let (number, use) = look(at: path) else { return false }
        if let number { close(number) }
        if case .inUse = use { return true }
        return false
    }

    /// Deletes a file by its name, unless somebody writes it or holds its lock.
    ///
    /// Its lock is held meanwhile, so that no program that respects it begins to write it.
    ///
    /// - Parameter path: The file; a symbolic link is not followed.
    /// - Returns: What came of it.
    package static func delete(_ path: String) -> Deletion {
        guard let (number, use) = look(at: path) else { return .gone }
        defer { if let number { close(number) } }
        if let use { return use }
        guard path.withFileName({ unlink($0) }) == 0 else {
            let error = Errno(rawValue: errno)
            return error == .noSuchFileOrDirectory ? .gone : .refused(refusal(path, error))
        }
        return .done
    }

    /// Opens and locks a file; nil where there is none.
    ///
    /// - Returns: A descriptor, which is to be closed, and why the file cannot be deleted.
    private static func look(at path: String) -> (number: Int32?, use: Deletion?)? {
        guard let file = FileIdentity(path: path, followsLinks: false) else { return nil }
        if FileClaim.isInUse(path) { return (nil, .inUse) }
        let number = path.withFileName { clinux_open($0, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC, 0) }
        guard number >= 0 else {
            switch Errno(rawValue: -number) {
            case .noSuchFileOrDirectory: return nil
            // Another program has a lease on it.
            case .wouldBlock: return (nil, .inUse)
            case let error: return (nil, .refused(refusal(path, error)))
            }
        }
        guard FileIdentity(descriptor: number) == file else {
            close(number)
            return nil
        }
        // Where the file system has no leases or no locks, what it does have must do.
        let isUsed = clinux_check_writers(number) == EAGAIN || clinux_lock(number) == EWOULDBLOCK
        return (number, isUsed ? .inUse : nil)
    }

    private static func refusal(_ path: String, _ error: Errno) -> CameraError {
        CameraError(
            .output, "deleting an old file", subject: path,
            reason: "it may not be opened or deleted, and stays; change its rights or those of its folder",
            systemError: error)
    }
}
