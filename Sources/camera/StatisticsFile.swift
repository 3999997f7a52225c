// SPDX-License-Identifier: MIT

internal import CameraKit

/// The file of `--stats`: opened before the recording, so that its end is not the first time that it fails, and replaced
/// when it is complete.
final class StatisticsFile {
    private let file: FileOutput

    /// Opens the file; what is in it stays until ``write(_:)``.
    init(path: String) throws(CameraError) {
        file = try FileOutput(path: path, atomically: true)
    }

    deinit {
        // Nothing of it is left when the recording did not begin.
        file.discard()
    }

    /// Writes the statistics and closes the file.
    func write(_ statistics: Statistics) throws(CameraError) {
        let text = try JSON.document(statistics)
        let now = Timestamp.now
        try file.write(
            Array(text.utf8).span.bytes,
            PacketInfo(index: 0, type: .key, timestamp: .zero, sensorTime: now, wallTime: WallTime(now)))
        try file.close()
    }
}
