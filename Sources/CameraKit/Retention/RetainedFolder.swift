// SPDX-License-Identifier: MIT

package import CameraCore
package import CameraOutputs
internal import Glibc

/// The files of a recording and their disk, as retention sees them.
package protocol RetainedFolder: Sendable {
    /// What messages call it.
    var name: String { get }
    /// The present moment.
    var now: WallTime { get }
    /// The space of the file system; nil where that is not known.
    var space: DiskSpace? { get }
    /// Whether the file system frees in the background what was deleted, so that its free space tells of it later.
    var freesLate: Bool { get }

    /// All files that the recording's template names, in no order.
    func files() -> [RetainedFile]

    /// Deletes a file and its companions, unless somebody uses one of them.
    func delete(_ file: RetainedFile) -> FileUse.Deletion
}

/// The space of a file system, in bytes.
package struct DiskSpace: Hashable {
    /// What may still be written.
    package var free: Int
    /// All there is.
    package var total: Int

    /// Puts it together.
    package init(free: Int, total: Int) {
        self.free = free
        self.total = total
    }

    /// Asks for that of the file system of a folder; nil where it cannot be told.
    package init?(of folder: String) {
        var status = statvfs()
        guard folder.withFileName({ statvfs($0, &status) }) == 0 else { return nil }
        let unit = Int(status.f_frsize)
        // What only the system's user may write is not free.
        self.init(free: Int(status.f_bavail) * unit, total: Int(status.f_blocks) * unit)
    }
}
