// SPDX-License-Identifier: MIT

/// Something that a ``Diagnosis`` found: what is so, and the command that mends it.
public struct Finding: Sendable, Hashable, Encodable {
    /// What it concerns; later versions may add kinds.
    public struct Kind: RawRepresentable, Sendable, Hashable, Encodable {
        /// The word of the kind.
        public let rawValue: String

        /// Makes a kind of its word.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Whether there is a camera.
        public static let camera = Kind(rawValue: "camera")
        /// Whether the camera may be opened.
        public static let permission = Kind(rawValue: "permission")
        /// Another program that uses the camera.
        public static let busy = Kind(rawValue: "busy")
        /// The bus that brings the camera's frames.
        public static let bandwidth = Kind(rawValue: "bandwidth")
        /// A video device that is no camera.
        public static let node = Kind(rawValue: "node")
        /// An encoder of the kernel's.
        public static let encoder = Kind(rawValue: "encoder")
        /// A library that is loaded when it is needed.
        public static let library = Kind(rawValue: "library")
        /// The disk that recordings go to.
        public static let disk = Kind(rawValue: "disk")
        /// The machine's time.
        public static let clock = Kind(rawValue: "clock")
        /// The machine's memory.
        public static let memory = Kind(rawValue: "memory")
    }

    /// How much it matters.
    public enum Verdict: String, Sendable, Hashable, Encodable {
        /// As it should be.
        case fine
        /// Good to know; recording goes without.
        case note
        /// It stands in the way of recording.
        case trouble
    }

    /// What it concerns.
    public let kind: Kind
    /// How much it matters.
    public let verdict: Verdict
    /// The device, folder or library; nil where it is the machine.
    public let subject: String?
    /// What is so, as a sentence without its full stop.
    public let message: String
    /// The command that mends it, or lets one look further; nil where nothing is to be done.
    public let remedy: String?

    init(_ kind: Kind, _ verdict: Verdict, _ subject: String?, _ message: String, remedy: String? = nil) {
        (self.kind, self.verdict, self.subject) = (kind, verdict, subject)
        (self.message, self.remedy) = (message, remedy)
    }
}
