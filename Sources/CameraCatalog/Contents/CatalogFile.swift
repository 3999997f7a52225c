// SPDX-License-Identifier: MIT

public import CameraCore

/// A finished file, as the catalogue knows it.
public struct CatalogFile: Hashable, Sendable {
    /// The camera's name.
    public var camera: String
    /// The file's path, from the root on.
    public var path: String
    /// When its first picture was taken.
    public var start: WallTime
    /// When its last picture's time was over: the start and the playing time.
    public var end: WallTime
    /// The number of pictures; 0 where that is not known.
    public var frames: Int
    /// The bytes of the file.
    public var bytes: Int
    /// When the file was last changed.
    public var changed: WallTime
    /// The pictures' size; nil where the file does not tell it.
    public var size: Resolution?
    /// The format of the pictures; nil where the file does not tell it.
    public var format: MediaFormat?
    /// Whether retention leaves it alone.
    public var isProtected = false
    /// Its number in the catalogue that it was read from, for as long as that knows it; nil for one that was put together.
    ///
    /// A catalogue that is made anew gives other numbers.
    public internal(set) var id: Int64?

    /// The playing time.
    public var duration: Duration { start.distance(to: end) }

    /// Puts it together; such a file begins without protection.
    package init(
        camera: String, path: String, start: WallTime, end: WallTime, frames: Int, bytes: Int, changed: WallTime,
        size: Resolution? = nil, format: MediaFormat? = nil
    ) {
        (self.camera, self.path) = (camera, path)
        (self.start, self.end) = (start, max(start, end))
        (self.frames, self.bytes, self.changed) = (frames, bytes, changed)
        (self.size, self.format) = (size, format)
    }
}

extension WallTime {
    /// The time to a later moment; below zero to an earlier one.
    func distance(to other: WallTime) -> Duration {
        .nanoseconds(other.nanosecondsSince1970.saturatingSubtract(nanosecondsSince1970))
    }

    /// The moment a time after this one.
    func advanced(by time: Duration) -> WallTime {
        WallTime(nanosecondsSince1970: nanosecondsSince1970.saturatingAdd(time.nanoseconds))
    }
}
