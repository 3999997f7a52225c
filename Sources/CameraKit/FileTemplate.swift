// SPDX-License-Identifier: MIT

public import CameraCore

/// A file name with places for a counter and the time: "clip-{counter:03d}.h264", "{timestamp:%H-%M-%S}.jpg".
///
/// `{counter}` takes a width as `{counter:04d}`; `{timestamp}` takes a pattern of `strftime(3)` in local time, with `%f`
/// for microseconds as picamera has it. Two braces stand for one.
public struct FileTemplate: Hashable, Sendable {
    private let template: TextTemplate

    /// Reads a template.
    ///
    /// - Throws: `.invalidValue` for a place that is not known or not closed.
    public init(_ text: String) throws(CameraError) {
        template = try TextTemplate(text, number: "counter", operation: "reading the file name")
    }

    /// Whether each file gets a name of its own.
    public var isSeries: Bool { template.hasPlaces }

    /// The name of one file.
    ///
    /// - Parameters:
    ///   - counter: The file's number; the first one has 1.
    ///   - time: The moment that `{timestamp}` shows.
    /// - Returns: The name with its places filled.
    public func name(counter: Int, at time: WallTime = .now) -> String { template.filled(number: counter, at: time) }

    /// The counter in the name of a file that was made of this template; nil for others.
    func counter(in name: String) -> Int? { template.number(in: name) }
}
