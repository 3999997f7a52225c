// SPDX-License-Identifier: MIT

// What is put into the files is H.264 and H.265 of our own.
#if X264
import CameraCodecs
import CameraContainers
import CameraCore
import CameraOutputs
import Foundation
import Synchronization
import TestSupport
import Testing

/// MP4 files, judged by ffprobe and ffmpeg.
@Suite struct MP4Tests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// The times of the pictures in ticks, in the order of display, as ffprobe reads them.
    private func times(in path: String) throws -> [Int] {
        let result = try run(
            "ffprobe", ["-v", "error", "-select_streams", "v", "-show_entries", "packet=pts", "-of", "csv=p=0", path])
        #expect(result.errors.isEmpty, "\(result.errors)")
        return result.text.split(separator: "\n").compactMap { Int($0.prefix { $0.isNumber }) }.sorted()
    }

    /// What ffmpeg finds wrong when it decodes all of it, and the pictures that it decodes.
    private func decoded(_ path: String) throws -> (errors: String, count: Int) {
        let result = try run("ffmpeg", ["-v", "error", "-i", path, "-f", "framehash", "-"])
        return (result.errors, result.text.split(separator: "\n").count { !$0.hasPrefix("#") })
    }

    private func boxes(in path: String) throws -> [String] {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        var names: [String] = []
        var place = 0
        func number(_ start: Int, _ count: Int) -> Int { bytes[start..<start + count].reduce(0) { $0 << 8 | Int($1) } }
        while place + 8 <= bytes.count {
            names.append(String(decoding: bytes[place + 4..<place + 8], as: UTF8.self))
            let size = number(place, 4)
            place += size == 1 ? number(place + 8, 8) : size
        }
        #expect(place == bytes.count)
        return names
    }

    @Test(arguments: CodedStream.formats(), [0, 3]) func ffprobeAgreesOnEachTime(format: MediaFormat, bFrames: Int)
        throws
    {
        for (name, moments) in [("constant", CodedStream.constant), ("variable", CodedStream.variable)] {
            let stream = try CodedStream.make(format, times: moments, bFrames: bFrames)
            let expected = moments.map { Int((Double($0.nanoseconds) * 90_000 / 1e9).rounded()) }
            for fragments in [MP4Options.Fragments.everyPicture, .every(.seconds(1))] {
                var options = MP4Options()
                options.fragments = fragments
                let (finished, killed) = (folder.path("\(name)-1.mp4"), folder.path("\(name)-2.mp4"))
                try CodedStream.write(stream, to: try MP4Output(path: finished, options: options))
                #expect(try boxes(in: finished) == ["ftyp", "mdat", "moov"])
                let open = try MP4Output(path: killed, options: options)
                try CodedStream.write(stream, to: open, ends: false)
                try open.close()
                #expect(try boxes(in: killed).prefix(4) == ["ftyp", "free", "moov", "moof"])
                #expect(try times(in: finished) == expected)
                // With B-frames libavformat counts the times of fragments from the first time of decoding.
                let all = try times(in: killed)
                let found = all.map { $0 - (bFrames > 0 ? all[0] : 0) }
                #expect(found == Array(expected.prefix(found.count)).sorted() || bFrames > 0)
                if case .everyPicture = fragments { #expect(found == expected) }
                for path in [finished, killed] {
                    let result = try decoded(path)
                    #expect(result.errors.isEmpty && result.count == (path == finished ? 60 : found.count))
                }
                let length = try run(
                    "ffprobe", ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", finished])
                let seconds = try #require(Double(length.text.trimmingCharacters(in: .whitespacesAndNewlines)))
                #expect(abs(seconds - (moments.map(\.inSeconds).max() ?? 0) - 0.04) < 0.001)
            }
        }
    }

    /// The same pictures come out as went in, with their colour, shape and texts.
    @Test func whatIsToldAboutTheStream() throws {
        let stream = try CodedStream.make(times: CodedStream.constant)
        var options = MP4Options()
        (options.title, options.comment, options.rotation) = ("Hall", "gate \u{E9}", 90)
        let path = folder.path("a.mp4")
        try CodedStream.write(stream, to: try MP4Output(path: path, options: options))
        try Data(stream.packets.flatMap(\.bytes)).write(to: folder.file("a.h264"))
        let hashes = try ["a.mp4", "a.h264"].map { name in
            try run(
                "ffmpeg",
                [
                    "-v", "error", "-noautorotate", "-i", folder.path(name), "-fps_mode", "passthrough", "-f", "hash",
                    "-",
                ]
            ).text
        }
        #expect(hashes[0] == hashes[1])
        let entries =
            "stream=codec_tag_string,width,height,sample_aspect_ratio,color_space,color_range,codec_name,nb_frames"
            + ":stream_side_data=rotation:format_tags=title,comment,creation_time,major_brand"
        let facts = try run("ffprobe", ["-v", "error", "-show_entries", entries, "-of", "flat", path]).text
        for fact in [
            "codec_name=\"h264\"", "codec_tag_string=\"avc1\"", "width=96", "height=64", "sample_aspect_ratio=\"4:3\"",
            "color_space=\"bt709\"", "color_range=\"tv\"", "nb_frames=\"60\"", "rotation=-90", "title=\"Hall\"",
            "comment=\"gate \u{E9}\"", "creation_time=\"2023-11-14T22:13:20.000000Z\"", "major_brand=\"isom\"",
        ] { #expect(facts.contains(fact), "\(fact) is not in \(facts)") }
    }

    // MARK: Repair

    /// Writes pictures to a file that is not finished; how long it was after each.
    private func writeOpen(_ stream: CodedStream, to path: String) throws -> [Int] {
        let output = try MP4Output(path: path)
        try output.begin(stream.description)
        let lengths = try stream.packets.map { packet in
            try output.write(packet.bytes.span.bytes, packet.info)
            return try Data(contentsOf: URL(fileURLWithPath: path)).count
        }
        try output.close()
        return lengths
    }

    /// Wherever a file is cut: what is complete is kept, the file is an ordinary one, and repairing it again changes nothing.
    @Test(arguments: [0, 3]) func aCutFileIsRepaired(bFrames: Int) throws {
        let stream = try CodedStream.make(times: CodedStream.variable, bFrames: bFrames)
        let path = folder.path("open.mp4")
        let lengths = try writeOpen(stream, to: path)
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        var random = SeededRandom(seed: 11)
        let cuts =
            [lengths[0], whole.count] + (0..<30).map { _ in Int.random(in: lengths[0]...whole.count, using: &random) }
        let cut = folder.path("cut.mp4")
        for length in cuts {
            try whole.prefix(length).write(to: URL(fileURLWithPath: cut))
            let count = lengths.count { $0 <= length }
            #expect(try MP4.repair(cut) == .repaired(pictures: count), "\(length)")
            #expect(try boxes(in: cut) == ["ftyp", "mdat", "moov"])
            #expect(try times(in: cut).count == count)
            let repaired = try Data(contentsOf: URL(fileURLWithPath: cut))
            #expect(try MP4.repair(cut) == .whole)
            let isSame = try Data(contentsOf: URL(fileURLWithPath: cut)) == repaired
            #expect(isSame)
        }
        let result = try decoded(cut)
        #expect(result.errors.isEmpty && result.count == lengths.count { $0 <= cuts.last ?? 0 })
    }

    /// A file system writes whole blocks: where power failed, the end of the last picture may be zeros.
    @Test(arguments: [1, 100, 5000]) func aTornPictureIsLeftOut(zeros: Int) throws {
        let stream = try CodedStream.make(times: CodedStream.constant)
        let path = folder.path("open.mp4")
        let lengths = try writeOpen(stream, to: path)
        var torn = try Data(contentsOf: URL(fileURLWithPath: path))
        torn.replaceSubrange(torn.count - zeros..<torn.count, with: Data(count: zeros))
        try torn.write(to: URL(fileURLWithPath: path))
        let count = lengths.count { $0 <= torn.count - zeros }
        #expect(count < lengths.count)
        #expect(try MP4.repair(path) == .repaired(pictures: count))
        let result = try decoded(path)
        #expect(result.errors.isEmpty && result.count == count)
    }

    /// Power may fail when the head of the pictures' box is on the disk and the movie behind it is not, or in part.
    @Test func aFileWithoutItsMovieIsRepaired() throws {
        let stream = try CodedStream.make(times: CodedStream.constant)
        let path = folder.path("a.mp4")
        try CodedStream.write(stream, to: try MP4Output(path: path))
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        let movie = try #require(whole.range(of: Data("moov".utf8), options: .backwards)).lowerBound - 4
        for length in [movie, movie + 4, movie + 100, whole.count - 1] {
            try whole.prefix(length).write(to: URL(fileURLWithPath: path))
            #expect(try MP4.repair(path) == .repaired(pictures: 60))
            let isWhole = try Data(contentsOf: URL(fileURLWithPath: path)) == whole
            #expect(isWhole)
        }
    }

    /// What lies behind damage may be good pictures: none is cut off.
    ///
    /// Zeros at the end are what a power cut leaves.
    @Test func aFileThatIsDamagedInItsMidstIsLeftAlone() throws {
        let stream = try CodedStream.make(times: CodedStream.constant)
        let path = folder.path("a.mp4")
        let output = try MP4Output(path: path)
        try CodedStream.write(stream, to: output, ends: false)
        try output.close()
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        let heads = whole.indices.filter { whole[$0...].prefix(4).elementsEqual("moof".utf8) }
        for damage in [heads[30] - 4, heads[30] - 2, heads[30], heads[30] + 30, heads[30] + 102] {
            var bytes = whole
            bytes[damage] ^= 0x41
            try bytes.write(to: URL(fileURLWithPath: path))
            let error = #expect(throws: CameraError.self) { try MP4.repair(path) }
            #expect(error?.code == .corruptData)
            let isSame = try Data(contentsOf: URL(fileURLWithPath: path)) == bytes
            #expect(isSame, "\(damage)")
        }
        try (whole.prefix(heads[30] - 4) + Data(count: 70_000)).write(to: URL(fileURLWithPath: path))
        #expect(try MP4.repair(path) == .repaired(pictures: 30))
        #expect(try times(in: path).count == 30)
    }

    @Test func whatIsNoneOfOursIsLeftAlone() throws {
        let made = try run(
            "ffmpeg",
            [
                "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=64x48:rate=25", "-frames:v", "5", "-c:v", "libx264",
                "-movflags", "frag_every_frame", folder.path("theirs.mp4"),
            ])
        #expect(made.status == 0, "\(made.errors)")
        try Data("some text that is no movie at all".utf8).write(to: folder.file("text.mp4"))
        try Data().write(to: folder.file("empty.mp4"))
        for name in ["theirs.mp4", "text.mp4", "empty.mp4"] {
            let before = try Data(contentsOf: folder.file(name))
            let error = #expect(throws: CameraError.self) { try MP4.repair(folder.path(name)) }
            #expect(error?.code == .corruptData)
            let isSame = try Data(contentsOf: folder.file(name)) == before
            #expect(isSame)
        }
        let missing = #expect(throws: CameraError.self) { try MP4.repair(folder.path("none.mp4")) }
        #expect(missing?.code == .output && !folder.names.contains("none.mp4"))
        let open = try MP4Output(path: folder.path("open.mp4"))
        let busy = #expect(throws: CameraError.self) { try MP4.repair(folder.path("open.mp4")) }
        #expect(busy?.code == .busy)
        try open.close()
    }

    /// A stream whose parameter sets change in its midst: the decoder gets the right ones, in either kind of file.
    @Test func parameterSetsThatChangeBeginAnotherDescription() throws {
        let first = try CodedStream.make(times: CodedStream.constant)
        let second = try CodedStream.make(times: CodedStream.constant, bFrames: 2)
        func later(_ stream: CodedStream, by delay: Duration) -> [(bytes: [UInt8], info: PacketInfo)] {
            stream.packets.map { packet in
                var info = packet.info
                info.timestamp += delay
                info.decodeTimestamp += delay
                return (packet.bytes, info)
            }
        }
        let both = CodedStream(
            description: first.description,
            packets: first.packets + later(second, by: .seconds(3)) + later(first, by: .seconds(6)))
        for ends in [true, false] {
            let path = folder.path("\(ends).mp4")
            let output = try MP4Output(path: path)
            try CodedStream.write(both, to: output, ends: ends)
            try output.close()
            let result = try decoded(path)
            #expect(result.errors.isEmpty && result.count == 180, "\(ends): \(result)")
        }
    }

    /// A second recording into the same output would spoil the first one's tables.
    @Test func anOutputIsWrittenOnce() throws {
        let stream = try CodedStream.make(times: CodedStream.constant)
        let output = try MP4Output(path: folder.path("a.mp4"))
        try output.begin(stream.description)
        for packet in stream.packets { try output.write(packet.bytes.span.bytes, packet.info) }
        try output.end()
        let first = stream.packets[0]
        let late = #expect(throws: CameraError.self) { try output.write(first.bytes.span.bytes, first.info) }
        #expect(late?.code == .output)
        #expect(throws: CameraError.self) { try output.begin(stream.description) }
        try output.close()
        #expect(try times(in: folder.path("a.mp4")).count == 60)
    }

    /// With a sync policy the head is replaced when the rest is on the disk; the file is the same.
    @Test func aSyncedFileIsFinishedByItsThread() throws {
        let stream = try CodedStream.make(times: CodedStream.constant)
        for (name, sync) in [("a.mp4", SyncPolicy.none), ("b.mp4", .onSplit), ("c.mp4", .every(.milliseconds(1)))] {
            let file = try FileOutput(path: folder.path(name), sync: sync)
            try CodedStream.write(stream, to: MP4Output(OpenedOutput(file, isOwned: true, name: name)))
            #expect(try file.waitUntilClosed(until: .now + .seconds(20)))
        }
        let files = try ["a.mp4", "b.mp4", "c.mp4"].map { try Data(contentsOf: folder.file($0)) }
        let areSame = files[0] == files[1] && files[0] == files[2]
        #expect(areSame)
        #expect(try boxes(in: folder.path("b.mp4")) == ["ftyp", "mdat", "moov"])
    }

    @Test func whatCannotBeInAnMP4IsAnError() throws {
        let output = try MP4Output(path: folder.path("a.mp4"))
        let description = StreamDescription(format: .mjpeg, size: Resolution(64, 48), frameRate: 25, color: .jpeg)
        let error = #expect(throws: CameraError.self) { try output.begin(description) }
        #expect(error?.code == .unsupported && error?.description.contains("H.264") == true)
        output.discard()
        let h264 = StreamDescription(format: .h264, size: Resolution(64, 48), frameRate: 25, color: .bt601)
        for change in [{ $0.rotation = 45 }, { $0.fragments = .every(.zero) }] as [(inout MP4Options) -> Void] {
            var options = MP4Options()
            change(&options)
            let output = try MP4Output(path: folder.path("a.mp4"), options: options)
            let error = #expect(throws: CameraError.self) { try output.begin(h264) }
            #expect(error?.code == .invalidValue)
            output.discard()
        }
        #expect(folder.names.isEmpty)
        let bare = try MP4Output(path: folder.path("b.mp4"))
        try bare.begin(h264)
        let info = PacketInfo(index: 0, type: .key, timestamp: .zero, sensorTime: .now, wallTime: .now)
        let missing = #expect(throws: CameraError.self) { try bare.write([0, 0, 1, 0x65, 1].span.bytes, info) }
        #expect(missing?.description.contains("parameter sets") == true)
        bare.discard()
        #expect(folder.names.isEmpty)
    }

    /// The tables of a long file never lie in memory: they go out as they are made.
    @Test func theEndIsWrittenInPieces() throws {
        let stream = try CodedStream.make(times: CodedStream.constant)
        let (bytes, info) = stream.packets[0]
        let sets = bytes.withUnsafeBytes { bytes in
            ParameterSets(in: UnsafeRawBufferPointer(rebasing: bytes.prefix(info.headerByteCount)), isH265: false)
        }
        var writer = MP4Writer([(stream.description, sets)], MP4Options(), created: info.wallTime)
        _ = writer.header()
        for index in 0..<20_000 {
            // Each lasts for another time, so that there is an entry for each.
            let time = Duration.microseconds(40_000 * index + index % 2 * 1000)
            bytes.withUnsafeBytes { bytes in
                writer.add(
                    MP4Writer.Picture(
                        bytes: bytes, time: time, decodeTime: time, isKey: index % 2 == 0,
                        headerByteCount: info.headerByteCount))
            }
            _ = writer.fragment()
        }
        let pieces = Mutex<[Int]>([])
        _ = try writer.finish { piece in pieces.withLock { $0.append(piece.count) } }
        let sizes = pieces.withLock { $0 }
        #expect(sizes.reduce(0, +) > 18 * 20_000 && sizes.allSatisfy { $0 <= 66_536 }, "\(sizes)")
    }

    /// Some seven bytes a picture, and the same numbers out as in.
    @Test func theTableOfAYearIsSmall() {
        var table = SampleTable()
        var samples: [SampleTable.Sample] = []
        var random = SeededRandom(seed: 5)
        var (offset, time) = (500, 0)
        for index in 0..<20_000 {
            let size = Int.random(in: 1...60_000, using: &random)
            let sample = SampleTable.Sample(
                offset: offset, size: size, decodeTime: time,
                compositionOffset: Int.random(in: -9000...9000, using: &random), isKey: index % 30 == 0)
            table.append(sample, description: index < 9000 ? 1 : 2)
            samples.append(sample)
            offset += size + (index == 15_000 ? 6_000_000_000 : 112)
            time += Int.random(in: 1...9000, using: &random)
        }
        var found: [SampleTable.Sample] = []
        table.forEach { found.append($0) }
        #expect(found == samples)
        #expect(table.keyCount == 667)
        #expect(table.byteCount <= 8 * 20_000 + 65_536)
    }
}
#endif
