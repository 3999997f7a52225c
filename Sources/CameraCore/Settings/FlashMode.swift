// SPDX-License-Identifier: MIT

/// When a camera's flash fires.
public enum FlashMode: String, Hashable, Sendable, CaseIterable {
    /// Never.
    case off
    /// When it is dark.
    case auto
    /// For every picture.
    case on
    /// Two flashes, so that eyes do not look red.
    case redEye = "redeye"
    /// As fill-in flash, in addition to other light.
    case fillIn = "fillin"
    /// Lit all the time.
    case torch
}
