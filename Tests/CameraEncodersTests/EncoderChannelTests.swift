// SPDX-License-Identifier: MIT

import CameraCodecs
import CameraCore
import CameraEncoders
import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

/// The formats of channels that this build has.
private let formats: [MediaFormat] = [.h264, .h265, .mjpeg].filter { format in
    Codecs.available.contains { $0.format == format }
}
private let size = Resolution(160, 128)
private let pictures = NumberedFrames(size)

private func attributes(
    _ format: MediaFormat, _ configure: (inout ChannelAttributes) -> Void = { _ in }
) -> ChannelAttributes {
    var attributes = ChannelAttributes(format: format, size: size, keyFrameInterval: format == .mjpeg ? nil : 10)
    if format == .h265 { attributes.options.threads = 1 }
    configure(&attributes)
    return attributes
}

private func started(
    _ format: MediaFormat, _ configure: (inout ChannelAttributes) -> Void = { _ in }
) throws -> EncoderChannel {
    let channel = try EncoderChannel(attributes(format, configure))
    try channel.start()
    return channel
}

extension EncoderChannel {
    /// Sends a picture and waits for room.
    fileprivate func send(_ picture: [UInt8], at time: Duration) throws {
        try send(picture.span.bytes, at: time, timeout: nil)
    }
}

extension EncodedStream {
    fileprivate var data: Data { bytes.data }
}

extension PacketBytes {
    fileprivate var data: Data { span.withUnsafeBytes { Data($0) } }
}

/// Sends pictures and receives the stream of each.
private func encode(
    _ count: Int, _ channel: EncoderChannel, _ send: (Int) throws -> Void
) throws -> [EncodedStream] {
    var streams: [EncodedStream] = []
    for number in 0..<count {
        try send(number)
        while let stream = try channel.receive(timeout: .zero) { streams.append(stream) }
    }
    try channel.drain()
    while let stream = try channel.receive() { streams.append(stream) }
    return streams
}

private func numbers(_ streams: [EncodedStream], _ format: MediaFormat) throws -> [UInt32?] {
    let folder = try TemporaryFolder()
    let path = folder.path("out.\(format)")
    try streams.reduce(Data()) { $0 + $1.data }.write(to: URL(fileURLWithPath: path))
    let video = try NumberedVideo(
        decoding: path, size: size, input: ["-f", format == .h265 ? "hevc" : format.rawValue])
    #expect(video.complaints == "")
    return video.numbers
}

/// What comes out of a channel.
@Suite struct EncoderChannelTests {
    @Test(arguments: formats) func everyPictureComesOutOnceWithItsTime(_ format: MediaFormat) throws {
        let channel = try started(format)
        let streams = try encode(40, channel) { number in
            try channel.send(pictures.bytes(number), at: .milliseconds(40 * number))
        }
        #expect(streams.map(\.presentationTime) == (0..<40).map { .milliseconds(40 * $0) })
        #expect(try numbers(streams, format) == (0..<40).map { $0 })
    }

    /// Types as ffprobe sees them; the parameter sets come first, in a pack of their own.
    @Test(arguments: formats) func packsTellWhatTheyHold(_ format: MediaFormat) throws {
        let channel = try started(format)
        let streams = try encode(25, channel) { number in
            try channel.send(pictures.bytes(number), at: .milliseconds(40 * number))
        }
        let folder = try TemporaryFolder()
        let path = folder.path("out.\(format)")
        try streams.reduce(Data()) { $0 + $1.data }.write(to: URL(fileURLWithPath: path))
        let probed = try run(
            "ffprobe",
            [
                "-v", "error", "-f", format == .h265 ? "hevc" : format.rawValue, "-show_entries",
                "frame=pict_type", "-of", "csv=p=0", path,
            ])
        let types = probed.text.split(separator: "\n").map { $0.prefix(1) }
        #expect(types.count == 25)
        for (stream, type) in zip(streams, types) {
            #expect(stream.packs.count <= EncodedStream.maximumPackCount)
            #expect(stream.packs.last?.type == (type == "I" ? .key : .predicted))
            #expect(stream.packs.allSatisfy { $0.presentationTime == stream.presentationTime })
            #expect(stream.packs.reduce(0) { $0 + $1.bytes.count } == stream.bytes.count)
            let joined = stream.packs.reduce(Data()) { $0 + $1.bytes.data }
            #expect(joined == stream.data)
            if format != .mjpeg, type == "I" { #expect(stream.packs.map(\.type) == [.header, .key]) }
        }
        #expect(streams.first?.packs.first?.type == (format == .mjpeg ? .key : .header))
        if format == .h264 {
            // SPS: nal_unit_type 7 (H.264, table 7-1).
            #expect(streams.first?.packs.first?.bytes.data.prefix(5) == Data([0, 0, 0, 1, 0x67]))
        }
    }

    /// The same bytes, however the picture was handed over.
    @Test(arguments: formats) func allWaysToSendAreOne(_ format: MediaFormat) throws {
        let time = { (number: Int) in Duration.milliseconds(40 * number) }
        let first = try started(format)
        let expected = try encode(12, first) {
            try first.send(pictures.bytes($0), at: time($0))
        }.map(\.data)
        #expect(expected.count == 12)

        let parts = try started(format)
        #expect(
            try encode(12, parts) { number in
                let bytes = pictures.bytes(number)
                for start in stride(from: 0, to: bytes.count, by: 7001) {
                    let part = [UInt8](bytes[start..<min(start + 7001, bytes.count)])
                    try parts.send(part, at: time(number))
                }
            }.map(\.data) == expected)

        // Rows with padding, the chroma in front of the luma.
        let planes = try started(format)
        #expect(
            try encode(12, planes) { number in
                let (bytes, places) = scattered(pictures.bytes(number))
                try planes.send(bytes.span.bytes, planes: places, at: time(number), timeout: nil)
            }.map(\.data) == expected)

