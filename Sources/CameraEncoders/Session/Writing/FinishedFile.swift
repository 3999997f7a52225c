// SPDX-License-Identifier: MIT

public import CameraCore

/// A file that a recording has finished: it is complete and closed.
public struct FinishedFile: Hashable, Sendable {
    /// The file's path, as it was given or made of a template.
    public let name: String
    /// What it received: ``OutputKey/frame`` for a file of the recording's own, the key of one that was added.
    public let key: OutputKey
    /// The number of pictures in the file.
    public let frames: Int
    /// The number of bytes of the pictures, parameter sets included.
    public let bytes: Int
    /// When its first picture was taken.
    public let start: WallTime
    /// When its last picture was taken.
    public let end: WallTime
    /// The playing time, from the first picture to the end of the last.
    public let duration: Duration

    /// Puts it together.
    package init(
        name: String, key: OutputKey, frames: Int, bytes: Int, start: WallTime, end: WallTime, duration: Duration
    ) {
        (self.name, self.key) = (name, key)
        (self.frames, self.bytes) = (frames, bytes)
        (self.start, self.end, self.duration) = (start, end, duration)
    }
}
