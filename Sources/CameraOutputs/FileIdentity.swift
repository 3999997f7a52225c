// SPDX-License-Identifier: MIT

internal import Glibc
internal import Synchronization

/// Which regular file it is, whatever path or link leads to it.
struct FileIdentity: Hashable, Sendable {
    private let device: UInt64
    private let inode: UInt64

    /// The file that a descriptor refers to; nil when it is not a regular one.
    init?(descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    /// The file that a path names itself, not through a symbolic link; nil when there is none.
    init?(path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    private init?(_ status: stat) {
        guard status.st_mode & S_IFMT == S_IFREG else { return nil }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }

    private static let inUse = Mutex<Set<FileIdentity>>([])

    /// Marks the file as an output of this process; false when it is one already.
    func claim() -> Bool {
        Self.inUse.withLock { $0.insert(self).inserted }
    }

    /// Gives the file free; called before its descriptor is closed, as its number may be another file's afterwards.
    func release() {
        Self.inUse.withLock { _ = $0.remove(self) }
    }
}
