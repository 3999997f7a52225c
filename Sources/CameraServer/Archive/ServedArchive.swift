// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraKit
internal import Glibc
internal import Synchronization

/// What was recorded, as a server gives it to those who ask: its own threads wait for no disk, and it exports one span at a time.
final class ServedArchive: Sendable {
    /// The most files, and the most events, of a time line.
    static let limit = 20_000

    private let recordings: any RecordingArchive
    private let isExporting = Mutex(false)

    init(_ recordings: any RecordingArchive) { self.recordings = recordings }

    /// Asks the archive on a thread of its own.
    ///
    /// - Throws: What `body` throws; `.system` where there is no thread to be had.
    func ask<Value: Sendable>(
        _ body: @escaping @Sendable (any RecordingArchive) throws(CameraError) -> Value
    ) async throws(CameraError) -> Value {
        let recordings = recordings
        let result = await onThreadOfItsOwn("archive") { () throws(CameraError) in try body(recordings) }
        return try result.get()
    }

    /// Makes a file of a span, which has no name any more when it is given; a task that is cancelled ends the copying.
    ///
    /// - Parameters:
    ///   - camera: The camera's name.
    ///   - from: The beginning of the span.
    ///   - to: Its end.
    /// - Returns: The file; nil while another span is exported.
    /// - Throws: `.output` where there is too little space; what ``RecordingArchive/export(of:from:to:to:isCancelled:)`` throws.
    func export(of camera: String, from: WallTime, to: WallTime) async throws(CameraError) -> ServedFile? {
        let isOurs = isExporting.withLock { isExporting in
            defer { isExporting = true }
            return !isExporting
        }
        guard isOurs else { return nil }
        defer { isExporting.withLock { $0 = false } }
        let isLeft = Monitor(false)
        let recordings = recordings
        let result = await withTaskCancellationHandler {
            await onThreadOfItsOwn("export") { () throws(CameraError) in
                try Self.export(from: recordings, of: camera, from: from, to: to) { isLeft.withLock(\.self) }
            }
        } onCancel: {
            isLeft.update { $0 = true }
        }
        return try result.get()
    }

    private static let operation = "exporting a span"

    private static func export(
        from recordings: any RecordingArchive, of camera: String, from: WallTime, to: WallTime,
        isCancelled: () -> Bool
    ) throws(CameraError) -> ServedFile {
        let line = try recordings.timeLine(of: camera, from: from, to: to, limit: limit)
        let bytes = line.files.reduce(0) { $0 + $1.bytes }
        // Not /tmp, which is memory on many machines.
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/var/tmp"
        // The other half is for the recordings that run meanwhile.
        if let space = DiskSpace(of: parent), bytes > space.free / 2 {
            throw CameraError(
                .output, operation, subject: parent,
                reason: "the files of that time have \(bytes / 1_000_000) MB, and half of what is free there is "
                    + "\(space.free / 2_000_000) MB; ask for a shorter time, or start the server with a TMPDIR of more space",
                systemError: .noSpace)
        }
        // Nobody else can look into it.
        var template = Array("\(parent)/camera-export-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw CameraError(.output, operation, subject: parent, systemError: .init(rawValue: errno))
        }
        let folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        let path = folder + "/span.mp4"
        // Its pictures stay for as long as it is open.
        defer {
            _ = unlink(path)
            _ = rmdir(folder)
        }
        try recordings.export(of: camera, from: from, to: to, to: path, isCancelled: isCancelled)
        guard let file = ServedFile(path) else { throw CameraError(.output, operation, subject: path) }
        return file
    }
}
