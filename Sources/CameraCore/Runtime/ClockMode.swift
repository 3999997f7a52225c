// SPDX-License-Identifier: MIT

/// What the times of a recording's pictures count from.
public enum ClockMode: String, Hashable, Sendable {
    /// The recording's first picture.
    case reset
    /// The zero of the sensor's own clock: the times can be compared between recordings.
    case raw
}
