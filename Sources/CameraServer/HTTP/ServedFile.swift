// SPDX-License-Identifier: MIT

internal import CameraCore
internal import Glibc
internal import SystemPackage

/// A file that is sent, or a part of it.
///
/// The descriptor is opened when the request is answered: a file that is deleted meanwhile is sent to its end.
final class ServedFile: Sendable {
    private let file: FileDescriptor
    /// How long it was when it was opened; one that is being written grows.
    let byteCount: Int

    /// Opens a regular file; nil where there is none.
    ///
    /// No link is followed in the last place.
    init?(_ path: String) {
        let opened = path.withFileName { open($0, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) }
        guard opened >= 0 else { return nil }
        file = FileDescriptor(rawValue: opened)
        var status = stat()
        guard fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            byteCount = 0
            return nil
        }
        byteCount = Int(status.st_size)
    }

    deinit { try? file.close() }

    /// Sends bytes of the file.
    ///
    /// - Throws: What the connection throws; ``ConnectionFault/ended`` where the file has become shorter.
    func send(_ range: Range<Int>, to connection: Connection) async throws {
        var place = range.lowerBound
        while place < range.upperBound {
            let piece = try await read(at: place, atMost: min(Self.pieceSize, range.upperBound - place))
            guard !piece.isEmpty else { throw ConnectionFault.ended }
            try await connection.write(piece)
            place += piece.count
        }
    }

    private static let pieceSize = 262_144

    private func read(at place: Int, atMost count: Int) async throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = try file.read(fromAbsoluteOffset: Int64(place), into: UnsafeMutableRawBufferPointer(buffer))
        }
    }

    /// What a Range header asks for (RFC 9110, 14.1.2): one range of bytes.
    enum Part: Equatable {
        case whole
        case range(Range<Int>)
        /// None of the file's bytes.
        case none

        /// Several ranges, and what cannot be read, stand for the whole file.
        init(_ header: String?, of count: Int) {
            self = .whole
            guard let header, header.hasPrefix("bytes="), !header.contains(",") else { return }
            let sides = header.dropFirst(6).split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2 else { return }
            let numbers = sides.map { side in side.allSatisfy { $0.isASCII && $0.isNumber } ? Int(side) : nil }
            switch (sides[0].isEmpty, sides[1].isEmpty) {
            case (true, false):
                guard let last = numbers[1] else { return }
                self = last == 0 || count == 0 ? .none : .range(max(count - last, 0)..<count)
            case (false, true):
                guard let first = numbers[0] else { return }
                self = first < count ? .range(first..<count) : .none
            case (false, false):
                guard let first = numbers[0], let last = numbers[1], first <= last else { return }
                self = first < count ? .range(first..<min(last, count - 1) + 1) : .none
            case (true, true): return
            }
        }
    }
}
