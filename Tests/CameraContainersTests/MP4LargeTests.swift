// SPDX-License-Identifier: MIT

// What is put into the file is H.264 of our own.
#if X264
import CameraContainers
import CameraCore
import Foundation
import TestSupport
import Testing

/// A file of more than 4 GiB, most of which are holes.
@Suite struct MP4LargeTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Writes bytes at the end of a file, and leaves a hole where there are many.
    private func append(_ bytes: [UInt8], to file: FileHandle, _ end: inout Int) throws {
        let edge = 1 << 16
        for part in bytes.count > 2 * edge ? [0..<edge, bytes.count - edge..<bytes.count] : [0..<bytes.count] {
            try file.seek(toOffset: UInt64(end + part.lowerBound))
            try file.write(contentsOf: Data(bytes[part]))
        }
        end += bytes.count
    }

    private func times(in path: String) throws -> [Int] {
        let result = try run(
            "ffprobe", ["-v", "error", "-select_streams", "v", "-show_entries", "packet=pts", "-of", "csv=p=0", path])
        #expect(result.errors.isEmpty, "\(result.errors)")
        return result.text.split(separator: "\n").compactMap { Int($0.prefix { $0.isNumber }) }
    }

    @Test func placesBeyondFourGibibytes() throws {
        let stream = try CodedStream.make(times: CodedStream.constant)
        let first = stream.packets[0]
        // Filler that decoders pass over (H.264, 7.3.2.7) makes pictures of 96 MiB.
        let picture = first.bytes + [0, 0, 0, 1, 12] + [UInt8](repeating: 0xFF, count: 96 << 20) + [0x80]
        let sets = first.bytes.withUnsafeBytes { bytes in
            ParameterSets(in: UnsafeRawBufferPointer(rebasing: bytes.prefix(first.info.headerByteCount)), isH265: false)
        }
        var writer = MP4Writer([(stream.description, sets)], MP4Options(), created: first.info.wallTime)
        let path = folder.path("a.mp4")
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        let file = try FileHandle(forWritingTo: folder.file("a.mp4"))
        var end = 0
        try append(writer.header(), to: file, &end)
        let count = 45
        for index in 0..<count {
            try picture.withUnsafeBytes { bytes in
                let time = Duration.milliseconds(40 * index)
                writer.add(
                    MP4Writer.Picture(
                        bytes: bytes, time: time, decodeTime: time, isKey: true,
                        headerByteCount: first.info.headerByteCount))
                try append(writer.fragment(), to: file, &end)
            }
        }
        #expect(end > 1 << 32)
        let expected = (0..<count).map { $0 * 3600 }
        #expect(try times(in: path) == expected)
        let pictures = end
        let pieces = Pieces()
        let (head, place) = try writer.finish { pieces.bytes += $0 }
        // The same by repairing it.
        #expect(try MP4.repair(path) == .repaired(pictures: count))
        let reader = try FileHandle(forReadingFrom: folder.file("a.mp4"))
        try reader.seek(toOffset: UInt64(pictures))
        #expect(try reader.readToEnd() == Data(pieces.bytes))
        try reader.seek(toOffset: UInt64(place))
        #expect(try reader.read(upToCount: head.count) == Data(head))
        #expect(Data(pieces.bytes).range(of: Data("co64".utf8)) != nil)
        #expect(head[0..<8].elementsEqual([0, 0, 0, 1] + Array("mdat".utf8)))
        #expect(try times(in: path) == expected)
        // The last picture, which begins behind 4 GiB.
        let decoded = try run(
            "ffmpeg", ["-v", "error", "-ss", "1.75", "-i", path, "-map", "0:v", "-f", "framecrc", "-"])
        #expect(decoded.errors.isEmpty && decoded.text.split { $0 == "\n" }.count { !$0.hasPrefix("#") } == 1)
    }

    private final class Pieces {
        var bytes: [UInt8] = []
    }
}
#endif
