// SPDX-License-Identifier: MIT

public import CameraCore

/// A switch to a new output that was asked for and may not be done yet.
public struct PendingSplit: Sendable {
    let ticket: SplitTicket
    let timeout: Duration
    let session: EncodingSession

    /// Waits until the first picture of the new output was written there.
    ///
    /// - Returns: That picture.
    /// - Throws: `.timedOut` when the switch did not happen in time, and is taken back; what ended the recording before the
    ///   switch; `.wouldDeadlock` on the encoder's own threads.
    public func wait() throws(CameraError) -> VideoFrame {
        try session.refuseOwnThreads("waiting for the split")
        let error = CameraError(
            .timedOut, "splitting the recording", reason: "no picture reached the new output in \(timeout)")
        return try ticket.wait(until: .now + timeout, orThrow: error)
    }
}
