// SPDX-License-Identifier: MIT

public import CameraCore

/// A time between two files of a camera in which nothing was recorded, or of which nothing is left.
public struct CatalogGap: Hashable, Sendable {
    /// Why there are no pictures; later versions may add reasons.
    @nonexhaustive
    public enum Reason: String, Hashable, Sendable {
        /// The camera was unplugged, or gave no pictures.
        case away
        /// The recording was stopped, or its time was over.
        case stopped
        /// The recording failed.
        case failed
        /// There were files, which were deleted since.
        case deleted
        /// Nobody told: the program was killed, the machine was off, or it was recorded without a catalogue.
        case unknown
    }

    /// When the file before it ended.
    public var start: WallTime
    /// When the file behind it began; nil while there is none.
    public var end: WallTime?
    /// Why there are no pictures.
    public var reason: Reason
    /// What was told with it, such as the error; nil for nothing.
    public var text: String?

    /// Shorter times between two files are none: the time of a file that tells it to the second alone may be so wrong.
    package static let shortest = Duration.seconds(2)
}
