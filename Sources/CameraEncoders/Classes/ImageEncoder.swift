// SPDX-License-Identifier: MIT

package import CameraCore
public import CameraOutputs
internal import Synchronization

/// Takes still pictures.
///
/// A picture is written to a temporary file, which gets its name, and replaces an existing file, when it is complete.
open class ImageEncoder: CameraEncoder, @unchecked Sendable {
    /// Whether all pictures of the present or last run were taken.
    package var isComplete: Bool { currentSession?.isComplete.withLock { $0 } ?? false }

    /// What was wrong with the last frame of the present or last run that could not be decoded; nil when all could.
    package var damage: CameraError? { currentSession?.latestDamage.withLock { $0 } }

    /// The device's time of the last picture of the present or last run; nil before the first.
    package var latestTime: Timestamp? { currentSession?.latestFrame.withLock { $0?.sensorTime } }

    /// Opens what a target names; a file gets its name when the picture is complete.
    open override func openOutput(_ target: OutputTarget, key: OutputKey) throws -> OpenedOutput {
        try OpenedOutput(target, sync: configuration.sync, atomically: true, timeout: parent.stopTimeout)
    }
}
