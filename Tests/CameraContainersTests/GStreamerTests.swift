// SPDX-License-Identifier: MIT

// What is put into the files is H.264 and H.265 of our own.
#if X264
import CameraCodecs
import CameraContainers
import CameraCore
import CameraOutputs
import Foundation
import TestSupport
import Testing

/// The other player that judges files.
enum GStreamer {
    /// Whether its tools are here, with the demuxers.
    static let isInstalled = ["qtdemux", "matroskademux", "tsdemux"].allSatisfy { demuxer in
        (try? run("gst-inspect-1.0", ["--exists", demuxer]).status) == 0
    }
}

/// Files as GStreamer reads them: each picture's time, and how long the file is.
@Suite(.enabled(if: GStreamer.isInstalled, "GStreamer is not installed; make test-players does that"))
struct GStreamerTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// What a demuxer of GStreamer tells of a file.
    private struct Reading {
        /// When each picture is shown, in nanoseconds from the file's beginning, in the order of display.
        var times: [Int] = []
        /// How long the file is; nil where the demuxer does not tell.
        var duration: Int?
    }

    private func read(_ path: String, by demuxer: String) throws -> Reading {
        let result = try run(
            "gst-launch-1.0",
            ["-v", "filesrc", "location=\(path)", "!", demuxer, "!", "identity", "silent=false", "!", "fakesink"])
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        var reading = Reading()
        var start = 0
        for line in result.text.split(separator: "\n") {
            if let segment = line.firstMatch(
                of: #/format=\(GstFormat\)time.* start=\(guint64\)(\d+).* time=\(guint64\)(\d+)/#)
            {
                start = (Int(segment.1) ?? 0) - (Int(segment.2) ?? 0)
                // A number of 64 ones stands for none. One demuxer tells the end, the other the length.
                let end = line.firstMatch(of: #/ stop=\(guint64\)(\d+)/#).flatMap { Int($0.1) }.map { $0 - start }
                reading.duration = end ?? line.firstMatch(of: #/ duration=\(guint64\)(\d+)/#).flatMap { Int($0.1) }
            }
            if let time = line.firstMatch(of: #/chain .* pts: (\d+):(\d+):(\d+)\.(\d+),/#) {
                let (hours, minutes, seconds) = (Int(time.1) ?? 0, Int(time.2) ?? 0, Int(time.3) ?? 0)
                let whole = (hours * 60 + minutes) * 60 + seconds
                reading.times.append(whole * 1_000_000_000 + (Int(time.4) ?? 0) - start)
            }
        }
        reading.times.sort()
        return reading
    }

    /// From 120 pictures a second to one in two seconds: where a picture is decoded five seconds and more before it is
    /// shown, which B-frames make of longer gaps, tsdemux (1.22) takes the one time for the other, in a file of
    /// ffmpeg's own whose bit rate is constant (`-muxrate 300k`, 14 of 60 pictures) as well.
    private static let uneven: [Duration] = (0..<60).map { index in
        let rest = [0, 8_333_333, 41_700_000, 141_700_001][index % 4]
        return .nanoseconds(index / 4 * 2_141_700_001 + rest)
    }

    private static let kinds: [(suffix: String, demuxer: String, ticks: Int)] = [
        ("mp4", "qtdemux", 90_000), ("mkv", "matroskademux", 1000), ("ts", "tsdemux", 90_000),
    ]

    private func output(_ path: String) throws -> any Output {
        #if Containers
        if !path.hasSuffix(".mp4") { return try ContainerOutput(path: path) }
        #endif
        return try MP4Output(path: path)
    }

    @Test(arguments: CodedStream.formats(), [0, 3]) func agreesOnEachTime(format: MediaFormat, bFrames: Int) throws {
        let series = [
            ("constant", CodedStream.constant), ("variable", CodedStream.variable), ("uneven", Self.uneven),
        ]
        for (name, moments) in series {
            let stream = try CodedStream.make(format, times: moments, bFrames: bFrames)
            let expected = moments.map { Int($0.nanoseconds) }
            for (suffix, demuxer, ticks) in Self.kinds where suffix == "mp4" || Self.hasContainers {
                if name == "variable", suffix == "ts", bFrames > 0 { continue }
                let path = folder.path("\(name).\(suffix)")
                try CodedStream.write(stream, to: try output(path))
                let reading = try read(path, by: demuxer)
                let what: Comment = "\(name) \(suffix): \(reading)"
                try #require(reading.times.count == expected.count, what)
                // A transport stream begins with a time of its own.
                let start = suffix == "ts" ? reading.times[0] : 0
                let tick = 1_000_000_000 / ticks + 1
                for (found, wanted) in zip(reading.times, expected) {
                    #expect(abs(found - start - wanted) <= tick, what)
                }
                // A transport stream does not have it: tsdemux guesses, from the bytes behind the last time.
                if suffix != "ts" {
                    let duration = try #require(reading.duration, what)
                    #expect(abs(duration - expected[expected.count - 1] - 40_000_000) <= tick, what)
                }
            }
        }
    }

    /// The pictures of a file whose writer was killed, at their times.
    ///
    /// Of B-frames there are as many, but not at their times: for an offset below 0, qtdemux shifts the pictures of the
    /// fragment before (1.22), as if each fragment had a time line of its own.
    @Test(arguments: [0, 3]) func readsAnMP4WithoutAnEnd(bFrames: Int) throws {
        let stream = try CodedStream.make(times: CodedStream.variable, bFrames: bFrames)
        let path = folder.path("open.mp4")
        let open = try MP4Output(path: path)
        try CodedStream.write(stream, to: open, ends: false)
        try open.close()
        let found = try read(path, by: "qtdemux").times
        let expected = CodedStream.variable.map { Int($0.nanoseconds) }
        try #require(found.count == expected.count)
        guard bFrames == 0 else { return }
        for (one, other) in zip(found, expected) { #expect(abs(one - found[0] - other) <= 11_112) }
    }

    /// A movie at the end of which a part is missing is passed over.
    @Test func readsAnMP4WhoseEndIsCut() throws {
        let stream = try CodedStream.make(times: CodedStream.constant)
        let path = folder.path("cut.mp4")
        let file = try MP4Output(path: path)
        try CodedStream.write(stream, to: file, ends: false)
        let open = try Data(contentsOf: folder.file("cut.mp4"))
        try file.end()
        try file.close()
        let whole = try Data(contentsOf: folder.file("cut.mp4"))
        for length in stride(from: open.count + 1, to: whole.count, by: 200) {
            try (open + whole[open.count..<length]).write(to: folder.file("cut.mp4"))
            #expect(try read(path, by: "qtdemux").times.count == 60, "\(length - open.count)")
        }
    }

    #if Containers
    private static let hasContainers = true
    #else
    private static let hasContainers = false
    #endif
}
#endif
