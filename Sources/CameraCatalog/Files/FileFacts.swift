// SPDX-License-Identifier: MIT

internal import CameraContainers
internal import CameraCore
internal import CameraKit
internal import Glibc
internal import SystemPackage

/// What a file tells of itself.
struct FileFacts {
    let path: String
    let bytes: Int
    let changed: WallTime
    private var created: WallTime?
    private var duration = Duration.zero
    private var frames = 0
    private var size: Resolution?
    private(set) var format: MediaFormat?

    private static let boxed: Set = ["mp4", "m4v", "mov"]

    /// Whether a file's name is that of an MP4 file.
    static func isMP4(_ path: String) -> Bool { MediaFormat.fileExtension(of: path).map(boxed.contains) ?? false }

    /// Reads an MP4 file's own account; of others the system's.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - isTold: Whether a recording tells of it: then a file that cannot be read is one all the same.
    /// - Throws: `.notFound` where there is no such file; `.corruptData` for an MP4 file that is not finished.
    init(of path: String, isTold: Bool = false) throws(CameraError) {
        guard let (bytes, changed) = FileTemplate.status(of: path) else {
            throw CameraError(.notFound, "reading the file", subject: path, reason: "there is no such regular file")
        }
        (self.path, self.bytes, self.changed) = (absolutePath(path), bytes, changed)
        guard Self.isMP4(path) else {
            // What a container of another kind holds is not looked at.
            let suffix = MediaFormat.fileExtension(of: path) ?? ""
            if !MediaFormat.containers.contains(suffix) {
                format = try? MediaFormat(forFile: path, among: MediaFormat.video)
            }
            return
        }
        let reader: MP4Reader
        do throws(CameraError) {
            reader = try MP4Reader(path)
        } catch {
            guard isTold else { throw error }
            return
        }
        (created, duration) = (reader.created, reader.video.duration)
        (frames, format, size) = (reader.video.count, reader.video.format, reader.video.descriptions.first?.size)
    }

    /// The catalogue's entry: times from the file itself, else from its name, else from its last change.
    ///
    /// - Parameters:
    ///   - camera: The camera's name.
    ///   - moment: The moment that its name shows; nil where it shows none.
    /// - Returns: The entry.
    func file(of camera: String, named moment: WallTime? = nil) -> CatalogFile {
        let end = changed.advanced(by: .zero - duration)
        let start =
            if let created {
                // An MP4 file tells its time to the second. It was changed last when it was finished, some milliseconds after
                // its end, so that this tells the rest; unless it was copied or repaired.
                end >= created && end < created.advanced(by: .seconds(1)) ? end : created
            } else {
                moment ?? end
            }
        // Until its last change, where nothing else tells how long it is.
        let stop = created == nil ? max(changed, start) : start.advanced(by: duration)
        return CatalogFile(
            camera: camera, path: path, start: start, end: stop, frames: frames, bytes: bytes, changed: changed,
            size: size, format: format)
    }
}

/// A path from the root on, by which a file has one name only.
func absolutePath(_ path: String) -> String {
    guard !isAbsolute(path) else { return path }
    var folder = FilePath("/")
    if !path.hasPrefix("/"), let present = getcwd(nil, 0) {
        folder = FilePath(String(cFileName: present))
        free(present)
    }
    return folder.pushing(FilePath(path)).lexicallyNormalized().string
}

/// Whether a path begins at the root, and has nothing that leads back or nowhere.
private func isAbsolute(_ path: String) -> Bool {
    let (slash, dot) = (UInt8(ascii: "/"), UInt8(ascii: "."))
    guard path.utf8.first == slash else { return false }
    return !zip(path.utf8, path.utf8.dropFirst()).contains { $0 == slash && ($1 == slash || $1 == dot) }
}
