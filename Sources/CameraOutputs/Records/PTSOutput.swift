// SPDX-License-Identifier: MIT

public import CameraCore
internal import Synchronization

/// A text file with the time of each picture of a recording; the pictures themselves are not written to it.
///
/// The format is mkvmerge's "timestamp format v2" (mkvmerge(1), "External timestamp files"), which `rpicam-vid
/// --save-pts` writes too: a header, then the milliseconds of each picture with three decimals, one a line, in the order
/// of display. The first picture of the file has the time 0. `mkvmerge -o clip.mkv --timestamps 0:clip.pts clip.h264`
/// gives a recording its true times.
public final class PTSOutput: DiscardableOutput, CompositeOutput, FileBacked {
    private let target: OpenedOutput
    private let times = Mutex(TimestampList())

    /// Takes an output that is open already.
    package init(_ target: OpenedOutput) {
        self.target = target
    }

    /// Opens the file or takes the output for the times.
    ///
    /// - Parameter target: A file, or an output that takes bytes, which is flushed in the end but not closed.
    /// - Throws: What ``FileOutput/init(path:sync:atomically:readerTimeout:openTimeout:)`` throws.
    public convenience init(to target: OutputTarget) throws(CameraError) {
        self.init(try OpenedOutput(target))
    }

    /// Opens a file for the times.
    ///
    /// - Parameter path: The file; what is in it stays until ``begin(_:)``.
    /// - Throws: What ``FileOutput/init(path:sync:atomically:readerTimeout:openTimeout:)`` throws.
    public convenience init(path: String) throws(CameraError) {
        try self.init(to: .path(path))
    }

    /// Where the text goes to.
    package var awaited: String? { target.awaited }

    /// Empties the file.
    public func begin(_ stream: StreamDescription) throws {
        try target.output.begin(stream)
    }

    /// Takes the picture's time, which is written once no picture that is shown earlier can follow.
    public func write(_ bytes: RawSpan, _ info: PacketInfo) throws {
        let lines = times.withLock { $0.add(info) }
        try write(lines, info)
    }

    /// Writes the times that are still held back.
    public func end() throws {
        let (lines, info) = times.withLock { ($0.finish(), $0.lastInfo) }
        if let info { try write(lines, info) }
        try target.output.end()
    }

    /// Hands what was written to the system.
    public func flush() throws {
        try target.output.flush()
    }

    /// Closes the file; leaves an output that was handed in open.
    public func close() throws {
        try target.release()
    }

    /// Closes the file and deletes it if it was created and not begun; leaves an output that was handed in.
    public func discard() {
        target.discard()
    }

    package var file: FileOutput? { target.file }

    private func write(_ lines: String, _ info: PacketInfo) throws {
        if !lines.isEmpty { try target.output.write(Array(lines.utf8).span.bytes, info) }
    }
}
