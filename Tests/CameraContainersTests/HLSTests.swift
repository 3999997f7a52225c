// SPDX-License-Identifier: MIT

// What is put into the segments is H.264 and H.265 of our own.
#if X264
import CameraContainers
import CameraCore
import CameraOutputs
import Foundation
import Synchronization
import TestSupport
import Testing

/// Playlists and their segments, judged by ffprobe, ffmpeg and GStreamer.
@Suite struct HLSTests {
    private let folder: TemporaryFolder
    private var playlist: String { folder.path("index.m3u8") }

    init() throws { folder = try TemporaryFolder() }

    /// What a playlist says.
    private struct Listing {
        var lines: [String] = []
        var names: [String] { lines.filter { !$0.hasPrefix("#") } }
        var maps: [String] { values("#EXT-X-MAP:URI=").map { $0.trimmingCharacters(in: ["\""]) } }
        var durations: [Double] { values("#EXTINF:").compactMap { Double($0.dropLast()) } }
        var target: Int { values("#EXT-X-TARGETDURATION:").first.flatMap { Int($0) } ?? -1 }
        var sequence: Int { values("#EXT-X-MEDIA-SEQUENCE:").first.flatMap { Int($0) } ?? -1 }
        var isEnded: Bool { lines.last == "#EXT-X-ENDLIST" }

        func values(_ tag: String) -> [String] {
            lines.filter { $0.hasPrefix(tag) }.map { String($0.dropFirst(tag.count)) }
        }

        func count(of tag: String) -> Int { lines.count { $0 == tag } }
    }

    private func listing(_ name: String = "index.m3u8") throws -> Listing {
        let text = try String(contentsOf: folder.file(name), encoding: .utf8)
        return Listing(lines: text.split(separator: "\n").map(String.init))
    }

