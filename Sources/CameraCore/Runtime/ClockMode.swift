// SPDX-License-Identifier: MIT

/// The zero of the timestamps of a recording's pictures.
public enum ClockMode: String, Hashable, Sendable {
    /// The recording's first picture.
    case reset
    /// The zero of the sensor's own clock, so that times can be compared between recordings.
    case raw
}
