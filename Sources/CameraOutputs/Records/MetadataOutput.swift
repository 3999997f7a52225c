// SPDX-License-Identifier: MIT

public import CameraCore
internal import Synchronization

/// A text file with a line of JSON about each picture of a recording; the pictures themselves are not written to it.
///
/// ```swift
/// try camera.startRecording(to: "hall.h264", metadataOutput: "hall.jsonl")
/// ```
///
/// Lines come in the order of the pictures in their file, which with B-frames is not that of display. Each has `index`
/// (the frame's number in the recording; a gap is a frame that was lost), `type` ("key", "predicted", "bidirectional"),
/// `keyFrame`, `timestamp` (seconds from the recording's first frame), `wallTime` (ISO 8601, in UTC), `size` and
/// `headerSize` in bytes, and `offset`: the place of the picture's first byte in the pictures' file, if that was begun
/// together with this one. Where the camera tells: `exposureTime` and `frameDuration` in seconds, `analogGain`,
/// `digitalGain`, `redGain`, `blueGain`, `colorTemperature` in kelvin, `lux`, `sensorTemperature` in degrees Celsius,
/// `lensPosition` in dioptres and `focusMeasure`.
public final class MetadataOutput: DiscardableOutput, CompositeOutput, FileBacked {
    private let target: OpenedOutput
    private let offset = Mutex(0)

    /// Takes an output that is open already.
    package init(_ target: OpenedOutput) {
        self.target = target
    }

    /// Opens the file or takes the output for the lines.
    ///
    /// - Parameter target: A file, or an output that takes bytes, which is flushed in the end but not closed.
    /// - Throws: What ``FileOutput/init(path:sync:atomically:readerTimeout:openTimeout:)`` throws.
    public convenience init(to target: OutputTarget) throws(CameraError) {
        self.init(try OpenedOutput(target))
    }

    /// Opens a file for the lines.
    ///
    /// - Parameter path: The file; what is in it stays until ``begin(_:)``.
    /// - Throws: What ``FileOutput/init(path:sync:atomically:readerTimeout:openTimeout:)`` throws.
    public convenience init(path: String) throws(CameraError) {
        try self.init(to: .path(path))
    }

    package var file: FileOutput? { target.file }

    /// Where the text goes to.
    package var awaited: String? { target.awaited }

    /// Empties the file.
    public func begin(_ stream: StreamDescription) throws {
        offset.withLock { $0 = 0 }
        try target.output.begin(stream)
    }

    /// Writes the picture's line.
    public func write(_ bytes: RawSpan, _ info: PacketInfo) throws {
        let size = bytes.byteCount
        let start = offset.withLock { offset in
            defer { offset += size }
            return offset
        }
        let line = MetadataLine(info, size: size, offset: start).text
        try target.output.write(Array(line.utf8).span.bytes, info)
    }

    /// Ends the file.
    public func end() throws {
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
}
