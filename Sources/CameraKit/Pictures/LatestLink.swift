// SPDX-License-Identifier: MIT

package import CameraCore
internal import CameraOutputs
internal import Glibc

/// A symbolic link that always names the newest picture; who opens it never finds half a picture, nor none.
package struct LatestLink: Sendable {
    /// Where the link is.
    package let path: String

    /// Makes a link that does not exist yet, or is an older one.
    ///
    /// - Throws: `.output` when something else than a link is there, which is left alone.
    package init(_ path: String) throws(CameraError) {
        self.path = path
        var status = stat()
        if path.withFileName({ lstat($0, &status) }) == 0, status.st_mode & S_IFMT != S_IFLNK {
            throw CameraError(
                .output, Self.operation, subject: path, reason: "it is there already and no symbolic link")
        }
    }

    /// Lets the link name a file, in one step.
    ///
    /// - Parameter file: The file's path, as it was opened.
    /// - Throws: `.output` with the system's error.
    package func point(to file: String) throws(CameraError) {
        let target = try Self.folder(of: file) == Self.folder(of: path) ? Self.name(of: file) : absolute(file)
        let temporary = FileReplacement.temporaryName(beside: path)
        let made = target.withFileName { target in temporary.withFileName { symlink(target, $0) } }
        guard made == 0 else { throw error(errno) }
        do throws(CameraError) {
            try FileReplacement.rename(temporary, to: path, Self.operation)
        } catch {
            _ = temporary.withFileName { unlink($0) }
            throw error
        }
    }

    private static func folder(of path: String) -> Substring { path[..<(path.lastIndex(of: "/") ?? path.startIndex)] }

    private static func name(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }

    /// A link is read from the folder that it lies in.
    private func absolute(_ file: String) throws(CameraError) -> String {
        if file.hasPrefix("/") { return file }
        guard let folder = realpath(".", nil) else { throw error(errno) }
        defer { free(folder) }
        return String(cFileName: folder) + "/" + file
    }

    private static let operation = "linking the latest picture"

    private func error(_ code: Int32) -> CameraError {
        CameraError(.output, Self.operation, subject: path, reason: String(cString: strerror(code)))
    }
}
