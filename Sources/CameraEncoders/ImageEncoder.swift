// SPDX-License-Identifier: MIT

package import CameraCore
internal import Synchronization

/// Takes still pictures.
open class ImageEncoder: Encoder, @unchecked Sendable {
    /// Whether all pictures of the present or last run were taken.
    package var isComplete: Bool { currentSession?.isComplete.withLock { $0 } ?? false }

    /// What was wrong with the last frame of the present or last run that could not be decoded; nil when all could.
    package var damage: CameraError? { currentSession?.latestDamage.withLock { $0 } }
}
