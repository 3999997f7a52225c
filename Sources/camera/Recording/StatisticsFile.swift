// SPDX-License-Identifier: MIT

internal import CameraKit

/// The file of `--stats`: opened before the recording, so that its end is not the first time that it fails, and replaced
/// when it is complete.
final class StatisticsFile {
    private let file: FileOutput

    /// Opens the file; what is in it stays until ``write(_:)``.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - timeout: How long to wait for a disk that does not answer.
    /// - Throws: What opening the file throws.
    init(path: String, timeout: Duration) throws(CameraError) {
        file = try FileOutput(path: path, atomically: true, openTimeout: timeout)
    }

    deinit {
        // Nothing of it is left when the recording did not begin.
        file.discard()
    }

    /// Writes the statistics and closes the file.
    ///
    /// A disk that stands still keeps the program from its end no longer than `limit`.
    func write(_ statistics: Statistics, within limit: Duration) throws(CameraError) {
        let text = Array(try JSON.document(statistics).utf8)
        let outcome = Monitor<Result<Void, CameraError>?>(nil)
        _ = try WorkerThread("statistics") { [file] in
            let result = Result { () throws(CameraError) in try Self.write(text, to: file) }
            outcome.update { $0 = result }
        }
        guard let result = outcome.wait(until: .deadline(after: limit), { $0 }) else {
            throw CameraError(
                .timedOut, "writing the statistics", subject: file.path,
                reason: "the file did not take them within \(limit) and is left behind")
        }
        try result.get()
    }

    private static func write(_ text: [UInt8], to file: FileOutput) throws(CameraError) {
        let now = Timestamp.now
        try file.write(
            text.span.bytes,
            PacketInfo(index: 0, type: .key, timestamp: .zero, sensorTime: now, wallTime: WallTime(now)))
        try file.close()
    }
}
