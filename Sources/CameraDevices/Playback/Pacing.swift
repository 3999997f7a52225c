// SPDX-License-Identifier: MIT

/// The pace at which a file or a test camera delivers frames.
public enum Pacing: Hashable, Sendable {
    /// At the frames' own rate, as a camera would.
    case real
    /// As fast as they are taken.
    case none
}
