// SPDX-License-Identifier: MIT

internal import CLinux
package import CameraCore
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// A file that is written beside the one that it replaces, and gets its name in one step when it is complete.
///
/// It lies in the same folder as ".camera-PID-N.new". Only a program that is killed leaves it there; it may be deleted.
package final class FileReplacement: Sendable {
    /// What it becomes, not through a symbolic link.
    private let path: String
    private let temporary: String
    /// The file that is there, kept from others meanwhile.
    private let present: OutputDescriptor?
    /// Whether its bytes must be on the disk before it gets its name, and the name before it counts as complete.
    private let isSynced: Bool

    private static let operation = "opening the output"

    private init(path: String, temporary: String, present: OutputDescriptor?, isSynced: Bool) {
        self.path = path
        self.temporary = temporary
        self.present = present
        self.isSynced = isSynced
    }

    /// A name in the folder of a file that nothing has.
    package static func temporaryName(beside path: String) -> String {
        let folder = path.lastIndex(of: "/").map { path[...$0] } ?? ""
        let number = made.add(1, ordering: .relaxed).oldValue
        return "\(folder).camera-\(getpid())-\(number).new"
    }

    private static let made = Atomic(0)

    /// Makes a file that is to replace what a path leads to.
    ///
    /// - Returns: The file and its descriptor; nil for what has to be written in its place: a FIFO, a device, a link that
    ///   leads to nothing, or a file in a folder that takes no new ones.
    static func open(
        _ name: String, isSynced: Bool
    ) throws(CameraError) -> (replacement: FileReplacement, descriptor: OutputDescriptor)? {
        // What is wrong with the name is told by who opens it as it is.
        guard !name.isEmpty, !name.utf8.contains(0), let path = target(of: name) else { return nil }
        var present: OutputDescriptor?
        var mode: mode_t?
        let number = path.withFileName { clinux_open($0, O_WRONLY | O_CLOEXEC | O_NONBLOCK, 0) }
        if number >= 0 {
            var status = stat()
            guard fstat(number, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
                Glibc.close(number)
                return nil
            }
            mode = status.st_mode & 0o777
            present = try OutputDescriptor(claiming: number, name: name, operation)
        } else if Errno(rawValue: -number) != .noSuchFileOrDirectory {
            return nil
        }
        let temporary = temporaryName(beside: path)
        let made: Int32
        do throws(Errno) {
            made = try openForWriting(temporary, flags: O_CREAT | O_EXCL)
        } catch {
            try? present?.close()
            if present != nil, [.permissionDenied, .notPermitted].contains(error) { return nil }
            throw CameraError(.output, operation, subject: name, reason: error.outputReason, systemError: error)
        }
        if let mode { fchmod(made, mode) }
        let descriptor = try OutputDescriptor(claiming: made, name: name, operation)
        let replacement = FileReplacement(
            path: path, temporary: temporary, present: present, isSynced: isSynced)
        return (replacement, descriptor)
    }

    /// The file that a name leads to through symbolic links; nil when they lead to nothing.
    private static func target(of name: String) -> String? {
        var status = stat()
        guard name.withFileName({ lstat($0, &status) }) == 0, status.st_mode & S_IFMT == S_IFLNK else { return name }
        guard let found = name.withFileName({ realpath($0, nil) }) else { return nil }
        defer { free(found) }
        return String(cFileName: found)
    }

    /// Closes the file and gives it its name.
    func complete(_ descriptor: OutputDescriptor) throws(CameraError) {
        do throws(CameraError) {
            // What replaces another file must not take it along when the power fails: its bytes come before its name.
            if isSynced || present != nil { try descriptor.synchronize() }
            try descriptor.close()
            if present == nil { try takeName() } else { try Self.rename(temporary, to: path, Self.operation) }
        } catch {
            try? abandon(descriptor)
            throw error
        }
        try? present?.close()
        if isSynced { try synchronizeFolder(Self.folder(of: path)) }
    }

    /// Gives the file a name that was free when it was opened, and must be still.
    private func takeName() throws(CameraError) {
        let result = temporary.withFileName { old in path.withFileName { new in clinux_rename_new(old, new) } }
        guard result != 0 else { return }
        let error = Errno(rawValue: result)
        guard error != .fileExists else {
            throw CameraError(
                .busy, Self.operation, subject: path,
                reason: "another program has made it meanwhile; choose another name")
        }
        throw CameraError(.output, Self.operation, subject: path, reason: error.outputReason, systemError: error)
    }

    /// Closes the file and deletes it.
    func abandon(_ descriptor: OutputDescriptor) throws(CameraError) {
        _ = temporary.withFileName { unlink($0) }
        try? present?.close()
        try descriptor.close()
    }

    /// Gives a file another name, in the place of what has it.
    package static func rename(_ old: String, to new: String, _ operation: String) throws(CameraError) {
        let result = old.withFileName { old in new.withFileName { new in Glibc.rename(old, new) } }
        guard result != 0 else { return }
        let error = Errno(rawValue: errno)
        throw CameraError(.output, operation, subject: new, reason: error.outputReason, systemError: error)
    }

    private static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    }
}
