// SPDX-License-Identifier: MIT

/// The kinds of data that an encoder has outputs for.
public struct OutputKey: RawRepresentable, Hashable, Sendable {
    /// The name of the kind of data.
    public let rawValue: String
    /// Makes a key from the name of a kind of data.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// The pictures.
    public static let frame = OutputKey(rawValue: "frame")
    /// Motion vectors: for each picture a record as ``MotionField`` describes it, in display order.
    public static let motion = OutputKey(rawValue: "motion")
    /// What is known about the pictures: each picture is handed over once more, for an output that writes its `PacketInfo`.
    public static let metadata = OutputKey(rawValue: "metadata")
    /// The pictures' times: each picture is handed over once more, for a file in mkvmerge's timestamp format.
    public static let times = OutputKey(rawValue: "times")

    private static let addedPrefix = "frame+"

    /// The key of an output of the pictures that was added while they were recorded: "frame+1" and so on.
    static func added(_ number: Int) -> OutputKey { OutputKey(rawValue: "\(addedPrefix)\(number)") }

    /// Whether it is that of an output which was added.
    var isAdded: Bool { rawValue.hasPrefix(Self.addedPrefix) }
}
