// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraOutputs

/// An output in use, and what has come to it.
struct OutputInUse: Sendable {
    let output: OpenedOutput
    /// Whether its first picture has come.
    var hasBegun = false
    /// Leaves out pictures of an added output that need what was before its first.
    var filter = StartFilter()
    /// The pictures that were written to it.
    var account = FileAccount()
}
