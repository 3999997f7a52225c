// SPDX-License-Identifier: MIT

public import CameraCore

/// A file that a recording has finished: it is complete and closed.
public struct FinishedFile: Hashable, Sendable {
    /// The file's path, as it was given or made of a template.
    public let name: String
    /// Pictures in it.
    public let frames: Int
    /// Bytes of the pictures, with their parameter sets.
    public let bytes: Int
    /// When its first picture was taken.
    public let start: WallTime
    /// When its last picture was taken.
    public let end: WallTime
    /// From its first picture to the end of its last, as it is played.
    public let duration: Duration
}
