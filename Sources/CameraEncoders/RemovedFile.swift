// SPDX-License-Identifier: MIT

/// A file of a recording that was deleted so that its disk or the bounds of its files have room.
public struct RemovedFile: Hashable, Sendable {
    /// Why a file was deleted; later versions may add reasons.
    @nonexhaustive
    public enum Reason: String, Hashable, Sendable {
        /// There was less free space than is to be kept.
        case free
        /// The files took more than they may.
        case size
        /// It was older than files are kept.
        case age
        /// There were more files than are kept.
        case files
        /// The disk took no more.
        case fullDisk
    }

    /// The file's path.
    public let name: String
    /// The number of bytes that it had, with those of the files beside it.
    public let bytes: Int
    /// Why it was deleted.
    public let reason: Reason

    /// Puts it together.
    package init(name: String, bytes: Int, reason: Reason) {
        self.name = name
        self.bytes = bytes
        self.reason = reason
    }
}
