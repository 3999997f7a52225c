// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraOutputs
internal import Glibc
internal import SystemPackage

/// A file of ``MP4Writer``, read again to be finished.
struct InterruptedMP4 {
    private typealias Head = BoxFile.Head

    private let boxes: BoxFile

    /// Opens a file.
    ///
    /// - Throws: `.output` with the system's error.
    init(_ path: String, _ operation: String) throws(CameraError) {
        boxes = try BoxFile(
            path, .readWrite, operation,
            otherwise: "it is no MP4 file that this package wrote, or its beginning is damaged; it is left alone")
    }

    private var path: String { boxes.path }
    private var operation: String { boxes.operation }
    private var file: FileDescriptor { boxes.file }
    private var byteCount: Int { boxes.byteCount }
    private var foreign: CameraError { boxes.foreign }

    /// Finishes the file where that is not done, and closes it.
    func repair() throws(CameraError) -> MP4.Repair {
        defer { try? file.close() }
        do {
            return try finish()
        } catch let error as Errno where error.tellsFullDisk {
            throw CameraError(
                .output, operation, subject: path,
                reason: "its end needs some room, and the disk or quota is full; free some space and repair it again",
                systemError: error)
        } catch {
            throw CameraError(wrapping: error, as: .output, operation, subject: path)
        }
    }

    private func finish() throws -> MP4.Repair {
        guard let kind = try head(at: 0), kind.code == "ftyp", let cover = try head(at: kind.end),
            cover.code == "mdat" ? cover.byteCount == 16 : cover.code == "free" && cover.size == 16
        else { throw foreign }
        if cover.code == "mdat", try hasMovie(from: cover.end) { return .whole }
        guard let head = try head(at: cover.place + 16), head.code == "moov", head.end <= byteCount,
            let movie = MP4Movie(try bytes(head.place..<head.end)), movie.isOfFragments
        else { throw foreign }
        var tracks: [UInt32: MP4Movie.Track] = [:]
        for case let number? in movie.trackNumbers { tracks[number] = MP4Movie.Track() }
        let end = try readFragments(from: head.end, into: &tracks)
        // Only what is certain to be no picture may go.
        guard try isCutEnd(from: end) else { throw damaged(at: end) }
        let pictures = tracks.values.reduce(0) { $0 + $1.samples.count }
        // In this order, each on the disk before the next: the file plays in between as well.
        try file.resize(to: Int64(end))
        var place = end
        try movie.finish(with: tracks) { piece in
            try write(piece, at: place)
            place += piece.count
        }
        try synchronize()
        try write(MP4Writer.head(over: end - cover.place), at: cover.place)
        try synchronize()
        return .repaired(pictures: pictures)
    }

    /// Whether a movie of a finished file follows, behind whatever else.
    private func hasMovie(from start: Int) throws -> Bool {
        var place = start
        while let box = try head(at: place), box.end <= byteCount {
            if box.code == "moov", try isComplete(box) { return true }
            place = box.end
        }
        return false
    }

    /// Whether a movie is one of a finished file, and the tables of all its tracks are as long as they say.
    private func isComplete(_ movie: Head) throws -> Bool {
        guard let boxes = try boxes.children(of: movie), !boxes.contains(where: { $0.code == "mvex" }) else {
            return false
        }
        let tracks = boxes.filter { $0.code == "trak" }
        return try !tracks.isEmpty && tracks.allSatisfy(hasWholeTables)
    }

    private func hasWholeTables(_ track: Head) throws -> Bool {
        var box = track
        for code in ["mdia", "minf", "stbl"] {
            guard let child = try boxes.children(of: box)?.first(where: { $0.code == code }) else { return false }
            box = child
        }
        guard let tables = try boxes.children(of: box) else { return false }
        let isTold = ["stts", "stsc", "stsz"].allSatisfy { code in tables.contains { $0.code == code } }
        return try isTold && tables.allSatisfy(isWhole)
    }

    /// Whether a table has as many entries as it says; other boxes have.
    private func isWhole(_ table: Head) throws -> Bool {
        let entries = ["stts": 8, "ctts": 8, "stss": 4, "stsc": 12, "stsz": 4, "stco": 4, "co64": 8]
        guard let size = entries[table.code] else { return true }
        // Behind version, flags and, of sizes, one for all.
        let start = table.place + table.byteCount + (table.code == "stsz" ? 8 : 4)
        guard table.end >= start + 4 else { return false }
        let count = try bytes(start..<start + 4).reduce(0) { $0 << 8 | Int($1) }
        return table.end == start + 4 + size * count
    }

