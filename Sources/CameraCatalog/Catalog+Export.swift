// SPDX-License-Identifier: MIT

public import CameraCore
internal import GRDB
internal import Glibc

/// What an exported file has.
public struct CatalogExport: Hashable, Sendable {
    /// When its first picture was taken: the key frame at the beginning of the span, or before it.
    public var start: WallTime
    /// The playing time.
    public var duration: Duration
    /// The number of pictures.
    public var pictures: Int
    /// The paths of the files that they were copied from.
    public var files: [String]
}

extension Catalog {
    /// What becomes of the times between files in an exported one.
    public enum GapHandling: Sendable {
        /// The next file's first picture follows at once.
        case closed
        /// The last picture stays for as long as nothing was recorded, so that times are those of the day.
        case kept
    }

    /// Copies a span of a camera's H.264 or H.265 from its MP4 files into one MP4 file; nothing is encoded.
    ///
    /// It begins with the key frame at the beginning of the span or before it, and ends with the last picture before the end. Of
    /// files that overlap, the one that began first is taken to its end. The file gets its name when it is complete. The work is
    /// that of copying, so call it on a thread of its own.
    ///
    /// - Parameters:
    ///   - camera: The camera's name.
    ///   - from: The beginning of the span.
    ///   - to: Its end.
    ///   - path: The file to make.
    ///   - gaps: What becomes of the times between files.
    ///   - isCancelled: Asked every few hundred pictures whether to give up; must not wait.
    /// - Returns: What the file has.
    /// - Throws: `.nothingToCopy` where there are no such files; `.unsupported` where the format or size of the pictures changes
    ///   within the span; `.output` also for a file that exists; `.corruptData` for a file that cannot be read; `.cancelled`;
    ///   `.closed`. Nothing is left of the file then.
    @discardableResult
    public func export(
        of camera: String, from: WallTime, to: WallTime, to path: String, gaps: GapHandling = .closed,
        isCancelled: () -> Bool = { false }
    ) throws(CameraError) -> CatalogExport {
        let operation = Exporter.operation
        guard from < to else {
            throw CameraError(.invalidValue, operation, subject: path, reason: "the span ends before it begins")
        }
        let files = try database.read(operation) { database in
            try database.knownCameraId(camera).map { id in try database.files(of: id, from: from, to: to) } ?? []
        }
        let movies = files.filter { FileFacts.isMP4($0.path) && $0.format != nil }
        guard !movies.isEmpty else {
            throw CameraError(
                .nothingToCopy, operation, subject: camera, reason: "there is no MP4 file with pictures of that time")
        }
        return try Exporter(from: from, to: to, gaps).copy(movies, to: path) { () throws(CameraError) in
            try checkOpen(operation)
            if isCancelled() { throw CameraError(.cancelled, operation, subject: camera) }
        }
    }
}
