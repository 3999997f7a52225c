// SPDX-License-Identifier: MIT

internal import CameraOutputs

/// An output in use, and what has come to it.
struct OutputInUse: Sendable {
    let output: OpenedOutput
    /// Whether its first picture has come.
    var hasBegun = false
    /// The pictures that were written to it.
    var account = FileAccount()
}
