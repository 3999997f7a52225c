// SPDX-License-Identifier: MIT

import CameraCore
import CameraOutputs
import Foundation
import TestSupport
import Testing

@Suite struct PTSOutputTests {
    private func lines(_ infos: [PacketInfo]) throws -> [String] {
        let sink = MemoryOutput()
        let output = try PTSOutput(to: .output(sink))
        try output.begin(Pictures.stream())
        for info in infos { try output.put("picture", info) }
        try output.end()
        try output.flush()
        try output.close()
        // A sink that was handed in stays open.
        let file = text(sink.data)
        try sink.put("x")
        return file.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    @Test func startsAtZeroAndCountsMillisecondsToTheMicrosecond() throws {
        let times: [Int64] = [
            5_000_000_000, 5_033_333_333, 5_066_666_667, 6_000_000_499, 6_000_000_500, 3_605_000_001_000,
        ]
        let infos = times.enumerated().map { Pictures.info(Int64($0), at: .nanoseconds($1)) }
        #expect(
            try lines(infos) == [
                "# timestamp format v2", "0.000", "33.333", "66.667", "1000.000", "1000.001", "3600000.001", "",
            ])
    }

    @Test func writesEachTimeAtOnceWhenNothingIsReordered() throws {
        let sink = MemoryOutput()
        let output = try PTSOutput(to: .output(sink))
        for index in 0..<3 {
            try output.put("picture", Pictures.info(Int64(index)))
            #expect(text(sink.data).split(separator: "\n").count == index + 2)
        }
        try output.close()
    }

    @Test func sortsPicturesThatAreDecodedEarly() throws {
        // I P B B P B B, times in frames; decoding runs ahead of display by one frame.
        let order: [(pts: Int, dts: Int)] = [(0, -1), (3, 0), (1, 1), (2, 2), (6, 3), (4, 4), (5, 5)]
        let infos = order.enumerated().map {
            Pictures.info(
                Int64($1.pts), .predicted, at: .milliseconds($1.pts), decodedAt: .milliseconds($1.dts))
        }
        #expect(try lines(infos).dropFirst().dropLast() == (0...6).map { "\($0).000" })
    }

    @Test func keepsBoundedWhenDecodeTimesStandStill() throws {
        let sink = MemoryOutput()
        let output = try PTSOutput(to: .output(sink))
        for index in 0..<1000 {
            try output.put("x", Pictures.info(Int64(index), at: .milliseconds(index), decodedAt: .zero))
        }
        #expect(text(sink.data).split(separator: "\n").count > 900)
        try output.end()
        #expect(text(sink.data).split(separator: "\n").dropFirst() == (0..<1000).map { "\($0).000" }[...])
    }

    @Test func agreesWithAnotherProgramAboutAStreamWithReorderedPictures() throws {
        let folder = try TemporaryFolder()
        let stream = try H264Stream(frames: 60, bFrames: 3, keyFrameInterval: 20, in: folder)
        let path = folder.path("times.pts")
        let output = try PTSOutput(path: path)
        try output.begin(Pictures.stream())
        for packet in stream.packets { try output.write(packet) }
        try output.end()
        try output.close()
        let probe = try run(
            "ffprobe",
            [
                "-v", "error", "-select_streams", "v", "-show_entries", "frame=pts_time", "-of", "csv=p=0",
                stream.container,
            ])
        let seconds = probe.text.split(whereSeparator: \.isWhitespace).compactMap {
            Double($0.trimmingCharacters(in: .punctuationCharacters))
        }
        try #require(seconds.count == 60)
        let written = text(try contents(path)).split(separator: "\n").dropFirst().compactMap { Double($0) }
        #expect(written.count == 60)
        for (ours, theirs) in zip(written, seconds) {
            #expect(abs(ours - (theirs - seconds[0]) * 1000) < 0.6)
        }
    }

    @Test func discardTakesTheFileBack() throws {
        let folder = try TemporaryFolder()
        try PTSOutput(path: folder.path("times")).discard()
        #expect(!FileManager.default.fileExists(atPath: folder.path("times")))
    }
}
