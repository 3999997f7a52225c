// SPDX-License-Identifier: MIT

internal import CameraCore
internal import SystemPackage

/// A file of boxes (ISO/IEC 14496-12, 4.2) that is read.
struct BoxFile {
    /// The head of a box in the file.
    struct Head {
        let code: String
        let place: Int
        let size: Int
        /// The bytes of size and type.
        let byteCount: Int

        var end: Int { place + size }
        /// Where what is in it lies.
        var content: Range<Int> { place + byteCount..<end }
    }

    let path: String
    let operation: String
    let file: FileDescriptor
    let byteCount: Int
    private let otherwise: String

    /// More than a movie has in the beginning, and than a table has of a file of several days.
    private static let largestBox = 1 << 26

    /// Opens a file.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - mode: How it is opened.
    ///   - operation: What is done with it, for errors.
    ///   - otherwise: What is said of a file that has no such boxes.
    /// - Throws: `.output` with the system's error.
    init(
        _ path: String, _ mode: FileDescriptor.AccessMode, _ operation: String, otherwise: String
    ) throws(CameraError) {
        (self.path, self.operation, self.otherwise) = (path, operation, otherwise)
        do {
            file = try path.withFileName { name in
                Result { try FileDescriptor.open(name, mode, options: .closeOnExec) }
            }.get()
            byteCount = Int(try file.seek(offset: 0, from: .end))
        } catch {
            throw CameraError(wrapping: error, as: .output, operation, subject: path)
        }
    }

    /// What is thrown where the file is none of the kind.
    var foreign: CameraError { CameraError(.corruptData, operation, subject: path, reason: otherwise) }

    /// The head of the box at a place; nil at the end of the file, and where none can be.
    func head(at place: Int) throws -> Head? {
        guard place >= 0, place <= byteCount - 8 else { return nil }
        let bytes = try bytes(place..<min(place + 16, byteCount))
        let code = String(decoding: bytes[4..<8], as: UTF8.self)
        let size = bytes[..<4].reduce(0) { $0 << 8 | Int($1) }
        if size == 1 {
            guard bytes.count == 16 else { return nil }
            let long = bytes[8...].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            guard long >= 16, long <= UInt64(Int.max / 2 - place) else { return nil }
            return Head(code: code, place: place, size: Int(long), byteCount: 16)
        }
        guard size >= 8 else { return nil }
        return Head(code: code, place: place, size: size, byteCount: 8)
    }

    /// The boxes in a box; nil where they do not fill it.
    func children(of box: Head) throws -> [Head]? {
        var children: [Head] = []
        var place = box.place + box.byteCount
        while place < box.end {
            guard let child = try head(at: place), child.end <= box.end else { return nil }
            children.append(child)
            place = child.end
        }
        return children
    }

    /// The bytes of a part of the file.
    ///
    /// - Throws: What ``foreign`` says where the file does not have them, or they are more than anything sensible has.
    func bytes(_ range: Range<Int>) throws -> [UInt8] {
        // What is wrong must not take all memory.
        guard range.count <= Self.largestBox else { throw foreign }
        var done = 0
        let result = try [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
            while done < range.count {
                let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[done...])
                let taken = try file.read(fromAbsoluteOffset: Int64(range.lowerBound + done), into: rest)
                guard taken > 0 else { break }
                done += taken
            }
            count = done
        }
        guard result.count == range.count else { throw foreign }
        return result
    }
}