    /// Takes the samples of all fragments that are complete; where the last one ends.
    private func readFragments(from start: Int, into tracks: inout [UInt32: MP4Movie.Track]) throws -> Int {
        var end = start
        while let fragment = try head(at: end), fragment.code == "moof", fragment.size <= Self.largestBox,
            let data = try head(at: fragment.end), data.code == "mdat", data.end <= byteCount,
            let runs = FragmentRun.runs(in: try bytes(fragment.place..<fragment.end)),
            runs.reduce(0, { $0 + $1.byteCount }) == data.size - 8
        {
            if try isTorn(data), try !hasFragment(behind: data.end - 8) { break }
            for run in runs {
                var offset = fragment.place + run.dataOffset
                var time = run.decodeTime
                for sample in run.samples {
                    tracks[run.track]?.samples.append(
                        SampleTable.Sample(
                            offset: offset, size: sample.size, decodeTime: time,
                            compositionOffset: sample.compositionOffset, isKey: sample.isKey),
                        description: 1)
                    offset += sample.size
                    time += sample.duration
                    tracks[run.track]?.nominalDuration = sample.duration
                }
            }
            end = data.end
        }
        return end
    }

    /// Whether the end of pictures is not on the disk, as where power failed: their units end with a bit that is set.
    private func isTorn(_ data: Head) throws -> Bool {
        try data.size > data.byteCount && bytes(data.end - 1..<data.end) == [0]
    }

    /// Whether nothing but a fragment or a movie that was not written to its end, or zeros, lies from a place on.
    private func isCutEnd(from start: Int) throws -> Bool {
        if try hasFragment(behind: start) { return false }
        guard let box = try head(at: start) else { return byteCount - start < 8 ? true : try areZeros(from: start) }
        switch box.code {
        case "moov": return true
        case "moof":
            guard box.end <= byteCount else { return box.size <= Self.largestBox }
            // The head of the pictures must be that of the fragment, or be missing.
            guard byteCount - box.end >= 8 else { return true }
            guard let data = try head(at: box.end), data.code == "mdat" else { return try areZeros(from: box.end) }
            return try data.size <= 1 << 31 && (data.end > byteCount || isTorn(data))
        default: return try areZeros(from: start)
        }
    }

    /// Whether the beginning of a fragment lies anywhere behind a place.
    private func hasFragment(behind start: Int) throws -> Bool {
        // The box's type, and the head of the first box in it.
        let mark = Array("moof".utf8) + [0, 0, 0, 16] + Array("mfhd".utf8)
        var place = start + 8
        while place < byteCount {
            let part = try bytes(place..<min(place + 1 << 16, byteCount))
            var rest = part[...]
            while let first = rest.firstIndex(of: mark[0]) {
                rest = rest[first...]
                if rest.starts(with: mark) { return true }
                rest = rest.dropFirst()
            }
            guard place + part.count < byteCount else { return false }
            // The mark may lie on the border.
            place += part.count - mark.count
        }
        return false
    }

    private func areZeros(from start: Int) throws -> Bool {
        var place = start
        while place < byteCount {
            let part = try bytes(place..<min(place + 1 << 16, byteCount))
            guard part.allSatisfy({ $0 == 0 }) else { return false }
            place += part.count
        }
        return true
    }

    // MARK: Bytes

    private func head(at place: Int) throws -> Head? { try boxes.head(at: place) }

    private func bytes(_ range: Range<Int>) throws -> [UInt8] { try boxes.bytes(range) }

    private func synchronize() throws {
        guard fdatasync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
    }

    private func write(_ bytes: [UInt8], at place: Int) throws {
        _ = try file.writeAll(toAbsoluteOffset: Int64(place), bytes)
    }

    /// More than a fragment tells of its pictures.
    private static let largestBox = 1 << 24

    private func damaged(at place: Int) -> CameraError {
        CameraError(
            .corruptData, operation, subject: path,
            reason: "it is damaged at byte \(place), with more behind; it is left alone, and plays up to there")
    }
}
