// SPDX-License-Identifier: MIT

internal import Glibc

/// The identity of a regular file, whatever path or link leads to it.
package struct FileIdentity: Hashable, Sendable {
    private let device: UInt64
    /// The number of the file in its file system.
    package let inode: UInt64

    /// The file that a descriptor refers to; nil when it is not a regular one.
    package init?(descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    /// The regular file that a path names; nil when there is none.
    ///
    /// - Parameters:
    ///   - path: The path.
    ///   - followsLinks: Whether a symbolic link stands for what it leads to; otherwise it is no regular file.
    package init?(path: String, followsLinks: Bool) {
        var status = stat()
        let result = path.withFileName { followsLinks ? stat($0, &status) : lstat($0, &status) }
        guard result == 0 else { return nil }
        self.init(status)
    }

    private init?(_ status: stat) {
        guard status.st_mode & S_IFMT == S_IFREG else { return nil }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }
}
