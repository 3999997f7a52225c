// SPDX-License-Identifier: MIT

/// The parts of the picture that the exposure is chosen for.
public enum MeterMode: String, Hashable, Sendable, CaseIterable {
    /// The whole picture; the middle may weigh more.
    case average
    /// A spot in the middle.
    case spot
    /// The middle, for something with the light behind it.
    case backlit
    /// Many parts, weighted by their contents.
    case matrix
}
