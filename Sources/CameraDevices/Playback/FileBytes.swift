// SPDX-License-Identifier: MIT

internal import CLinux
internal import CameraCore
internal import Glibc
internal import SystemPackage

/// The bytes of a regular file, read by position.
///
/// Reading, unlike mapping, survives a file that is cut short meanwhile.
final class FileBytes {
    let path: String
    /// Bytes of the file when it was opened.
    let count: Int64
    private let descriptor: FileDescriptor

    /// Opens a file that is read from its beginning to its end.
    ///
    /// - Throws: `.notFound`, `.permissionDenied`, `.unsupported` for what is no regular file, `.corruptData` for an
    ///   empty one.
    init(path: String) throws(CameraError) {
        self.path = path
        // Without waiting: opening a named pipe would last until somebody writes to it.
        let number = path.withFileName { clinux_open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0) }
        guard number >= 0 else { throw Self.failure(Errno(rawValue: -number), path) }
        descriptor = FileDescriptor(rawValue: number)
        var status = stat()
        let result = fstat(descriptor.rawValue, &status)
        count = Int64(status.st_size)
        // From here on a throw runs deinit.
        guard result == 0 else { throw Self.failure(Errno(rawValue: errno), path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            let kind = status.st_mode & S_IFMT == S_IFDIR ? "a folder" : "a device or a pipe"
            throw CameraError(
                .unsupported, Self.operation, subject: path, reason: "it is \(kind); playback needs a regular file")
        }
        guard count > 0 else {
            throw CameraError(.corruptData, Self.operation, subject: path, reason: "it is empty")
        }
        // Only advice: reading works as well without.
        _ = posix_fadvise(descriptor.rawValue, 0, 0, POSIX_FADV_SEQUENTIAL)
    }

    deinit {
        try? descriptor.close()
    }

    /// Fills `buffer`, less only at the end of the file.
    ///
    /// - Returns: The number of bytes read.
    func read(at position: Int64, into buffer: UnsafeMutableRawBufferPointer) throws(CameraError) -> Int {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            do {
                let count = try descriptor.read(fromAbsoluteOffset: position + Int64(done), into: rest)
                if count == 0 { break }
                done += count
            } catch {
                throw CameraError(wrapping: error, as: .system, "reading the video", subject: path)
            }
        }
        return done
    }

    /// The line that begins at `position`, without its end; nil when the file or `limit` bytes end first.
    func line(at position: Int64, limit: Int) throws(CameraError) -> String? {
        let bytes = try bytes(limit, at: position)
        guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        return String(decoding: bytes[..<end], as: UTF8.self)
    }

    /// Whether the file's first bytes are those of `text`.
    func begins(with text: String) throws(CameraError) -> Bool {
        try bytes(text.utf8.count, at: 0).elementsEqual(text.utf8)
    }

    /// At most `limit` bytes.
    private func bytes(_ limit: Int, at position: Int64) throws(CameraError) -> ArraySlice<UInt8> {
        var bytes = [UInt8](repeating: 0, count: limit)
        do {
            let count = try bytes.withUnsafeMutableBytes { buffer -> Int in try read(at: position, into: buffer) }
            return bytes[..<count]
        } catch {
            throw CameraError(wrapping: error, as: .system, Self.operation, subject: path)
        }
    }

    private static let operation = "opening the video"

    private static func failure(_ error: any Error, _ path: String) -> CameraError {
        guard let errno = error as? Errno else {
            return CameraError(wrapping: error, as: .system, operation, subject: path)
        }
        let (code, reason): (CameraError.Code, String?) =
            switch errno {
            case .noSuchFileOrDirectory, .notDirectory:
                (.notFound, "there is no such file to play back; cameras are auto, test, /dev/video0 or libcamera")
            case .permissionDenied, .notPermitted:
                (.permissionDenied, "this user may not read it; change its rights, or those of its folder")
            default: (.system, nil)
            }
        return CameraError(code, operation, subject: path, reason: reason, systemError: errno)
    }
}
