// SPDX-License-Identifier: MIT

/// What parts of the picture the exposure is chosen for.
public enum MeterMode: String, Hashable, Sendable, CaseIterable {
    /// All of it; the middle may weigh more.
    case average
    /// A spot in the middle.
    case spot
    /// The middle, where the light is behind it.
    case backlit
    /// Many parts, weighed by what is in them.
    case matrix
}
