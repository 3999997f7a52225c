// SPDX-License-Identifier: MIT

/// Whether a recording goes on.
public enum RecordingState: Hashable, Sendable {
    /// It goes on, or is paused.
    case running
    /// It has ended without an error: its source did, or it has all the pictures it was to take.
    case ended
}
