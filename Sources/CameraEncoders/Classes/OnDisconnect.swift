// SPDX-License-Identifier: MIT

/// What happens to a recording when its camera goes away: is unplugged, fails, or gives no frame within the stall limit.
public enum OnDisconnect: String, Hashable, Sendable, CaseIterable {
    /// The recording ends with the error.
    case fail
    /// The recording finishes its files, and goes on in the next file when the camera gives frames again.
    ///
    /// The camera is opened again with its configuration and settings: a Linux video device when it is back at its port,
    /// whatever its path; a camera of libcamera when one of the same name is there. A camera that comes back and gives no
    /// frame is tried again after growing pauses of up to a minute. ``CameraEvent/sourceLost(_:)`` and
    /// ``CameraEvent/sourceReturned(name:after:)`` report the absence, which does not count towards limits of frames and time.
    /// The times of the pictures run on without a gap.
    case wait
}
