// SPDX-License-Identifier: MIT

import CameraKit
import Dispatch
import Synchronization
import Testing

/// Encoders, codecs and resizers of the user's.
@Suite struct EncoderTests {
    @Test func ownCodecRecordsAndSplitsWithoutLosingAFrame() throws {
        let count = 600
        let camera = try Camera(.source(ScriptedSource.counting(count)))
        defer { camera.close() }
        let gate = DispatchSemaphore(value: 0)
        let (first, second) = (RecordingOutput(gate: gate), RecordingOutput())
        try camera.startRecording(to: .output(first), format: .mjpeg, encoder: { try RunLengthEncoder($0) })
        let split = try camera.beginSplit(to: .output(second))
        gate.signal()
        let frame = try split.wait()
        #expect(try camera.waitRecording() == .ended)
        try camera.stopRecording()

        let packets = first.packets + second.packets
        let pictures = packets.map { RunLengthCodec.decode($0) }
        #expect(pictures.allSatisfy { $0.count == 32 * 16 && Set($0).count == 1 })
        #expect(pictures.compactMap(\.first) == (0..<count).map { UInt8(truncatingIfNeeded: $0) })
        #expect(frame.type == .key)
        #expect(frame.index == Int64(first.packets.count))
        #expect(second.packets.first?.first == 1)
        #expect(packets.count { $0[0] == 1 } == 2)
    }

    @Test func ownCodecRefusesOptions() throws {
        let camera = try Camera(.source(ScriptedSource.counting(1)))
        defer { camera.close() }
        let error = #expect(throws: CameraError.self) {
            try camera.startRecording(
                to: .output(RecordingOutput()), format: .mjpeg, options: EncoderOptions { $0.bitRate = 1_000_000 },
                encoder: { try RunLengthEncoder($0) })
        }
        #expect(error?.code == .unknownOption)
        #expect(error?.subject == "bitRate")
    }

    @Test func ownCodecTakesOnePicture() throws {
        let camera = try Camera(.source(ScriptedSource.counting(2)))
        defer { camera.close() }
        let output = RecordingOutput()
        try camera.capture(to: .output(output), format: .jpeg, encoder: { try RunLengthImageEncoder($0) })
        #expect(output.packets.map { RunLengthCodec.decode($0).first } == [0])
    }

    @Test func ownCodecTakesManyPictures() throws {
        let camera = try Camera(.source(ScriptedSource.counting(8)))
        defer { camera.close() }
        let many = (0..<3).map { _ in RecordingOutput() }
        let made = Mutex<RunLengthSeriesEncoder?>(nil)
        try camera.captureSequence(
            to: many.map { $0 as any Output }, useVideoPort: true,
            encoder: { configuration in
                let encoder = try RunLengthSeriesEncoder(configuration)
                made.withLock { $0 = encoder }
                return encoder
            })
        #expect(many.map { output in output.packets.map { RunLengthCodec.decode($0).first } } == [[0], [1], [2]])
        // Twice for an output, once to find that there are no more.
        #expect(made.withLock { $0 }?.outputsOpened == 3)
    }

    @Test func hooksDecideWhereBytesGoAndWhenItEnds() throws {
        let camera = try Camera(.source(ScriptedSource.counting(10)))
        defer { camera.close() }
        let made = Mutex<HookedEncoder?>(nil)
        try camera.startRecording(
            to: "/nonexistent/clip.yuv420",
            encoder: { configuration in
                let encoder = try HookedEncoder(configuration)
                made.withLock { $0 = encoder }
                return encoder
            })
        #expect(try camera.waitRecording() == .ended)
        try camera.stopRecording()
        let encoder = try #require(made.withLock { $0 })
        #expect(
            encoder.hooksCalled == [
                "open /nonexistent/clip.yuv420", "callback 0", "callback 1", "callback 2", "callback 3", "close memory",
            ])
        #expect(encoder.memory.lumas == [0, 2])
        #expect(encoder.memory.calls.suffix(2) == [.end, .close])
    }

    @Test func ownResizerScales() throws {
        let camera = try Camera(.source(ScriptedSource.counting(4)))
        defer { camera.close() }
        let output = RecordingOutput()
        try camera.startRecording(
            to: .output(output), format: .yuv420, resize: Resolution(16, 8), encoder: { try NearestEncoder($0) })
        try camera.waitRecording()
        try camera.stopRecording()
        #expect(output.packets.map(\.count) == Array(repeating: 16 * 8 * 3 / 2, count: 4))
        #expect(output.packets.allSatisfy { Set($0[..<128]).count == 1 })
        #expect(output.lumas == [0, 1, 2, 3])
    }

    @Test func encoderSplitsFromItsOwnThread() throws {
        let count = 600
        let camera = try Camera(.source(ScriptedSource.counting(count)))
        defer { camera.close() }
        let first = RecordingOutput()
        let made = Mutex<SelfSplittingEncoder?>(nil)
        try camera.startRecording(
            to: .output(first), format: .yuv420,
            encoder: { configuration in
                let encoder = try SelfSplittingEncoder(configuration)
                made.withLock { $0 = encoder }
                return encoder
            })
        #expect(try camera.waitRecording() == .ended)
        try camera.stopRecording()
        let encoder = try #require(made.withLock { $0 })
        #expect(encoder.refusedCalls == [.wouldDeadlock, .wouldDeadlock, .wouldDeadlock])
        #expect(!encoder.second.packets.isEmpty)
        #expect(first.lumas + encoder.second.lumas == (0..<count).map { UInt8(truncatingIfNeeded: $0) })
    }

    @Test func encodersCanBeMadeByHand() throws {
        let camera = try Camera(.source(ScriptedSource.counting(6)))
        defer { camera.close() }
        let encoder = try RawVideoEncoder(
            EncoderConfiguration(parent: camera.encoderParent, splitterPort: 7, format: .yuv420))
        let output = RecordingOutput()
        try encoder.start(.output(output))
        #expect(try encoder.wait() == .ended)
        try encoder.close()
        #expect(output.lumas == [0, 1, 2, 3, 4, 5])
        #expect(encoder.frameByteCount == 768)
        #expect(encoder.statistics.packetsWritten == 6)
    }
}

