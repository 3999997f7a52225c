// SPDX-License-Identifier: MIT

package import CameraCore
internal import CameraOutputs
internal import SystemPackage

/// A finished MP4 file that is read: what it tells of its pictures, where they lie, and their bytes (ISO/IEC 14496-12).
///
/// Takes the files of ``MP4Output``, and those of other programs that have H.264 or H.265 in one `mdat` or several. Used by one
/// thread at a time; the file is closed when the reader goes.
package final class MP4Reader {
    /// When the file says that it was begun, to the second; nil where it does not.
    package let created: WallTime?
    /// The track of pictures.
    package let video: MP4VideoTrack
    private let boxes: BoxFile
    private let table: [BoxFile.Head]

    private static let operation = "reading the MP4 file"

    /// Opens a file, and reads what it tells besides the places of its pictures.
    ///
    /// - Parameter path: The file.
    /// - Throws: `.corruptData` for what is no finished MP4 file with H.264 or H.265; `.output` with the system's error.
    package init(_ path: String) throws(CameraError) {
        boxes = try BoxFile(
            path, .readOnly, Self.operation,
            otherwise: "it is no finished MP4 file with H.264 or H.265; `camera repair` finishes what a crash left")
        do {
            let movie = try Self.movie(in: boxes)
            let header = try Self.content("mvhd", of: movie, in: boxes)
            created = Self.created(header)
            (video, table) = try Self.video(of: movie, in: boxes)
        } catch {
            try? boxes.file.close()
            throw CameraError(wrapping: error, as: .output, Self.operation, subject: path)
        }
    }

    deinit {
        try? boxes.file.close()
    }

    /// Where all pictures lie, in the order of decoding.
    ///
    /// - Throws: `.corruptData` where the file's tables do not fit each other; `.output` with the system's error.
    package func samples() throws(CameraError) -> [MP4Sample] {
        do {
            let samples = try MP4SampleReader(table, in: boxes).samples()
            guard samples.allSatisfy({ video.descriptions.indices.contains($0.description) }) else {
                throw boxes.foreign
            }
            return samples
        } catch {
            throw CameraError(wrapping: error, as: .output, Self.operation, subject: boxes.path)
        }
    }

    /// The units of a picture as a byte stream (annex B of H.264 and H.265).
    ///
    /// - Parameter sample: The picture.
    /// - Returns: Its bytes, without the parameter sets of its description.
    /// - Throws: `.corruptData` where the units do not fill the picture; `.output` with the system's error.
    package func bytes(of sample: MP4Sample) throws(CameraError) -> [UInt8] {
        do {
            let stored = try boxes.bytes(sample.offset..<sample.offset + sample.size)
            let lengthSize = video.descriptions[sample.description].lengthSize
            var reader = BoxReader(bytes: stored[...])
            var stream: [UInt8] = []
            stream.reserveCapacity(stored.count + 16)
            while !reader.bytes.isEmpty {
                guard let length = reader.number(lengthSize), let unit = reader.take(length) else {
                    throw boxes.foreign
                }
                stream += [0, 0, 0, 1]
                stream += unit
            }
            return stream
        } catch {
            throw CameraError(wrapping: error, as: .output, Self.operation, subject: boxes.path)
        }
    }

    // MARK: Boxes

    /// What is in the movie that tells of all pictures.
    ///
    /// It is the last one: until the end of a file is on the disk, the movie of the time when it was written stands in front too.
    private static func movie(in file: BoxFile) throws -> [BoxFile.Head] {
        var found: [BoxFile.Head]?
        var place = 0
        while let box = try file.head(at: place), box.end <= file.byteCount {
            if box.code == "moov", let parts = try file.children(of: box), !parts.contains(where: { $0.code == "mvex" })
            {
                found = parts
            }
            place = box.end
        }
        guard let found else { throw file.foreign }
        return found
    }

    /// The boxes in a box that is reached through others.
    private static func children(
        _ codes: [String], of box: BoxFile.Head, in file: BoxFile
    ) throws -> [BoxFile.Head] {
        guard let children = try file.children(of: box) else { throw file.foreign }
        guard let code = codes.first else { return children }
        guard let next = children.first(where: { $0.code == code }) else { throw file.foreign }
        return try self.children(Array(codes.dropFirst()), of: next, in: file)
    }

    private static func content(
        _ code: String, of boxes: [BoxFile.Head], in file: BoxFile
    ) throws -> BoxReader {
        guard let box = boxes.first(where: { $0.code == code }) else { throw file.foreign }
        return BoxReader(bytes: try file.bytes(box.content)[...])
    }

    /// When a movie was begun (14496-12, 8.2.2): seconds since 1904, in 32 bits or, in version 1, in 64.
    private static func created(_ header: BoxReader) -> WallTime? {
        var reader = header
        guard let version = reader.number(4), let seconds = reader.number(version >> 24 == 1 ? 8 : 4),
            seconds > 2_082_844_800
        else { return nil }
        let since1970 = Int64(clamping: seconds - 2_082_844_800).saturatingMultiply(by: 1_000_000_000)
        return WallTime(nanosecondsSince1970: since1970)
    }

    /// The first track of pictures, and the boxes that tell where they lie.
    private static func video(
        of movie: [BoxFile.Head], in file: BoxFile
    ) throws -> (MP4VideoTrack, [BoxFile.Head]) {
        for track in movie where track.code == "trak" {
            let parts = try children([], of: track, in: file)
            let media = try children(["mdia"], of: track, in: file)
            var handler = try content("hdlr", of: media, in: file)
            guard handler.take(8) != nil, handler.take(4) == Array("vide".utf8) else { continue }
            let table = try children(["mdia", "minf", "stbl"], of: track, in: file)
            let facts = MP4VideoTrack(
                header: try content("tkhd", of: parts, in: file), media: try content("mdhd", of: media, in: file),
                descriptions: try content("stsd", of: table, in: file), sizes: try content("stsz", of: table, in: file))
            guard let facts else { throw file.foreign }
            return (facts, table)
        }
        throw file.foreign
    }
}
