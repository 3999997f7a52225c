// SPDX-License-Identifier: MIT

package import CameraCore
internal import Glibc
internal import SystemPackage

extension FileTemplate {
    /// A file that there is, as lstat(2) describes it.
    package struct Existing {
        package let path: String
        let match: Match
        package let byteCount: Int
        package let changed: WallTime
    }

    /// All regular files that this template names, in all folders that it leads to; nothing is looked for through links.
    ///
    /// The folder that every name begins with may itself be a link.
    func existing() -> [Existing] {
        var found: [Existing] = []
        forEachExisting { found.append($0) }
        return found
    }

    /// Calls a closure with each of these files, one after the other, so that no list of all lies in memory.
    ///
    /// - Throws: What the closure throws.
    package func forEachExisting<Failure: Error>(
        _ body: (Existing) throws(Failure) -> Void
    ) throws(Failure) {
        try look(in: "", at: 0, of: parts, isChosen: false, body)
    }

    /// Looks in a folder, whose path ends with a slash.
    ///
    /// - Parameters:
    ///   - folder: The folder.
    ///   - index: Which part of the path is looked for there.
    ///   - parts: All parts.
    ///   - isChosen: Whether a place has named one of the folders above.
    ///   - body: Takes the files.
    /// - Throws: What `body` throws.
    private func look<Failure: Error>(
        in folder: String, at index: Int, of parts: [TextTemplate.PathPart], isChosen: Bool,
        _ body: (Existing) throws(Failure) -> Void
    ) throws(Failure) {
        let part = parts[index]
        let isLast = index == parts.count - 1
        if let literal = part.literal {
            let path = folder + literal
            if isLast { return try note(path, body) }
            guard !isChosen || Self.isFolder(path) else { return }
            return try look(in: path + "/", at: index + 1, of: parts, isChosen: isChosen, body)
        }
        for name in namesInFolder(folder) {
            if isLast {
                let first = Self.withoutRepetition(name)?.name
                guard part.admits(name) || first.map(part.admits) == true else { continue }
                try note(folder + name, body)
            } else if part.admits(name), Self.isFolder(folder + name) {
                try look(in: folder + name + "/", at: index + 1, of: parts, isChosen: true, body)
            }
        }
    }

    private func note<Failure: Error>(
        _ path: String, _ body: (Existing) throws(Failure) -> Void
    ) throws(Failure) {
        guard let match = match(path), let (byteCount, changed) = Self.status(of: path) else { return }
        try body(Existing(path: path, match: match, byteCount: byteCount, changed: changed))
    }

    /// The size of a regular file, and when it was last changed; nil for what is none.
    package static func status(of path: String) -> (byteCount: Int, changed: WallTime)? {
        var status = stat()
        guard path.withFileName({ lstat($0, &status) }) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        let seconds = Int64(status.st_mtim.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
        let changed = seconds.overflow ? 0 : seconds.partialValue &+ Int64(status.st_mtim.tv_nsec)
        return (Int(status.st_size), WallTime(nanosecondsSince1970: changed))
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return path.withFileName { lstat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    // MARK: Folders that places name

    /// The folders of a file from the first one on that a place names, the outermost first.
    func folders(of name: String) -> [String] {
        let parts = parts
        guard let first = parts.dropLast().firstIndex(where: { $0.literal == nil }) else { return [] }
        let texts = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard texts.count == parts.count else { return [] }
        return (first..<texts.count - 1).map { last in
            texts[...last].map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
        }
    }

    /// Makes the folders of a file that places name, where they are missing.
    ///
    /// - Returns: What the system says when one cannot be made.
    func makeFolders(of name: String) -> Errno? {
        for folder in folders(of: name) where folder.withFileName({ mkdir($0, 0o777) }) != 0 && errno != EEXIST {
            return Errno(rawValue: errno)
        }
        return nil
    }

    /// Removes the folders of a file that places name, where they are empty and not those of files that begin now.
    func removeEmptyFolders(of name: String) {
        let now = WallTime.now
        // One that a counter names gets no other file.
        let present = Set(folders(of: self.name(counter: 1, at: now)))
            .intersection(folders(of: self.name(counter: 2, at: now)))
        for folder in folders(of: name).reversed() where !present.contains(folder) {
            guard folder.withFileName({ rmdir($0) }) == 0 else { return }
        }
    }
}