/// Only the protocol and the required initialiser: a raw encoder.
private final class MixedEncoder: VideoEncoder, RawEncoding, @unchecked Sendable {}

private final class MixedImageEncoder: OneImageEncoder, RawImageEncoding, @unchecked Sendable {}

private final class MixedImagesEncoder: MultiImageEncoder, RawImageEncoding, @unchecked Sendable {}

@Suite struct RawMixinTests {
    @Test func namingTheProtocolMakesAVideoEncoderRaw() throws {
        let camera = try Camera(.source(ScriptedSource.counting(6)))
        defer { camera.close() }
        let output = RecordingOutput()
        try camera.startRecording(to: .output(output), format: .yuv420, encoder: { try MixedEncoder($0) })
        #expect(try camera.waitRecording() == .ended)
        try camera.stopRecording()
        #expect(output.lumas == [0, 1, 2, 3, 4, 5])
        let error = #expect(throws: CameraError.self) {
            try camera.startRecording(to: .output(output), format: .h264, encoder: { try MixedEncoder($0) })
        }
        #expect(error?.code == .invalidFormat)
    }

    @Test func namingTheProtocolMakesImageEncodersRaw() throws {
        let camera = try Camera(.source(ScriptedSource.counting(6)))
        defer { camera.close() }
        let single = RecordingOutput()
        try camera.capture(to: .output(single), format: .yuv420, encoder: { try MixedImageEncoder($0) })
        #expect(single.packets.count == 1 && single.packets[0].count == 768)
        let several = [RecordingOutput(), RecordingOutput()]
        try camera.captureSequence(to: several, format: .yuv420, encoder: { try MixedImagesEncoder($0) })
        #expect(several.map(\.packets.count) == [1, 1])
    }
}
