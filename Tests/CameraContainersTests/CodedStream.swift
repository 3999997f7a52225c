// SPDX-License-Identifier: MIT

// What is put into the files is H.264 and H.265 of our own.
#if X264
import CameraCodecs
import CameraCore
import CameraOutputs
import Synchronization
import TestSupport

/// A stream that an encoder made, and what is known about each picture.
struct CodedStream {
    let description: StreamDescription
    let packets: [(bytes: [UInt8], info: PacketInfo)]

    /// Encodes pictures that are shown at certain times.
    static func make(
        _ format: MediaFormat = .h264, times: [Duration], bFrames: Int = 0, color: ColorSpace = .bt709
    ) throws -> CodedStream {
        let size = Resolution(96, 64)
        let codec = try Codecs.make(for: format)
        let frames = Mutex<[EncodedFrame]>([])
        var configuration = CodecConfiguration(
            format: format, inputFormat: .yuv420, size: size, frameRate: 25, color: color,
            options: EncoderOptions {
                $0.keyFrameInterval = 12
                $0.parameters = ["bframes": "\(bFrames)", "scenecut": "0", "b-adapt": "0", "rc-lookahead": "5"]
                $0.preset = "fast"
            })
        configuration.pixelAspect = PixelAspect(4, 3)
        let sets = try codec.configure(configuration) { result in
            if case .success(let frame) = result { frames.withLock { $0.append(frame) } }
        }
        for index in times.indices {
            let video = VideoStream(format: .yuv420, size: size, frameRate: 25, color: color)
            let frame = NumberedSource.frame(UInt64(index), of: video, from: BytePool(), at: .now)
            try codec.encode(frame, index: Int64(index), asKeyFrame: false)
        }
        try codec.drain()
        codec.close()
        var description = StreamDescription(
            format: format, size: size, frameRate: 25, color: color, parameterSets: sets)
        description.pixelAspect = PixelAspect(4, 3)
        let packets = frames.withLock { $0 }.map { frame in
            let place = Int(frame.decodeIndex)
            let decode = place < 0 ? times[0] + .milliseconds(40 * place) : times[place]
            return (
                frame.bytes.span.withUnsafeBytes { Array($0) },
                PacketInfo(
                    index: frame.index, type: frame.type, timestamp: times[Int(frame.index)], decodeTimestamp: decode,
                    sensorTime: .now, wallTime: WallTime(nanosecondsSince1970: 1_700_000_000_000_000_000),
                    headerByteCount: frame.headerByteCount)
            )
        }
        return CodedStream(description: description, packets: packets)
    }

    /// Writes it to an output, and ends that.
    static func write(_ stream: CodedStream, to output: any Output, ends: Bool = true) throws {
        try output.begin(stream.description)
        for packet in stream.packets { try output.write(packet.bytes.span.bytes, packet.info) }
        if ends {
            try output.end()
            try output.close()
        }
    }

    /// Times of pictures: 25 a second.
    static let constant = (0..<60).map { Duration.nanoseconds($0 * 40_000_000) }
    /// From 120 pictures a second to one in ten seconds, and a gap of five.
    static let variable: [Duration] = {
        var times: [Duration] = []
        var now = Duration.zero
        for index in 0..<60 {
            times.append(now)
            now +=
                index == 30
                ? .seconds(5) : .nanoseconds([8_333_333, 33_366_667, 100_000_001, 10_000_000_000][index % 4])
        }
        return times
    }()

    /// What this build can encode.
    static func formats() -> [MediaFormat] {
        [MediaFormat.h264, .h265].filter { format in Codecs.available.contains { $0.format == format } }
    }
}
#endif