        let folder = try TemporaryFolder()
        let shared = try started(format)
        #expect(
            try encode(12, shared) { number in
                let memory = scattered(pictures.bytes(number))
                // Each its own: the memory must stay as it is until the packet has come out.
                try Data(memory.bytes).write(to: folder.file("memory-\(number)"))
                let descriptor = open(folder.path("memory-\(number)"), O_RDWR)
                try #require(descriptor >= 0)
                defer { close(descriptor) }
                try shared.send(
                    descriptor: descriptor, byteCount: memory.bytes.count, planes: memory.planes, at: time(number),
                    timeout: nil)
            }.map(\.data) == expected)

        let frames = try started(format)
        let pool = BytePool()
        #expect(
            try encode(12, frames) { number in
                let block = try #require(pool.take(pictures.byteCount))
                pictures.bytes(number).withUnsafeBytes {
                    UnsafeMutableRawBufferPointer(start: block.baseAddress, count: $0.count).copyMemory(from: $0)
                }
                let info = FrameInfo(
                    timestamp: Timestamp(nanoseconds: Int64(number) * 40_000_000), wallTime: .now,
                    sequence: UInt64(number))
                let color = frames.attributes.color
                try frames.send(
                    Frame(packed: .nv12, size: size, color: color, info: info, bytes: block), timeout: nil)
            }.map(\.data) == expected)
    }

    /// A picture's chroma and then its luma, each with rows of 200 bytes, behind 64 bytes of something else.
    private func scattered(_ picture: [UInt8]) -> (bytes: [UInt8], planes: [EncoderChannel.Plane]) {
        let stride = 200
        var bytes = [UInt8](repeating: 0xEE, count: 64 + stride * size.height * 3 / 2)
        for row in 0..<size.height * 3 / 2 {
            // The luma's rows come first in the picture.
            let target = row < size.height ? row + size.height / 2 : row - size.height
            for column in 0..<size.width {
                bytes[64 + target * stride + column] = picture[row * size.width + column]
            }
        }
        return (
            bytes,
            [
                EncoderChannel.Plane(offset: 64 + stride * size.height / 2, stride: stride),
                EncoderChannel.Plane(offset: 64, stride: stride),
            ]
        )
    }

    @Test(arguments: formats) func halfAndTwiceTheRate(_ format: MediaFormat) throws {
        let half = try started(format) { $0.frameRate = 15 }
        let fewer = try encode(40, half) { number in
            try half.send(pictures.bytes(number), at: .milliseconds(number * 100 / 3))
        }
        #expect(try numbers(fewer, format) == (0..<20).map { 2 * $0 })
        #expect(fewer.map(\.presentationTime) == (0..<20).map { .milliseconds(2 * $0 * 100 / 3) })

        let twice = try started(format) { $0.frameRate = 60 }
        let more = try encode(20, twice) { number in
            try twice.send(pictures.bytes(number), at: .milliseconds(number * 40))
        }
        #expect(try numbers(more, format) == (0..<40).map { $0 / 2 })
        let interval = FrameRate(60).interval
        let times = (0..<20).flatMap { number -> [Duration] in
            let time = Duration.milliseconds(number * 40)
            return [time, time + interval]
        }
        #expect(more.map(\.presentationTime) == times)
    }

    @Test func oddRatesKeepTheirRatio() throws {
        let channel = try started(formats[0]) {
            $0.sourceFrameRate = 30
            $0.frameRate = FrameRate(24000, 1001)
        }
        let streams = try encode(300, channel) { number in
            try channel.send(pictures.bytes(number), at: .milliseconds(number * 33))
        }
        // 300 frames are ten seconds, of which 23.976 frames each make 239.76.
        #expect(streams.count == 240)
        #expect(zip(streams, streams.dropFirst()).allSatisfy { $0.presentationTime < $1.presentationTime })
    }

    #if X264
    @Test func aKeyFrameComesOnRequestAndTheBitRateChanges() throws {
        let channel = try started(.h264) {
            $0.keyFrameInterval = 0
            $0.bitRate = 400_000
        }
        let noise = { (number: Int) in
            var random = SeededRandom(seed: UInt64(number))
            return pictures.bytes(number).map { $0 ^ UInt8.random(in: 0...63, using: &random) }
        }
        let streams = try encode(120, channel) { number in
            if number == 7 { try channel.requestKeyFrame() }
            if number == 60 { try channel.setBitRate(4_000_000) }
            try channel.send(noise(number), at: .milliseconds(33 * number))
        }
        #expect(streams.indices.filter { streams[$0].type == .key } == [0, 7])
        let bytes = { (range: Range<Int>) in streams[range].reduce(0) { $0 + $1.bytes.count } }
        #expect(bytes(90..<120) > 4 * bytes(30..<60))
    }
    #endif
}
