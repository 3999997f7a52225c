// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraKit
internal import CameraOutputs

/// A file of a camera's templates, as the page lists it.
struct RecordedFile: Encodable, Sendable {
    /// What names it in addresses: its path from the folder that all files of its template are in.
    let id: String
    /// Its own name.
    let name: String
    let bytes: Int
    /// When it was last written, in seconds since 1970.
    let time: Double
    /// Whether it is still being written.
    let isWritten: Bool
    let path: String

    private enum CodingKeys: CodingKey { case id, name, bytes, time, isWritten }

    /// How long after its last change a file may still be being written.
    private static let pause = Duration.seconds(60)

    /// All files of a camera, the newest first.
    static func all(of station: Station) async -> [RecordedFile] {
        let (plan, written) = (station.plan, station.shown.recording?.outputs[.frame]?.name)
        // A folder with many files, or on a disk that is slow, holds no other client up.
        let found = await onThreadOfItsOwn("recordings") { () throws(CameraError) -> [RecordedFile] in
            var files: [RecordedFile] = []
            if let template = plan.template { files += try Self.files(of: template, marked: "", written) }
            if let template = plan.eventTemplate, template != plan.template {
                files += try Self.files(of: template, marked: "event:", written)
            }
            return files.sorted { ($0.time, $0.id) > ($1.time, $1.id) }
        }
        // Templates were read before, when the server was made.
        return (try? found.get()) ?? []
    }

    /// The files of a template.
    private static func files(
        of template: String, marked mark: String, _ written: String?
    ) throws(CameraError) -> [RecordedFile] {
        let folder = RecordedFiles(try FileTemplate(template), companions: [], isRenumbered: false)
        let start = folder.name == "/" ? "/" : folder.name + "/"
        let now = WallTime.now
        return folder.files().map { file in
            let place = file.path.hasPrefix(start) ? String(file.path.dropFirst(start.count)) : file.path
            let age = Duration.nanoseconds(now.nanosecondsSince1970 - file.changed.nanosecondsSince1970)
            return RecordedFile(
                id: mark + place, name: String(file.path.split(separator: "/").last ?? ""), bytes: file.byteCount,
                time: Double(file.changed.nanosecondsSince1970) / 1e9,
                isWritten: file.path == written || (age < pause && FileUse.isInUse(file.path)), path: file.path)
        }
    }
}
