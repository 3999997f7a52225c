// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraOutputs

/// How a single picture is taken.
struct CaptureSettings: Sendable {
    let format: MediaFormat
    /// The camera's stream, 0 for the main one.
    var stream = 0
    /// The size to scale to; nil for the camera's own.
    let resize: Resolution?
    /// A port that no recording uses.
    let port: Int
    /// The longest to wait for the picture; nil for the default.
    var timeout: Duration?
    let sync: SyncPolicy
    let options: EncoderOptions
    /// Frames with an earlier time are let go by; nil to take the next one.
    var notBefore: Timestamp?
}
