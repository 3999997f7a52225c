// SPDX-License-Identifier: MIT

/// The numbers of frames that a source copied or dropped.
public struct SourceCounts: Hashable, Sendable {
    /// Frames copied because the device had too few buffers left to lend one.
    public var framesCopied: Int
    /// Frames dropped because the device had too few buffers left and the memory for copies was used up.
    public var framesNotCopied: Int

    /// Makes counts.
    public init(framesCopied: Int = 0, framesNotCopied: Int = 0) {
        self.framesCopied = framesCopied
        self.framesNotCopied = framesNotCopied
    }
}