    /// What the playlist says, once it is found that it holds for each moment.
    private func checked() throws -> Listing {
        let listing = try listing()
        let present = Set(folder.names)
        for name in listing.names + listing.maps { #expect(present.contains(name)) }
        for duration in listing.durations { #expect(Int(duration.rounded()) <= listing.target) }
        #expect(listing.names.count == listing.durations.count)
        return listing
    }

    private static func options(_ seconds: Double = 1, _ window: HLSOptions.Window = .all) -> HLSOptions {
        var options = HLSOptions()
        options.segmentDuration = .seconds(seconds)
        options.window = window
        return options
    }

    private func write(_ stream: CodedStream, _ options: HLSOptions, shiftedBy shift: Duration = .zero) throws {
        let output = try HLSOutput(path: playlist, options: options)
        try output.begin(stream.description)
        for packet in stream.packets {
            try output.write(packet.bytes.span.bytes, Self.shifted(packet.info, by: shift))
        }
        try output.end()
        try output.close()
    }

    private static func shifted(_ info: PacketInfo, by shift: Duration) -> PacketInfo {
        var info = info
        info.timestamp += shift
        info.decodeTimestamp += shift
        return info
    }

    /// The times of the pictures in ticks, in the order of display, as ffprobe reads them.
    private func times() throws -> [Int] {
        try #require(try listing().isEnded)
        let result = try run(
            "ffprobe",
            ["-v", "error", "-select_streams", "v", "-show_entries", "packet=pts", "-of", "csv=p=0", playlist])
        #expect(result.errors.isEmpty, "\(result.errors)")
        return result.text.split(separator: "\n").compactMap { Int($0.prefix { $0.isNumber }) }.sorted()
    }

    /// What ffmpeg finds wrong when it decodes all of it, and the pictures that it decodes.
    private func decoded() throws -> (errors: String, count: Int) {
        // It would wait for more.
        try #require(try listing().isEnded)
        let result = try run(
            "ffmpeg", ["-v", "error", "-i", playlist, "-fps_mode", "passthrough", "-f", "framehash", "-"])
        return (result.errors, result.text.split(separator: "\n").count { !$0.hasPrefix("#") })
    }

    private static func even(_ count: Int) -> [Duration] { (0..<count).map { .milliseconds(40 * $0) } }

    private static func ticks(_ moments: [Duration]) -> [Int] {
        moments.map { Int((Double($0.nanoseconds) * 90_000 / 1e9).rounded()) }
    }

    // MARK: Times

    @Test(arguments: CodedStream.formats(), [0, 3]) func ffprobeAgreesOnEachTime(format: MediaFormat, bFrames: Int)
        throws
    {
        for moments in [CodedStream.constant, CodedStream.variable] {
            let stream = try CodedStream.make(format, times: moments, bFrames: bFrames)
            try write(stream, Self.options())
            let found = try times()
            #expect(found.map { $0 - (found.first ?? 0) } == Self.ticks(moments))
            let (errors, count) = try decoded()
            #expect(errors.isEmpty && count == 60, "\(errors)")
            let listing = try checked()
            #expect(listing.isEnded && listing.names.count > 1)
            // All that is shown, but for times that are left out where the next segment was late.
            let cuts = listing.count(of: "#EXT-X-DISCONTINUITY")
            let sum = listing.durations.reduce(0, +)
            if cuts == 0 { #expect(abs(sum - (moments.last?.inSeconds ?? 0) - 0.04) < 1e-4) }
            #expect(moments == CodedStream.variable || cuts == 0)
        }
    }

    /// Each segment plays to the first picture of the next, so that players have no gap between two; nothing adds up.
    @Test func theDurationOfASegmentIsExact() throws {
        let moments = (0..<300).map { Duration.nanoseconds(33_366_667 * $0 + ($0 % 3) * 1_234_567) }
        let stream = try CodedStream.make(times: moments)
        try write(stream, Self.options())
        let listing = try checked()
        let keys = stream.packets.filter(\.info.isKeyFrame).map(\.info.timestamp.inSeconds)
        var begin = 0.0
        for duration in listing.durations.dropLast() {
            begin += duration
            #expect(keys.contains { abs($0 - begin) < 1.0 / 90_000 })
        }
        // ffprobe tells durations by the nominal rate: what the boxes say is read here, and judged by Tests/Players/chromium.
        var end: Int?
        for name in listing.names {
            let runs = Self.runs(in: [UInt8](try Data(contentsOf: folder.file(name))))
            for run in runs {
                if let end { #expect(run.start == end) }
                end = run.start + run.durations.reduce(0, +)
            }
            #expect(runs.count == 1)
        }
        let last = try #require(moments.last)
        #expect(end == Self.ticks([last])[0] + 3600)
    }

    /// When the pictures of each fragment are decoded, and for how long, in ticks (ISO/IEC 14496-12, 8.8.8 and 8.8.12).
    private static func runs(in bytes: [UInt8]) -> [(start: Int, durations: [Int])] {
        func number(_ place: Int, _ count: Int) -> Int {
            bytes[place..<place + count].reduce(0) { $0 << 8 | Int($1) }
        }
        var runs: [(Int, [Int])] = []
        var place = 0
        while place + 8 <= bytes.count {
            let size = number(place, 4)
            if let box = bytes[place..<place + size].firstRange(of: Array("tfdt".utf8)),
                let run = bytes[place..<place + size].firstRange(of: Array("trun".utf8)), size > 8,
                bytes[place + 4..<place + 8].elementsEqual("moof".utf8)
            {
                let samples = (0..<number(run.upperBound + 4, 4)).map { number(run.upperBound + 12 + 16 * $0, 4) }
                runs.append((number(box.upperBound + 4, 8), samples))
            }
            place += size
        }
        return runs
    }

    /// What cannot be kept in memory is written before the segment's end, as several fragments.
    @Test func aLargeSegmentIsOfSeveralFragments() throws {
        let stream = try CodedStream.make(times: Self.even(120))
        let output = try HLSOutput(path: playlist, options: Self.options(100))
        try output.begin(stream.description)
        // What no decoder needs: a unit of a type that is not specified.
        let filler: [UInt8] = [0, 0, 0, 1, 0x1F] + [UInt8](repeating: 0xAA, count: 100_000)
        for packet in stream.packets {
            var info = packet.info
            info.type = info.index == 0 ? .key : .predicted
            try output.write((packet.bytes + filler).span.bytes, info)
        }
        let before = folder.names
        try output.end()
        try output.close()
        #expect(before.contains("index-0-0.m4s"))
        #expect(try times() == Self.ticks(Self.even(120)))
        #expect(try checked().durations == [4.8])
    }

    // MARK: The list

    @Test func theListNamesOnlyWhatIsThereAtEachMoment() throws {
        let stream = try CodedStream.make(times: Self.even(1200))
        let asked = Mutex(0)
        var description = stream.description
        description.keyFrameRequest = { asked.withLock { $0 += 1 } }
        let output = try HLSOutput(path: playlist, options: Self.options(0.9, .segments(4)))
        #expect(try listing().lines.isEmpty)
        try output.begin(description)
        var earlier: [(Int, Listing)] = []
        for (index, packet) in stream.packets.enumerated() {
            try output.write(packet.bytes.span.bytes, packet.info)
            guard try !listing().lines.isEmpty else { continue }
            let present = try checked()
            #expect(!present.isEnded)
            if earlier.last?.1.sequence != present.sequence { earlier.append((index, present)) }
            #expect(present.names.count <= 4 && present.target == 1)
            #expect(present.names.first == "index-0-\(present.sequence).m4s")
            // A player that has read the list needs it for as long as it plays.
            let names = Set(folder.names)
            for (then, old) in earlier where index - then < Int(25 * old.durations.reduce(0, +)) {
                for name in old.names + old.maps { #expect(names.contains(name)) }
            }
            #expect(names.count < 16)
        }
        #expect(asked.withLock { $0 } > 40)
        try output.end()
        try output.close()
        let last = try checked()
        #expect(last.isEnded && last.sequence > 40 && last.durations.reduce(0, +) >= 3)
        #expect(try decoded().errors.isEmpty)
        #expect(!folder.names.contains("index-0-0.m4s") && folder.names.contains("index-init-0.mp4"))
    }

    @Test func aWindowOfTimeIsKept() throws {
        let stream = try CodedStream.make(times: Self.even(600))
        try write(stream, Self.options(0.96, .duration(.seconds(6))))
        let sum = try checked().durations.reduce(0, +)
        #expect(sum >= 6 && sum < 7)
    }

    @Test func aListOfAllIsAnEvent() throws {
        try write(try CodedStream.make(times: Self.even(300)), Self.options())
        let listing = try checked()
        #expect(listing.lines.contains("#EXT-X-PLAYLIST-TYPE:EVENT") && listing.sequence == 0)
        #expect(try times().count == 300)
        #expect(listing.values("#EXT-X-PROGRAM-DATE-TIME:").first == "2023-11-14T22:13:20.000Z")
        #expect(listing.lines.starts(with: ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-TARGETDURATION:1"]))
    }

    @Test func namesAreWrittenAsAddresses() throws {
        let output = try HLSOutput(path: folder.path("a b%:\u{E9}.m3u8"), options: Self.options())
        try CodedStream.write(try CodedStream.make(times: Self.even(60)), to: output)
        #expect(try listing("a b%:\u{E9}.m3u8").names.first == "a%20b%25%3A%C3%A9-0-0.m4s")
        #expect(folder.names.contains("a b%:\u{E9}-0-0.m4s"))
    }

    // MARK: Discontinuities

    @Test func otherParameterSetsBeginAnotherPart() throws {
        let first = try CodedStream.make(times: Self.even(60))
        let second = try CodedStream.make(times: Self.even(60), color: .bt601)
        let output = try HLSOutput(path: playlist, options: Self.options())
        try output.begin(first.description)
        for packet in first.packets { try output.write(packet.bytes.span.bytes, packet.info) }
        for packet in second.packets {
            try output.write(packet.bytes.span.bytes, Self.shifted(packet.info, by: .milliseconds(2400)))
        }
        try output.end()
        try output.close()
        let listing = try checked()
        #expect(listing.maps == ["index-init-0.mp4", "index-init-1.mp4"])
        #expect(listing.count(of: "#EXT-X-DISCONTINUITY") == 1)
        #expect(abs(listing.durations.reduce(0, +) - 4.8) < 1e-4)
        #expect(try times() == Self.ticks(Self.even(120)))
        let (errors, count) = try decoded()
        #expect(errors.isEmpty && count == 120, "\(errors)")
    }

    /// A camera that was away for an hour: nobody is made to look at its last picture meanwhile, and no segment is longer.
    @Test func aPauseIsNotPlayed() throws {
        let moments = Self.even(60) + Self.even(60).map { $0 + .seconds(3600) }
        let stream = try CodedStream.make(times: moments)
        try write(stream, Self.options())
        let listing = try checked()
        #expect(listing.target == 1 && listing.count(of: "#EXT-X-DISCONTINUITY") == 1)
        #expect(abs(listing.durations.reduce(0, +) - 4.8) < 1e-4)
        // The times stay true.
        #expect(try times() == Self.ticks(moments))
        let (errors, count) = try decoded()
        #expect(errors.isEmpty && count == 120, "\(errors)")
    }

    // MARK: Earlier recordings

    @Test func aNewRecordingGoesOnBehindTheOldOneAndRemovesIt() throws {
        let others = [
            "index-1.mp4", "index-x-1.m4s", "index-init-.mp4", "index-01-1.m4s", "index-0-1.mp4", "other-0-1.m4s",
            "index-2-0-1.m4s", "index.m4s",
        ]
        for name in others { try Data("mine".utf8).write(to: folder.file(name)) }
        let stream = try CodedStream.make(times: Self.even(600))
        let options = Self.options(0.9, .segments(3))
        let killed = try HLSOutput(path: playlist, options: options)
        try CodedStream.write(stream, to: killed, ends: false)
        try killed.close()
        let old = try checked()
        #expect(!old.isEnded)
        let next = try HLSOutput(path: playlist, options: options)
        #expect(try listing().lines == old.lines)
        try next.begin(stream.description)
        var wasGrace = false
        for packet in stream.packets {
            try next.write(packet.bytes.span.bytes, packet.info)
            let present = try checked()
            guard present.lines != old.lines else { continue }
            #expect(present.sequence > old.sequence + old.names.count - 1)
            wasGrace = wasGrace || folder.names.contains(old.names[0])
        }
        try next.end()
        try next.close()
        #expect(wasGrace)
        let last = try checked()
        #expect(last.maps == ["index-init-1.mp4"] && last.isEnded)
        #expect(last.values("#EXT-X-DISCONTINUITY-SEQUENCE:") == ["1"])
        #expect(!folder.names.contains("index-init-0.mp4"))
        for name in old.names { #expect(!folder.names.contains(name)) }
        for name in others { #expect(try Data(contentsOf: folder.file(name)) == Data("mine".utf8)) }
        #expect(!folder.names.contains { $0.hasSuffix(".new") })
    }

    /// One that is handed in is not closed, and serves the next recording too.
    @Test func anOutputServesOneRecordingAfterTheOther() throws {
        let stream = try CodedStream.make(times: Self.even(120))
        let output = try HLSOutput(path: playlist, options: Self.options())
        for part in 0..<3 {
            try output.begin(stream.description)
            let twice = #expect(throws: CameraError.self) { try output.begin(stream.description) }
            #expect(twice?.code == .busy)
            for packet in stream.packets { try output.write(packet.bytes.span.bytes, packet.info) }
            try output.end()
            #expect(try checked().maps == ["index-init-\(part).mp4"])
            #expect(try decoded().count == 120)
        }
        try output.close()
        // Those before are gone: all that is there is listed.
        let listing = try checked()
        #expect(Set(folder.names) == Set(listing.names + listing.maps + ["index.m3u8"]))
    }

    // MARK: What cannot be

    @Test func whatCannotBeIsAnErrorThatSaysWhy() throws {
        func error(_ body: () throws -> Void) -> CameraError? { #expect(throws: CameraError.self, performing: body) }
        let missing = error { _ = try HLSOutput(path: folder.path("none/index.m3u8")) }
        #expect(missing?.code == .output && missing?.description.contains("create it first") == true)
        #expect(missing?.description.contains("none/index.m3u8") == true)
        #expect(error { _ = try HLSOutput(path: folder.path("a.mp4")) }?.code == .invalidFormat)
        #expect(error { _ = try HLSOutput(path: playlist, options: Self.options(0)) }?.code == .invalidValue)
        #expect(
            error { _ = try HLSOutput(path: playlist, options: Self.options(1, .segments(0))) }?.code == .invalidValue)
        #expect(folder.names.isEmpty)
        let output = try HLSOutput(path: playlist)
        #expect(error { _ = try HLSOutput(path: playlist) }?.code == .busy)
        let jpeg = StreamDescription(format: .mjpeg, size: Resolution(64, 48), frameRate: 25, color: .jpeg)
        #expect(error { try output.begin(jpeg) }?.code == .unsupported)
        let bare = StreamDescription(format: .h264, size: Resolution(64, 48), frameRate: 25, color: .bt709)
        try output.begin(bare)
        let info = PacketInfo(index: 0, type: .key, timestamp: .zero, sensorTime: .now, wallTime: .now)
        let sets = error { try output.write([0, 0, 1, 0x65, 1].span.bytes, info) }
        #expect(sets?.code == .codec && sets?.description.contains("parameter sets") == true)
        #expect(error { try output.write([0, 0, 1, 0x65, 1].span.bytes, info) }?.code == .output)
        output.discard()
        #expect(folder.names.isEmpty)
        #expect(error { try output.begin(bare) }?.code == .closed)
    }

    @Test func aPipeIsNoPlaylist() throws {
        let path = folder.path("pipe.m3u8")
        #expect(mkfifo(path, 0o600) == 0)
        let reader = open(path, O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        let error = #expect(throws: CameraError.self) { try HLSOutput(path: path) }
        #expect(error?.code == .invalidValue)
        #expect(folder.names == ["pipe.m3u8"])
    }

    @Test func aFolderThatVanishesIsNamed() throws {
        try FileManager.default.createDirectory(atPath: folder.path("live"), withIntermediateDirectories: true)
        let stream = try CodedStream.make(times: Self.even(60))
        let output = try HLSOutput(path: folder.path("live/index.m3u8"), options: Self.options(0.4))
        try output.begin(stream.description)
        let error = #expect(throws: CameraError.self) {
            for (index, packet) in stream.packets.enumerated() {
                if index == 20 { try FileManager.default.removeItem(atPath: folder.path("live")) }
                try output.write(packet.bytes.span.bytes, packet.info)
            }
        }
        #expect(error?.code == .output && error?.systemError?.rawValue == ENOENT)
        #expect(error?.description.contains("live/index") == true)
        try output.end()
        try output.close()
        #expect(folder.names.isEmpty)
    }

    /// When one segment cannot be written, those before it play to their end.
    @Test func aListWhoseSegmentFailsIsEnded() throws {
        let stream = try CodedStream.make(times: Self.even(100))
        let output = try HLSOutput(path: playlist, options: Self.options(0.4))
        try output.begin(stream.description)
        let error = #expect(throws: CameraError.self) {
            for (index, packet) in stream.packets.enumerated() {
                // No file can be made where a folder is.
                if index == 30 {
                    try FileManager.default.createDirectory(
                        atPath: folder.path("index-0-3.m4s"), withIntermediateDirectories: false)
                }
                try output.write(packet.bytes.span.bytes, packet.info)
            }
        }
        #expect(error?.code == .output && error?.systemError?.rawValue == EISDIR)
        try output.end()
        try output.close()
        let listing = try checked()
        #expect(listing.isEnded && listing.names.count == 3)
        #expect(try decoded().errors.isEmpty)
    }

    // MARK: Other players

    private static let hasGStreamer =
        (try? run("gst-inspect-1.0", ["hlsdemux"]).status) == 0
        && (try? run("gst-inspect-1.0", ["h264parse"]).status) == 0

    @Test(.enabled(if: hasGStreamer, "GStreamer's hlsdemux is in gstreamer1.0-plugins-bad"), arguments: [0, 3])
    func gstreamerFindsAllPictures(bFrames: Int) throws {
        let stream = try CodedStream.make(times: Self.even(300), bFrames: bFrames)
        try write(stream, Self.options())
        let copy = folder.path("copy.h264")
        let line =
            "filesrc location=\(playlist) ! hlsdemux ! qtdemux ! h264parse ! "
            + "video/x-h264,stream-format=byte-stream,alignment=au ! filesink location=\(copy)"
        let result = try run("gst-launch-1.0", ["-q"] + line.split(separator: " ").map(String.init))
        #expect(result.status == 0, "\(result.errors)")
        let facts = try run(
            "ffprobe",
            ["-v", "error", "-count_packets", "-show_entries", "stream=nb_read_packets", "-of", "csv=p=0", copy])
        #expect(facts.text == "300\n")
    }
}
#endif
