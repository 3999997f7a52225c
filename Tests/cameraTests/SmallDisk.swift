// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// A disk of a few megabytes in memory, on which the tool records.
enum SmallDisk {
    /// Whether this machine lets us mount one.
    static let isPossible: Bool = {
        let script = ["-c", "mount -t tmpfs -o size=1m tmpfs /mnt"]
        return (try? TestSupport.run("unshare", ["--mount", "--map-root-user", "sh"] + script).status) == 0
    }()
    static let reason: Comment = "this machine lets users mount no disk of their own"

    /// Runs `camera record` with such a disk as its folder.
    ///
    /// - Parameters:
    ///   - arguments: Those behind `record`.
    ///   - size: The disk's, in the words of tmpfs(5).
    ///   - preparation: What the shell does before, on the disk.
    ///   - folder: Where afterwards what is on the disk lies in `kept`, and `free` has the number of free blocks and their size.
    /// - Returns: How the tool ended.
    /// - Throws: When it cannot be started.
    static func record(
        _ arguments: [String], size: String, after preparation: String = ":", in folder: TemporaryFolder
    ) throws -> ProgramResult {
        let script = """
            mkdir disk kept && mount -t tmpfs -o size=\(size) tmpfs disk && cd disk && \(preparation)
            "$0" record "$@"
            status=$?
            stat --file-system --format '%a %S' . > ../free
            cp -r . ../kept
            exit $status
            """
        return try TestSupport.run(
            "unshare", ["--mount", "--map-root-user", "sh", "-c", script, Tool.path] + arguments, in: folder.url)
    }
}
