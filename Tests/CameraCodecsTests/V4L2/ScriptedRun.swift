// SPDX-License-Identifier: MIT

import CameraCodecs
import CameraCore
import Foundation
import Synchronization
import TestSupport
import Testing

/// What came of encoding numbered frames with a scripted encoder.
struct ScriptedRun {
    let headers: [UInt8]
    let frames: [EncodedFrame]

    /// Encodes `count` frames, drains and closes.
    init(
        _ driver: ScriptedEncoder, count: Int, size: Resolution = Resolution(64, 48), keyFrames: Set<Int> = [],
        patience: Duration = .seconds(20), options: EncoderOptions = EncoderOptions(),
        before: (Int, V4L2Codec) throws -> Void = { _, _ in }, frame: ((Int) throws -> Frame)? = nil
    ) throws {
        let codec = try V4L2Codec("/dev/video11", format: .h264, calls: driver.calls, patience: patience)
        defer { codec.close() }
        let taken = Mutex<[Result<EncodedFrame, CameraError>]>([])
        headers = try codec.configure(Self.configuration(size, options)) { result in
            taken.withLock { $0.append(result) }
        }
        for number in 0..<count {
            try before(number, codec)
            try codec.encode(
                try frame?(number) ?? ScriptedEncoder.frame(number, size), index: Int64(number),
                asKeyFrame: keyFrames.contains(number))
        }
        try codec.drain()
        codec.close()
        frames = try taken.withLock { $0 }.map { try $0.get() }
    }

    static func configuration(
        _ size: Resolution = Resolution(64, 48), _ options: EncoderOptions = EncoderOptions()
    ) -> CodecConfiguration {
        CodecConfiguration(
            format: .h264, inputFormat: .nv12, size: size, frameRate: 30, color: .bt601, options: options)
    }

    var packets: [EncodedFrame] { frames.filter { $0.loss == nil } }
    var lost: [Int64] { frames.filter { $0.loss != nil }.map(\.index) }
    var reasons: [String] { frames.compactMap { $0.loss?.description } }
    var keys: [Int64] { packets.filter { $0.type == .key }.map(\.index) }
    var pictures: [ScriptedPicture] { packets.compactMap { ScriptedPicture($0.array) } }

    /// Checks that each frame came out once, and that a decoder would find nothing wrong.
    func check(count: Int, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(frames.map(\.index).sorted() == (0..<count).map(Int64.init), sourceLocation: sourceLocation)
        #expect(ScriptedPicture.faults(in: packets.map(\.array)) == [], sourceLocation: sourceLocation)
        // The packet of a frame is that of its picture.
        #expect(pictures.map(\.frame) == packets.map { Int($0.index) }, sourceLocation: sourceLocation)
        #expect(packets.first?.type == .key, sourceLocation: sourceLocation)
        for packet in packets {
            #expect((packet.type == .key) == ScriptedPicture(packet.array)?.references.isEmpty)
            #expect(packet.decodeIndex <= packet.index)
        }
        let decoding = packets.map(\.decodeIndex)
        #expect(zip(decoding, decoding.dropFirst()).allSatisfy { $0 < $1 }, sourceLocation: sourceLocation)
    }
}

extension EncodedFrame {
    /// The bytes.
    var array: [UInt8] { bytes.span.withUnsafeBytes { Array($0) } }
}
