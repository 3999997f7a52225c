// SPDX-License-Identifier: MIT

public import CameraCore

/// Something that happened while a camera was recorded.
public struct CatalogEvent: Hashable, Sendable {
    /// What kind of thing it was; any word may be one.
    public struct Kind: RawRepresentable, Hashable, Sendable {
        /// The word.
        public let rawValue: String
        /// Makes a kind from its word.
        public init(rawValue: String) { self.rawValue = rawValue }
        /// Something moved.
        public static let motion = Kind(rawValue: "motion")
        /// Somebody, or another program, asked for a recording.
        public static let trigger = Kind(rawValue: "trigger")
        /// The camera went away.
        public static let away = Kind(rawValue: "away")
        /// The camera is back.
        public static let back = Kind(rawValue: "back")
        /// Something failed.
        public static let failure = Kind(rawValue: "failure")
        /// A file that a crash had left was finished.
        public static let repair = Kind(rawValue: "repair")
        /// The signal at the camera's input went away or is back.
        public static let signal = Kind(rawValue: "signal")
    }

    /// The camera's name.
    public var camera: String
    /// The kind of thing.
    public var kind: Kind
    /// When it happened.
    public var time: WallTime
    /// What is told of it, in words.
    public var text: String
    /// The path of a file that belongs to it; nil for none.
    public var file: String?

    /// Describes an event.
    public init(camera: String, kind: Kind, time: WallTime = .now, text: String = "", file: String? = nil) {
        self.camera = camera
        self.kind = kind
        self.time = time
        self.text = text
        self.file = file
    }
}
