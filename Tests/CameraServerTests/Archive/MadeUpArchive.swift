// SPDX-License-Identifier: MIT

import CameraCore
import CameraServer
import Foundation
import Synchronization
import TestSupport

/// Files of two cameras that nobody recorded, and exports that take for as long as the test wants.
final class MadeUpArchive: RecordingArchive {
    let folder: TemporaryFolder
    private let files: Mutex<[String: [ArchiveFile]]>
    /// What the exports do.
    let exports = Monitor(Exports())

    struct Exports {
        /// Whether they wait until they are cancelled.
        var areSlow = false
        /// Where they write.
        var paths: [String] = []
        /// How many were cancelled.
        var cancelled = 0
    }

    /// What every file and every export has.
    static let content = Array("0123456789".utf8)
    /// When the first file of each camera begins, in seconds since 1970.
    static let start = 1_772_366_400

    init() throws {
        folder = try TemporaryFolder()
        let file = folder.file("clip 1.mp4")
        try Data(Self.content).write(to: file)
        func made(_ id: Int64, bytes: Int = 10) -> ArchiveFile {
            ArchiveFile(
                id: id, path: file.path, start: Self.time(0), end: Self.time(60), bytes: bytes, frames: 1800,
                isProtected: false)
        }
        files = Mutex(["hall": [made(1)], "yard": [made(2)], "vast": [made(3, bytes: 1 << 60)]])
    }

    static func time(_ seconds: Int) -> WallTime {
        WallTime(nanosecondsSince1970: Int64(start + seconds) * 1_000_000_000)
    }

    func timeLine(
        of camera: String, from: WallTime, to: WallTime, limit: Int
    ) throws(CameraError) -> ArchiveTimeLine {
        let found = files.withLock { $0[camera] ?? [] }.filter { $0.start < to && $0.end > from }
        let gap = ArchiveTimeLine.Gap(start: Self.time(60), end: nil, reason: "stopped", text: nil)
        let event = ArchiveTimeLine.Event(time: Self.time(5), kind: "motion", text: "a cat", file: found.first?.id)
        return ArchiveTimeLine(files: found, gaps: [gap], events: [event])
    }

    func file(_ id: Int64, of camera: String) throws(CameraError) -> ArchiveFile? {
        files.withLock { $0[camera]?.first { $0.id == id } }
    }

    func protect(_ id: Int64, of camera: String, _ isProtected: Bool) throws(CameraError) -> ArchiveFile {
        guard let known = try file(id, of: camera) else { throw CameraError(.notFound, "protecting a file") }
        let changed = ArchiveFile(
            id: id, path: known.path, start: known.start, end: known.end, bytes: known.bytes, frames: known.frames,
            isProtected: isProtected)
        files.withLock { $0[camera] = [changed] }
        return changed
    }

    func export(
        of camera: String, from: WallTime, to: WallTime, to path: String, isCancelled: () -> Bool
    ) throws(CameraError) {
        guard from < Self.time(60) else { throw CameraError(.nothingToCopy, "exporting a span") }
        _ = FileManager.default.createFile(atPath: path, contents: Data(Self.content))
        exports.update { $0.paths.append(path) }
        while exports.withLock(\.areSlow) {
            guard !isCancelled() else {
                exports.update { $0.cancelled += 1 }
                throw CameraError(.cancelled, "exporting a span")
            }
            _ = exports.wait(until: .now + .milliseconds(5)) { $0.areSlow ? nil : true }
        }
    }
}
