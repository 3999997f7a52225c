// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import TestSupport
import Testing

/// Recordings of pictures that show their numbers, cut into files and decoded by ffmpeg.
@Suite struct NumberedRecordingTests {
    static let size = Resolution(160, 120)

    struct Case: CustomTestStringConvertible, Sendable {
        var format = MediaFormat.h264
        var options = EncoderOptions()
        let testDescription: String

        init(_ format: MediaFormat, _ description: String, _ configure: (inout EncoderOptions) -> Void = { _ in }) {
            self.format = format
            self.options = EncoderOptions(configure)
            self.testDescription = "\(format), \(description)"
        }
    }

    #if X264
    static let h264: [Case] = [
        Case(.h264, "ultrafast, zerolatency") {
            $0.preset = "ultrafast"; $0.tune = "zerolatency"
        },
        Case(.h264, "medium with 3 threads and B-frames") {
            $0.preset = "medium"; $0.tune = "film"; $0.threads = 3
        },
        Case(.h264, "key-frame interval 250") { $0.keyFrameInterval = 250 },
        Case(.h264, "key-frame interval 25") { $0.keyFrameInterval = 25 },
        Case(.h264, "key-frame interval 7") { $0.keyFrameInterval = 7 },
        Case(.h264, "key-frame interval 0") { $0.keyFrameInterval = 0 },
        Case(.h264, "medium, key-frame interval 7, 3 threads") {
            $0.preset = "medium"; $0.tune = "film"; $0.keyFrameInterval = 7; $0.threads = 3
        },
        Case(.h264, "periodic intra refresh") {
            $0.intraRefresh = .cyclic; $0.keyFrameInterval = 20
        },
        Case(.h264, "headers once a file") {
            $0.inlineHeaders = false; $0.keyFrameInterval = 15
        },
        Case(.h264, "without SEI") { $0.sei = false },
    ]
    #else
    private static let h264: [Case] = []
    #endif

    #if X265
    static let h265: [Case] = [
        Case(.h265, "ultrafast, zerolatency"),
        Case(.h265, "fast with 3 threads and B-frames") {
            $0.preset = "fast"; $0.tune = "none"; $0.threads = 3
        },
        Case(.h265, "key-frame interval 7") { $0.keyFrameInterval = 7 },
        Case(.h265, "key-frame interval 0") { $0.keyFrameInterval = 0 },
        Case(.h265, "headers once a file, without SEI") {
            $0.inlineHeaders = false; $0.sei = false; $0.keyFrameInterval = 15
        },
    ]
    #else
    private static let h265: [Case] = []
    #endif

    static let cases =
        h264 + h265 + [
            Case(.mjpeg, "3 threads") { $0.threads = 3 },
            Case(.yuv420, "packed"),
        ]

    @Test(arguments: cases) func everyFileDecodesAloneAndNoNumberIsMissing(_ item: Case) throws {
        let folder = try TemporaryFolder()
        let source = try TestCamera(
            resolution: Self.size, frameRate: 30, pacing: .none, numbered: true, frameLimit: 200)
        try record(source, item, in: folder, frames: 40, count: 200)
    }

    #if X264 || X265
    /// Pictures that change all at once every eleven frames: encoders put key frames there, but cuts happen only where
    /// asked.
    @Test(arguments: h264 + h265) func sceneCutsAreNoCuts(_ item: Case) throws {
        let folder = try TemporaryFolder()
        let path = folder.path("cuts.y4m")
        try Self.makeSceneCuts(path, count: 120)
        var item = item
        // The numbers must be readable: at a bit rate, pictures like noise are not on each processor.
        item.options.quality = 24
        try record(try PlaybackCamera(path: path, pacing: .none), item, in: folder, frames: 40, count: 120)
    }
    #endif

    private func record(
        _ source: any VideoSource, _ item: Case, in folder: TemporaryFolder, frames: Int, count: Int
    ) throws {
        let camera = try Camera(.source(source))
        defer { camera.close() }
        try camera.startRecording(
            to: .path(folder.path("f-{counter:02d}.\(item.format)")), splitting: .every(.frames(frames)),
            options: item.options
        )
        #expect(try camera.waitRecording() == .ended)
        try camera.stopRecording()
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
            .filter { $0.hasPrefix("f-") }.sorted()
        #expect(names.count == count / frames)
        for (index, name) in names.enumerated() {
            let raw = ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", Self.size.description]
            let input = item.format == .yuv420 ? raw : ["-f", item.format == .h265 ? "hevc" : "\(item.format)"]
            let video = try NumberedVideo(decoding: folder.path(name), size: Self.size, input: input)
            #expect(video.complaints == "", "\(name)")
            #expect(video.numbers == (0..<frames).map { UInt32(index * frames + $0) }, "\(name)")
            if item.format == .h264 { try expectParameterSetsAndIDR(folder.file(name)) }
        }
        let statistics = camera.statistics.encoders[1]
        #expect(statistics?.packetsWritten == count)
        #expect(statistics?.framesReceived == count)
    }

    /// SPS (type 7), PPS (8), perhaps SEI (6), then a slice of an IDR picture (5): ITU-T H.264, table 7-1.
    private func expectParameterSetsAndIDR(_ file: URL) throws {
        let bytes = [UInt8](try Data(contentsOf: file).prefix(4096))
        var types: [UInt8] = []
        for index in 0..<bytes.count - 3 where bytes[index...].starts(with: [0, 0, 1]) {
            types.append(bytes[index + 3] & 31)
            if types.last == 5 || types.last == 1 { break }
        }
        #expect(types.filter { $0 != 6 } == [7, 8, 5], "\(file.lastPathComponent)")
    }

    /// Writes a movie of numbered pictures whose contents change all at once every eleven frames.
    private static func makeSceneCuts(_ path: String, count: Int) throws {
        let pool = BytePool()
        var frames: [Frame] = []
        for number in 0..<count {
            let bytes = try #require(pool.take(size.pixelCount * 3 / 2))
            var random = SeededRandom(seed: UInt64(number / 11))
            let pixels = bytes.baseAddress.bindMemory(to: UInt8.self, capacity: bytes.capacity)
            for row in stride(from: 0, to: size.height, by: 8) {
                for column in stride(from: 0, to: size.width, by: 8) {
                    let value = UInt8.random(in: 40...200, using: &random)
                    for y in row..<row + 8 {
                        for x in column..<column + 8 { pixels[y * size.width + x] = value &+ UInt8(number % 11) }
                    }
                }
            }
            for index in size.pixelCount..<size.pixelCount * 3 / 2 { pixels[index] = 128 }
            FrameNumberCode.draw(
                number: UInt32(number), into: bytes.baseAddress, stride: size.width, size: size)
            let time = Timestamp(nanoseconds: Int64(number) * 40_000_000)
            frames.append(
                Frame(
                    packed: .yuv420, size: size, color: .bt601,
                    info: FrameInfo(timestamp: time, wallTime: .now, sequence: UInt64(number)), bytes: bytes))
        }
        try y4m(frames, frameRate: 25).write(to: URL(fileURLWithPath: path))
    }
}
