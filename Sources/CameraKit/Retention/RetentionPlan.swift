// SPDX-License-Identifier: MIT

package import CameraCore
package import CameraEncoders

/// Which files have to go, the oldest first, so that all bounds are kept.
package struct RetentionPlan {
    /// The files to delete, in this order, and why.
    package private(set) var removals: [(file: RetainedFile, reason: RemovedFile.Reason)] = []
    /// The bounds that are not kept even then.
    package private(set) var broken: Set<RemovedFile.Reason> = []

    /// What is left to do.
    private struct Excess {
        var space: Int
        var bytes: Int
        var count: Int
        /// Whether a file has to go in any case, since the disk is full.
        var isFull: Bool
        /// The bytes that have no room on the full disk.
        var wanted: Int

        var reason: RemovedFile.Reason? {
            if isFull || wanted > 0 { return .fullDisk }
            if count > 0 { return .files }
            if bytes > 0 { return .size }
            return space > 0 ? .free : nil
        }

        mutating func remove(_ file: RetainedFile) {
            space -= file.byteCount
            bytes -= file.byteCount
            wanted -= file.byteCount
            count -= 1
            isFull = false
        }
    }

    /// Works out what has to go.
    ///
    /// - Parameters:
    ///   - files: All files, the oldest first.
    ///   - kept: The paths of those that cannot be deleted; they count all the same.
    ///   - retention: The bounds.
    ///   - now: The present moment.
    ///   - space: The space of the file system; nil where that is not known, and then no bound.
    ///   - wanted: The bytes that a full disk did not take; nil when it is not full.
    package init(
        _ files: [RetainedFile], keeping kept: Set<String>, within retention: Retention, now: WallTime,
        space: DiskSpace?, wanted: Int?
    ) {
        var excess = Excess(space: 0, bytes: 0, count: 0, isFull: wanted != nil, wanted: wanted ?? 0)
        if let free = retention.free, let space { excess.space = free.byteCount(of: space.total) - space.free }
        if let size = retention.size {
            excess.bytes = files.reduce(0) { $0 + $1.byteCount } - size.byteCount(of: 0)
        }
        if let limit = retention.files { excess.count = files.count - limit }
        var isTooOld: Set<String> = []
        if let limit = retention.age {
            let old = files.filter { file in !file.isKept && (file.age(at: now).map { $0 > limit } ?? false) }
            isTooOld = Set(old.map(\.path))
        }
        // What is too old goes in any case, and may be all that has to.
        for file in files where isTooOld.contains(file.path) && !kept.contains(file.path) {
            removals.append((file, .age))
            excess.remove(file)
        }
        for file in files where !file.isKept && !kept.contains(file.path) && !isTooOld.contains(file.path) {
            guard let reason = excess.reason else { break }
            removals.append((file, reason))
            excess.remove(file)
        }
        if excess.isFull { broken.insert(.fullDisk) }
        if excess.count > 0 { broken.insert(.files) }
        if excess.bytes > 0 { broken.insert(.size) }
        if excess.space > 0 { broken.insert(.free) }
        if !isTooOld.isDisjoint(with: kept) { broken.insert(.age) }
    }
}
