// SPDX-License-Identifier: MIT

/// Keeps room on the disk for the files of a recording.
package protocol DiskKeeper: AnyObject, Sendable {
    /// Makes room for bytes that a full disk did not take; called by the thread that has to write them, which waits.
    ///
    /// - Parameter byteCount: The number of bytes.
    /// - Returns: Whether to try again; false when no room can be made.
    func makeRoom(for byteCount: Int) -> Bool

    /// Called when a file of the recording is complete and closed; does not wait.
    func noteFinished()

    /// Called when the recording has ended; waits for a moment, and only where the caller can.
    ///
    /// - Parameter waits: Whether the caller can wait.
    func end(waiting waits: Bool)
}
