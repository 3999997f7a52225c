// SPDX-License-Identifier: MIT

import CameraCodecs
import CameraCore
import Foundation
import SPCodec
import Synchronization
import TestSupport
import Testing

/// The functions of the C interface, called from many threads.
@Suite(.serialized) struct ManyChannelsTests {
    private static let size = Resolution(320, 240)

    /// The streams of 60 frames by one object on one channel.
    private static func encode(channel: Int32, type: Int32) -> [Data]? {
        let frames = NumberedFrames(size)
        guard let encoder = spInitEncoderModule() else { return nil }
        defer { spReleaseEncoderModule(encoder) }
        guard spStartEncode(encoder, channel, type, Int32(size.width), Int32(size.height), 2000) == 0 else {
            return nil
        }
        var stream = [CChar](repeating: 0, count: frames.byteCount)
        var streams: [Data] = []
        for number in 0..<60 {
            // Each channel's frames are its own.
            var frame = frames.bytes(number + 1000 * Int(channel)).map { CChar(bitPattern: $0) }
            guard spEncoderSetFrame(encoder, &frame, Int32(frame.count)) == 0 else { return nil }
            let count = spEncoderGetStream(encoder, &stream)
            guard count > 0 else { return nil }
            streams.append(stream.withUnsafeBytes { Data($0.prefix(Int(count))) })
        }
        return streams
    }

    private static let types: [(MediaFormat, Int32)] = [(.h264, 1), (.h265, 2), (.mjpeg, 3)].filter { format, _ in
        Codecs.available.contains { $0.format == format }
    }

    @Test(arguments: types) func thirtyTwoChannelsAtOnceDoNotDisturbEachOther(
        _ format: MediaFormat, type: Int32
    ) throws {
        let results = Mutex<[Int32: [Data]]>([:])
        let threads = try (0..<Int32(32)).map { channel in
            try WorkerThread("channel\(channel)") {
                let streams = Self.encode(channel: channel, type: type)
                results.withLock { $0[channel] = streams }
            }
        }
        for thread in threads { thread.join() }
        let folder = try TemporaryFolder()
        var files: [(path: String, size: Resolution)] = []
        for channel in 0..<Int32(32) {
            let together = try #require(results.withLock { $0[channel] })
            #expect(together == Self.encode(channel: channel, type: type), "channel \(channel)")
            let path = folder.path("\(channel)")
            try together.reduce(Data(), +).write(to: URL(fileURLWithPath: path))
            files.append((path, Self.size))
        }
        let videos = try NumberedVideo.decode(
            files, input: ["-f", format == .h265 ? "hevc" : format.rawValue])
        for (channel, video) in videos.enumerated() {
            #expect(video.complaints == "")
            #expect(video.numbers == (0..<60).map { UInt32($0 + 1000 * channel) })
        }
    }
}
