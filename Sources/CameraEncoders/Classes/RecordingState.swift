// SPDX-License-Identifier: MIT

/// Whether a recording goes on.
public enum RecordingState: Hashable, Sendable {
    /// The recording goes on, or is paused.
    case running
    /// The recording has ended without an error: with its source, by a limit, or because it was stopped.
    case ended
}
