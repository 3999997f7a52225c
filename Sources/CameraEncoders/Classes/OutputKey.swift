// SPDX-License-Identifier: MIT

/// The kinds of data that an encoder has outputs for.
public struct OutputKey: RawRepresentable, Hashable, Sendable {
    /// The value that stands for it.
    public let rawValue: String
    /// Makes a value of what stands for it.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// The pictures.
    public static let frame = OutputKey(rawValue: "frame")
    /// Motion vectors: for each picture a record as ``MotionField`` describes it, in the order that pictures are shown in.
    public static let motion = OutputKey(rawValue: "motion")
    /// What is known about the pictures: each of them once more, for an output that writes down its `PacketInfo`.
    public static let metadata = OutputKey(rawValue: "metadata")
    /// The pictures' times: each of them once more, for a file of mkvmerge's timestamp format.
    public static let times = OutputKey(rawValue: "times")
}
