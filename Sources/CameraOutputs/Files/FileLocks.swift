// SPDX-License-Identifier: MIT

internal import CameraCore
internal import Glibc

/// What the kernel tells about the locks that programs hold.
enum FileLocks {
    /// The program that holds a file's lock, as "1234 (camera)"; nil where the kernel does not tell.
    static func holder(of file: FileIdentity) -> String? {
        // "1: FLOCK  ADVISORY  WRITE 1234 08:01:5678 0 EOF"; devices are not compared, since some file systems tell
        // programs other ones than they use themselves.
        for line in text(of: "/proc/locks").split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count >= 6, words[1] == "FLOCK", words[3] == "WRITE", let process = Int(words[4]), process > 0,
                words[5].split(separator: ":").last == "\(file.inode)"
            else { continue }
            let name = text(of: "/proc/\(process)/comm").split(separator: "\n").first
            return name.map { "\(process) (\($0))" } ?? "\(process)"
        }
        return nil
    }

    /// What a file of the kernel's says now; empty when it cannot be read.
    private static func text(of path: String) -> String {
        guard let stream = fopen(path, "re") else { return "" }
        defer { fclose(stream) }
        var bytes: [UInt8] = []
        while case let byte = getc(stream), byte != EOF { bytes.append(UInt8(truncatingIfNeeded: byte)) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
