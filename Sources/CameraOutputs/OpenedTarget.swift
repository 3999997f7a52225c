// SPDX-License-Identifier: MIT

package import CameraCore

/// A target that is ready to be written to, with the duty to close it if there is one.
package struct OpenedTarget: Sendable {
    /// What to write to.
    package let output: any Output
    /// The target's name for messages.
    package let name: String
    /// Whether the output was opened from a path and so is closed in the end.
    package let isOwned: Bool

    /// Opens a path without truncating it, or takes an output as it is.
    ///
    /// - Parameters:
    ///   - target: What to open.
    ///   - sync: When a file that is opened goes to the disk.
    /// - Throws: What ``FileOutput/init(path:sync:readerTimeout:)`` throws.
    package init(_ target: OutputTarget, sync: SyncPolicy = .none) throws(CameraError) {
        name = target.description
        switch target {
        case .path(let path):
            output = try FileOutput(path: path, sync: sync)
            isOwned = true
        case .output(let given):
            output = given
            isOwned = false
        }
    }

    /// Closes what was opened, or flushes an output that was handed in; called after ``Output/end()``.
    package func release() throws(CameraError) {
        do {
            if isOwned { try output.close() } else { try output.flush() }
        } catch {
            throw CameraError(wrapping: error, as: .output, "closing the output", subject: name)
        }
    }

    /// Closes what was opened and deletes it if it was created and nothing began; leaves an output that was handed in.
    package func discard() {
        if isOwned { (output as? any DiscardableOutput)?.discard() }
    }
}
