// SPDX-License-Identifier: MIT

package import CameraCore

/// How much of a recording's files is kept: what goes beyond is deleted, the oldest files first.
///
/// ```swift
/// try camera.startRecording(
///     to: "{timestamp:%Y-%m-%d}/{timestamp:%H-%M-%S}.mp4", splitting: .every(.minutes(10)),
///     retention: Retention(free: .percent(10), age: .days(30)))
/// ```
///
/// All bounds that are given hold together. Only whole files go that the recording's own template names, with the files of
/// metadata, times and motion vectors that belong to them, and never one that any program writes or has locked. A disk that is
/// full all the same ends no recording: it deletes the oldest file and goes on. ``init(free:size:age:files:)`` without a bound
/// asks for that alone.
public struct Retention: Hashable, Sendable {
    /// The space that stays free on the file system of the recording.
    public var free: DiskAmount?
    /// The most that all files take together, the one that is being written included.
    public var size: DiskAmount?
    /// The longest time that a file is kept after its last change.
    public var age: Duration?
    /// The most files that are kept, the one that is being written included.
    public var files: Int?

    /// Describes what is kept.
    ///
    /// - Parameters:
    ///   - free: The space that stays free on the file system of the recording; nil for no bound.
    ///   - size: The most that all files take together, in bytes; nil for no bound.
    ///   - age: The longest time that a file is kept after its last change; nil for no bound.
    ///   - files: The most files that are kept, 1 or more; nil for no bound.
    public init(free: DiskAmount? = nil, size: DiskAmount? = nil, age: Duration? = nil, files: Int? = nil) {
        self.free = free
        self.size = size
        self.age = age
        self.files = files
    }

    /// Checks that the bounds can be kept, and returns them.
    ///
    /// - Throws: `.invalidValue`.
    @discardableResult
    package func validated() throws(CameraError) -> Retention {
        if let free { try free.check("free", allowsNothing: true) }
        if let size {
            if case .percent = size {
                throw Self.refusal(
                    "size \(size)",
                    "the files' size is a number of bytes, such as .gigabytes(100); percents are for free")
            }
            try size.check("size", allowsNothing: false)
        }
        if let age, age <= .zero { throw Self.refusal("age \(age)", "it must be longer than 0, such as .days(30)") }
        if let files, files < 1 {
            throw Self.refusal("files \(files)", "one file is kept at least: the one being written")
        }
        return self
    }

    static func refusal(_ subject: String, _ reason: String) -> CameraError {
        CameraError(.invalidValue, "bounding the recording's files", subject: subject, reason: reason)
    }
}
