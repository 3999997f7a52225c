// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraOutputs
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// The paths of files that are to stay: in memory for those who must not wait, and in a text file that outlives the database.
final class ProtectedPaths: Sendable {
    private let file: String
    private let paths: Mutex<Set<String>>

    private static let operation = "keeping the list of protected files"

    /// Reads the list, one path a line.
    ///
    /// - Throws: `.output` when there is a list that cannot be read: what is in it would be lost.
    init(_ file: String) throws(CameraError) {
        self.file = file
        paths = Mutex(Set(try Self.read(file)))
    }

    /// Whether a file is to stay; does not wait.
    func contains(_ path: String) -> Bool { paths.withLock { $0.contains(path) } }

    /// Adds or removes a path, on the disk first.
    ///
    /// Called by one thread at a time, which writes the database.
    ///
    /// - Throws: `.output`, and then nothing has changed.
    func set(_ path: String, isProtected: Bool) throws(CameraError) {
        var changed = paths.withLock { $0 }
        if isProtected { changed.insert(path) } else { changed.remove(path) }
        let text = changed.sorted().map { $0 + "\n" }.joined()
        try replace(text.fileNameBytes)
        paths.withLock { [changed] in $0 = changed }
    }

    /// Writes another file, which gets the name when it is on the disk.
    private func replace(_ bytes: [UInt8]) throws(CameraError) {
        let temporary = FileReplacement.temporaryName(beside: file)
        do {
            let output = try FileDescriptor.open(
                FilePath(temporary), .writeOnly, options: [.create, .truncate, .closeOnExec],
                permissions: [.ownerReadWrite, .groupRead])
            try output.closeAfter {
                _ = try output.writeAll(bytes)
                guard fsync(output.rawValue) == 0 else { throw Errno(rawValue: errno) }
            }
            guard rename(temporary, file) == 0 else { throw Errno(rawValue: errno) }
        } catch {
            _ = unlink(temporary)
            throw CameraError(wrapping: error, as: .output, Self.operation, subject: file)
        }
    }

    private static func read(_ file: String) throws(CameraError) -> [String] {
        do {
            let input = try FileDescriptor.open(FilePath(file), .readOnly, options: .closeOnExec)
            return try input.closeAfter {
                let size = Int(try input.seek(offset: 0, from: .end))
                let bytes = try [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
                    count = try input.read(fromAbsoluteOffset: 0, into: UnsafeMutableRawBufferPointer(buffer))
                }
                return bytes.split(separator: UInt8(ascii: "\n")).map { String(fileName: $0) }
            }
        } catch Errno.noSuchFileOrDirectory {
            return []
        } catch {
            throw CameraError(wrapping: error, as: .output, operation, subject: file)
        }
    }
}
