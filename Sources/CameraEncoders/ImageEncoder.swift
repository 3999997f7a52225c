// SPDX-License-Identifier: MIT

internal import Synchronization

/// Takes still pictures.
open class ImageEncoder: Encoder, @unchecked Sendable {
    /// Whether all pictures of the present or last run were taken.
    package var isComplete: Bool { currentSession?.isComplete.withLock { $0 } ?? false }
}
