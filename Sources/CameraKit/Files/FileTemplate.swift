// SPDX-License-Identifier: MIT

public import CameraCore
internal import CameraOutputs
internal import Glibc
internal import SystemPackage

/// A file name with places for a counter and the time: "clip-{counter:03d}.h264", "{timestamp:%H-%M-%S}.jpg".
///
/// `{counter}` takes a width as `{counter:04d}`; `{timestamp}` takes a pattern of `strftime(3)` in local time, with `%f`
/// for microseconds as in picamera. `{{` and `}}` stand for single braces.
public struct FileTemplate: Hashable, Sendable {
    let template: TextTemplate

    /// Reads a template.
    ///
    /// - Throws: `.invalidValue` for a place that is not known or not closed.
    public init(_ text: String) throws(CameraError) {
        template = try TextTemplate(text, number: "counter", operation: "reading the file name")
    }

    /// Whether the template has a place for the counter or the time, so that each file gets a name of its own.
    public var isSeries: Bool { template.hasPlaces }

    /// Whether the template has a place for the counter.
    public var hasCounter: Bool { template.hasNumber }

    /// Whether names tell the moment of the file.
    var hasTimestamp: Bool { template.hasTimestamp }

    /// The name of one file.
    ///
    /// - Parameters:
    ///   - counter: The file's number; the first one has 1.
    ///   - time: The time that `{timestamp}` shows.
    /// - Returns: The name with its places filled.
    public func name(counter: Int, at time: WallTime = .now) -> String { template.filled(number: counter, at: time) }

    /// The name of the file at a place of a ``FileSeries``.
    package func name(of place: FileSeries.Place) -> String {
        repeating(name(counter: place.counter, at: place.time), place.repetition)
    }

    /// Whether files can be made where the template says, to be asked before there is something to write that would be lost.
    ///
    /// - Throws: `.output` where the folder is missing or takes no files.
    package func checkFolder() throws(CameraError) {
        let name = name(counter: 1)
        let folder = name.lastIndex(of: "/").map { String(name[...$0]) } ?? "."
        let failure = folder.withFileName { access($0, W_OK | X_OK) == 0 ? 0 : errno }
        guard failure != 0 else { return }
        let error = Errno(rawValue: failure)
        throw CameraError(.output, "opening the output", subject: name, reason: error.outputReason, systemError: error)
    }

    /// A name that is given more than once, with "-2" or the like in front of its extension.
    func repeating(_ name: String, _ repetition: Int) -> String {
        guard repetition > 1, isSeries, !hasCounter else { return name }
        let file = name.lastIndex(of: "/").map { name.index(after: $0) } ?? name.startIndex
        // A name that begins with its only dot has no extension.
        let dot = name[file...].dropFirst().lastIndex(of: ".") ?? name.endIndex
        return "\(name[..<dot])-\(repetition)\(name[dot...])"
    }

    /// The counter in the name of a file that was made of this template; nil for others.
    func counter(in name: String) -> Int? { template.number(in: name) }
}
