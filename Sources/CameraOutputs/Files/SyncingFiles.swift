// SPDX-License-Identifier: MIT

package import CameraCore

/// Files that were closed and may still be on their way to the disk.
package struct SyncingFiles: Sendable {
    private var files: [FileOutput] = []

    /// Begins without any.
    package init() {}

    /// Adds a file that was closed.
    package mutating func add(_ file: FileOutput) {
        files.append(file)
    }

    /// Waits for the files to be on the disk; those that are not at the deadline are waited for the next time.
    ///
    /// - Parameter deadline: The moment to give up at.
    /// - Returns: Whether all are there.
    /// - Throws: What syncing a file failed with; that file is not waited for again.
    @discardableResult
    package mutating func check(until deadline: Timestamp) throws(CameraError) -> Bool {
        while let file = files.first {
            do throws(CameraError) {
                guard try file.waitUntilClosed(until: deadline) else { return false }
            } catch {
                files.removeFirst()
                throw error
            }
            files.removeFirst()
        }
        return true
    }
}
