// SPDX-License-Identifier: MIT

package import CameraCore

/// Waits for one camera that went away.
package protocol CameraLookout: Sendable {
    /// Waits until the camera is there, and opens it as it was.
    ///
    /// - Parameter lost: The camera as it was, closed.
    /// - Returns: The camera; nil after ``interrupt()``.
    /// - Throws: Why a camera that is back cannot be used.
    func open(like lost: any VideoSource) throws -> (any VideoSource)?

    /// Makes the wait under way, or else the next one, end at once; called from any thread.
    func interrupt()
}

extension VideoSource {
    /// The source in a form that can be waited for; the source itself where it cannot go away.
    package func returning() -> any VideoSource {
        switch self {
        case let camera as V4L2Camera:
            let identity = camera.identity
            return ReturningCamera(camera) { () throws(CameraError) in try V4L2Lookout(for: identity) }
        case let camera as LibCamera:
            let id = camera.id
            return ReturningCamera(camera) { () throws(CameraError) in try LibCameraLookout(id) }
        default: return self
        }
    }
}
