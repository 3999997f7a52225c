// SPDX-License-Identifier: MIT

internal import CameraCatalog
internal import CameraCore
internal import CameraServer

/// Shows a server what a catalogue knows.
struct CatalogArchive: RecordingArchive {
    let catalog: Catalog

    func timeLine(
        of camera: String, from: WallTime, to: WallTime, limit: Int
    ) throws(CameraError) -> ArchiveTimeLine {
        let line = try catalog.timeLine(of: camera, from: from, to: to, limit: limit)
        let files = line.files.compactMap(ArchiveFile.init)
        let ids = Dictionary(files.map { ($0.path, $0.id) }) { first, _ in first }
        let gaps = line.gaps.map { gap in
            ArchiveTimeLine.Gap(start: gap.start, end: gap.end, reason: gap.reason.rawValue, text: gap.text)
        }
        let events = line.events.map { event in
            ArchiveTimeLine.Event(
                time: event.time, kind: event.kind.rawValue, text: event.text, file: event.file.flatMap { ids[$0] })
        }
        return ArchiveTimeLine(files: files, gaps: gaps, events: events)
    }

    func file(_ id: Int64, of camera: String) throws(CameraError) -> ArchiveFile? {
        guard let file = try catalog.file(withId: id), file.camera == camera else { return nil }
        return ArchiveFile(file)
    }

    func protect(_ id: Int64, of camera: String, _ isProtected: Bool) throws(CameraError) -> ArchiveFile {
        guard let known = try file(id, of: camera) else {
            throw CameraError(.notFound, "protecting a file", reason: "there is no such file (any more)")
        }
        try catalog.setProtected(known.path, isProtected)
        return try file(id, of: camera) ?? known
    }

    func export(
        of camera: String, from: WallTime, to: WallTime, to path: String, isCancelled: () -> Bool
    ) throws(CameraError) {
        try catalog.export(of: camera, from: from, to: to, to: path, isCancelled: isCancelled)
    }
}

extension ArchiveFile {
    /// Nil for a file that no catalogue has a number for.
    fileprivate init?(_ file: CatalogFile) {
        guard let id = file.id else { return nil }
        self.init(
            id: id, path: file.path, start: file.start, end: file.end, bytes: file.bytes, frames: file.frames,
            isProtected: file.isProtected)
    }
}
