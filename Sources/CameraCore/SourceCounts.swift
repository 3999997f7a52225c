// SPDX-License-Identifier: MIT

/// What a source itself did with frames, besides delivering them as they came.
public struct SourceCounts: Hashable, Sendable {
    /// Frames copied because the device had too few buffers left to lend one.
    public var framesCopied = 0
    /// Frames left out because the memory for copies was used up; their numbers are missing from the sequence.
    public var framesDropped = 0

    /// Makes counts of zero.
    public init() {}
}
