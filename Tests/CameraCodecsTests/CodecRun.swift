// SPDX-License-Identifier: MIT

import CameraCodecs
import CameraCore
import Foundation
import Synchronization
import TestSupport
import Testing

/// A packet as a codec delivered it, copied.
struct TestPacket: Sendable {
    let bytes: Data
    let headerByteCount: Int
    let type: FrameType
    let index: Int64
    let decodeIndex: Int64

    init(_ frame: EncodedFrame) {
        bytes = frame.bytes.span.withUnsafeBytes { Data($0) }
        headerByteCount = frame.headerByteCount
        type = frame.type
        index = frame.index
        decodeIndex = frame.decodeIndex
    }
}

/// Keeps what a codec delivers.
final class Deliveries: Sendable {
    private let list = Mutex<[Result<TestPacket, CameraError>]>([])

    func take(_ result: Result<EncodedFrame, CameraError>) {
        let copy = result.map(TestPacket.init)
        list.withLock { $0.append(copy) }
    }

    var count: Int { list.withLock { $0.count } }

    func packets() throws -> [TestPacket] { try list.withLock { $0 }.map { try $0.get() } }
}

extension CodecConfiguration {
    /// The work for test frames.
    init(_ format: MediaFormat, _ frames: TestFrames, frameRate: FrameRate = 30, _ set: (inout EncoderOptions) -> Void)
    {
        self.init(
            format: format, inputFormat: frames.format, size: frames.size, frameRate: frameRate, color: frames.color,
            options: EncoderOptions(set))
    }
}

/// What came of encoding frames from the first to the last.
struct CodecRun {
    let headers: [UInt8]
    let packets: [TestPacket]

    /// Encodes `count` frames, drains and closes.
    ///
    /// - Parameters:
    ///   - configuration: What to make.
    ///   - frames: Where the frames come from, and how they lie in memory.
    ///   - count: How many.
    ///   - keyFrames: The numbers of those that are demanded as key frames.
    ///   - before: Called ahead of each frame with its number.
    /// - Throws: What the codec throws or delivers.
    init(
        _ configuration: CodecConfiguration, _ frames: TestFrames, count: Int, keyFrames: Set<Int> = [],
        before: (Int, any Codec) throws -> Void = { _, _ in }
    ) throws {
        let codec = try Codecs.make(for: configuration.format)
        let deliveries = Deliveries()
        headers = try codec.configure(configuration) { deliveries.take($0) }
        for number in 0..<count {
            try before(number, codec)
            try codec.encode(frames.frame(number), index: Int64(number), asKeyFrame: keyFrames.contains(number))
        }
        try codec.drain()
        codec.close()
        packets = try deliveries.packets()
    }

    /// The packets as a file.
    var stream: Data { packets.reduce(Data()) { $0 + $1.bytes } }
}

/// Decodes a file's pictures with ffmpeg, which is to find nothing wrong, to their samples as they are.
func decode(_ stream: Data, _ format: MediaFormat, as pixelFormat: String, pictureByteCount: Int) throws -> [Data] {
    let folder = try TemporaryFolder()
    try stream.write(to: folder.file("in"))
    let demuxers: [MediaFormat: String] = [
        .h264: "h264", .h265: "hevc", .png: "png_pipe", .bmp: "bmp_pipe", .gif: "gif_pipe",
    ]
    let demuxer = demuxers[format] ?? "mjpeg"
    let result = try run(
        "ffmpeg",
        [
            "-v", "error", "-xerror", "-err_detect", "explode", "-f", demuxer, "-i", folder.path("in"),
            "-fps_mode", "passthrough", "-pix_fmt", pixelFormat, "-f", "rawvideo", "-",
        ])
    #expect(result.status == 0)
    #expect(result.errors == "")
    #expect(result.output.count.isMultiple(of: pictureByteCount))
    return Swift.stride(from: 0, to: result.output.count, by: pictureByteCount).map {
        result.output.subdata(in: $0..<$0 + pictureByteCount)
    }
}

/// The types of the NAL units of each access unit, as ffmpeg's parser reads them.
func nalUnitTypes(_ stream: Data, _ format: MediaFormat = .h264) throws -> [[Int]] {
    let folder = try TemporaryFolder()
    try stream.write(to: folder.file("in.\(format)"))
    let result = try run(
        "ffmpeg",
        [
            "-v", "verbose", "-i", folder.path("in.\(format)"), "-c", "copy", "-bsf:v", "trace_headers", "-f", "null",
            "-",
        ])
    var units: [[Int]] = []
    for line in result.errors.split(separator: "\n") where line.contains("trace_headers") {
        if line.contains("Packet: ") { units.append([]) }
        if line.contains(" nal_unit_type "), let text = line.split(separator: " ").last, let type = Int(text),
            !units.isEmpty
        {
            units[units.count - 1].append(type)
        }
    }
    return units
}

/// A property of a file's video stream, as ffprobe tells it.
func probe(_ stream: Data, _ entry: String, demuxer: String) throws -> String {
    let folder = try TemporaryFolder()
    try stream.write(to: folder.file("in"))
    let result = try run(
        "ffprobe",
        [
            "-v", "error", "-f", demuxer, "-show_entries", "stream=\(entry)", "-of", "default=nw=1:nk=1",
            folder.path("in"),
        ])
    return result.text.trimmingCharacters(in: .whitespacesAndNewlines)
}
