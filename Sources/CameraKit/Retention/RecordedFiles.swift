// SPDX-License-Identifier: MIT

package import CameraCore
package import CameraOutputs
internal import Glibc

/// The files of a recording in their folders.
package struct RecordedFiles: RetainedFolder {
    private let template: FileTemplate
    /// What names the files beside those of the pictures.
    private let companions: [FileTemplate]
    private let countsOrder: Bool
    /// Whether a file is to stay, whatever the bounds are.
    private let keeps: @Sendable (String) -> Bool

    /// Describes them.
    ///
    /// - Parameters:
    ///   - template: What names the files of the pictures.
    ///   - companions: What names those beside them, by the same places.
    ///   - isRenumbered: Whether the recording's counter begins where it was told, so that numbers do not tell which is older.
    ///   - keeps: Whether a file is to stay, by its path.
    package init(
        _ template: FileTemplate, companions: [FileTemplate], isRenumbered: Bool,
        keeping keeps: @escaping @Sendable (String) -> Bool = { _ in false }
    ) {
        self.keeps = keeps
        self.template = template
        self.companions = companions
        countsOrder = template.counterTellsOrder && !isRenumbered
    }

    package var now: WallTime { .now }

    /// The folder that all names begin with.
    package var name: String {
        let texts = template.parts.dropLast().prefix { $0.literal != nil }.compactMap(\.literal)
        if texts == [""] { return "/" }
        return texts.isEmpty ? "." : texts.joined(separator: "/")
    }

    package var space: DiskSpace? { DiskSpace(of: name) }

    package var freesLate: Bool { FileUse.isFreedLate(in: name) }

    package func files() -> [RetainedFile] {
        template.existing().map { existing in
            var file = RetainedFile(path: existing.path, byteCount: existing.byteCount, changed: existing.changed)
            if countsOrder { file.counter = existing.match.places.number }
            file.isKept = keeps(file.path)
            for companion in companions {
                guard let path = companion.name(as: existing.match), path != file.path,
                    let (byteCount, _) = FileTemplate.status(of: path)
                else { continue }
                file.companions.append(path)
                file.byteCount += byteCount
            }
            return file
        }
    }

    package func delete(_ file: RetainedFile) -> FileUse.Deletion {
        // Since it was listed, somebody may have wished so.
        if keeps(file.path) { return .inUse }
        // All or none: the metadata of a recording that is kept stay with it.
        if file.companions.contains(where: FileUse.isInUse) { return .inUse }
        let deletion = FileUse.delete(file.path)
        guard case .done = deletion else { return deletion }
        template.removeEmptyFolders(of: file.path)
        for path in file.companions {
            // What cannot be deleted stays without its recording: there is nobody who would miss it.
            _ = FileUse.delete(path)
            for companion in companions where companion.match(path) != nil { companion.removeEmptyFolders(of: path) }
        }
        return deletion
    }
}
