// SPDX-License-Identifier: MIT

/// How fast a source that is no camera delivers its frames.
public enum Pacing: Hashable, Sendable {
    /// At their own rate, as a camera would.
    case real
    /// As fast as they are taken.
    case none
}
