// SPDX-License-Identifier: MIT

/// When a camera's flash fires.
public enum FlashMode: String, Hashable, Sendable, CaseIterable {
    /// Never.
    case off
    /// When it is dark.
    case auto
    /// For every picture.
    case on
    /// Twice, so that eyes do not look red.
    case redEye = "redeye"
    /// Besides other light.
    case fillIn = "fillin"
    /// It glows.
    case torch
}
