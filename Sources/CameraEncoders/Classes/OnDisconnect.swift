// SPDX-License-Identifier: MIT

/// What becomes of a recording whose camera goes away: is unplugged, fails, or gives no frame for too long.
public enum OnDisconnect: String, Hashable, Sendable, CaseIterable {
    /// It ends with the error.
    case fail
    /// Its files are finished, and it goes on in the next one when the camera gives frames again.
    ///
    /// The camera is opened anew, as it was configured and set: a Linux video device when it is back in its port, under
    /// whatever path, a camera of libcamera when there is one of its name. One that comes back several times and gives no
    /// frame is tried again after longer and longer pauses, up to a minute. ``CameraEvent/sourceLost(_:)`` and
    /// ``CameraEvent/sourceReturned(name:after:)`` tell of it. Limits of frames and time do not count the absence, and the
    /// times of the pictures run on as if it had not been.
    case wait
}
