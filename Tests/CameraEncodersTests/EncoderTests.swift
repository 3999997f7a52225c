// SPDX-License-Identifier: MIT

import CameraCodecs
import CameraCore
import CameraEncoders
import CameraOutputs
import Foundation
import Synchronization
import SystemPackage
import TestSupport
import Testing
import V4L2

/// A codec that keeps frames back and gives them in an order of its own, as those with B-pictures do.
private final class ShufflingCodec: Codec {
    private struct State {
        var held: [(index: Int64, bytes: PooledBytes)] = []
        var deliver: (@Sendable (Result<EncodedFrame, CameraError>) -> Void)?
        var delivered: Int64 = 0
    }

    let inputFormats: [PixelFormat] = [.yuv420]
    private let failure: (index: Int64, wrongIndex: Bool)?
    private let pool = BytePool()
    private let state = Mutex(State())

    /// Makes a codec.
    ///
    /// - Parameters:
    ///   - index: The frame at which it fails; nil for never.
    ///   - wrongIndex: Whether it then gives a packet of a frame that there is not, instead of throwing.
    init(failingAt index: Int64? = nil, wrongIndex: Bool = false) {
        failure = index.map { ($0, wrongIndex) }
    }

    func configure(
        _ configuration: CodecConfiguration, deliver: @escaping @Sendable (Result<EncodedFrame, CameraError>) -> Void
    ) throws(CameraError) -> [UInt8] {
        state.withLock { $0.deliver = deliver }
        return []
    }

    func encode(_ frame: Frame, index: Int64, asKeyFrame: Bool) throws(CameraError) {
        if let failure, failure.index == index {
            guard failure.wrongIndex else { throw CameraError(.codec, "encoding", reason: "enough") }
            give(index + 100, frame.packedBytes(from: pool), .key)
        }
        if asKeyFrame { flush() }
        state.withLock { $0.held.append((index, frame.packedBytes(from: pool))) }
        if state.withLock({ $0.held.count }) == 5 { flush() }
    }

    /// Gives the first frame, then the last, then those between.
    private func flush() {
        let held = state.withLock { state in
            defer { state.held = [] }
            return state.held
        }
        guard let first = held.first else { return }
        give(first.index, first.bytes, .key)
        if held.count > 1, let last = held.last { give(last.index, last.bytes, .predicted) }
        for frame in held.dropFirst().dropLast() { give(frame.index, frame.bytes, .bidirectional) }
    }

    private func give(_ index: Int64, _ bytes: PooledBytes, _ type: FrameType) {
        let (deliver, number) = state.withLock { state in
            defer { state.delivered += 1 }
            return (state.deliver, state.delivered)
        }
        let picture = EncodedFrame(
            bytes: PacketBytes(bytes, count: 384), type: type, index: index, decodeIndex: number - 1)
        deliver?(.success(picture))
    }

    func drain() throws(CameraError) { flush() }

    func close() {}
}

extension Frame {
    /// The picture's bytes in a block of a pool without a limit.
    fileprivate func packedBytes(from pool: BytePool) -> PooledBytes {
        guard let bytes = pool.take(packedByteCount) else { preconditionFailure("the pool has no limit") }
        copyPacked(to: bytes.baseAddress)
        return bytes
    }
}

/// An encoder with a codec of the test's.
private final class ShufflingEncoder: CookedVideoEncoder, @unchecked Sendable {
    private let failingAt: Int64?
    private let wrongIndex: Bool

    init(_ configuration: EncoderConfiguration, failingAt: Int64? = nil, wrongIndex: Bool = false) throws {
        self.failingAt = failingAt
        self.wrongIndex = wrongIndex
        try super.init(configuration)
    }

    override func makeCodec(format: MediaFormat) throws -> (any Codec)? {
        ShufflingCodec(failingAt: failingAt, wrongIndex: wrongIndex)
    }
}

/// An encoder that finds a scripted device.
private final class DeviceEncoder: CookedVideoEncoder, @unchecked Sendable {
    private let driver: ScriptedEncoder

    init(_ configuration: EncoderConfiguration, _ driver: ScriptedEncoder) throws {
        self.driver = driver
        try super.init(configuration)
    }

    override func makeCodec(format: MediaFormat) throws -> (any Codec)? {
        try V4L2Codec("/dev/video11", format: format, calls: driver.calls)
    }
}

@Suite final class EncoderTests {
    private let routers = Mutex<[FrameRouter]>([])

    deinit {
        for router in routers.withLock({ $0 }) { router.close() }
    }

    /// What an encoder needs of a camera, without a camera.
    private func makeParent(
        _ source: any VideoSource, clockMode: ClockMode = .reset,
        onReport: @escaping @Sendable (CameraEvent) -> Void = { _ in }
    ) throws -> EncoderParent {
        let router = FrameRouter(source: source, name: "test", report: { _ in })
        try router.start()
        routers.withLock { $0.append(router) }
        return EncoderParent(router: router, clockMode: clockMode, report: onReport)
    }

    private func configuration(_ parent: EncoderParent) -> EncoderConfiguration {
        EncoderConfiguration(parent: parent, splitterPort: 1, format: MediaFormat(rawValue: "shuffled"))
    }

    @Test func cutsTravelWithTheirFramesThroughACodecThatReorders() throws {
        let source = NumberedSource()
        let encoder = try ShufflingEncoder(configuration(try makeParent(source)))
        var outputs = [MemoryOutput()]
        try encoder.start(.output(outputs[0]))
        var first: [VideoFrame] = []
        for _ in 0..<50 {
            outputs.append(MemoryOutput())
            first.append(try encoder.split(to: .output(outputs[outputs.count - 1])))
        }
        try encoder.close()
        let files = outputs.map { NumberedSource.numbers(in: $0.data, frameByteCount: 384) }
        // Each file has all numbers from its first on, in the codec's order.
        #expect(files.map { $0.sorted() }.flatMap { $0 } == Array(0..<UInt64(files.reduce(0) { $0 + $1.count })))
        #expect(files.dropFirst().map { $0.first.map { Int64($0) } } == first.map(\.index))
        #expect(first.allSatisfy { $0.type == .key && $0.position == 0 })
    }

    @Test func timesOfDecodingNeverGoBackNorPassThoseOfDisplay() throws {
        let infos = Mutex<[PacketInfo]>([])
        let encoder = try ShufflingEncoder(configuration(try makeParent(NumberedSource(limit: 23))))
        try encoder.start(.output(ClosureOutput { _, info in infos.withLock { $0.append(info) } }))
        #expect(try encoder.wait() == .ended)
        try encoder.close()
        let all = infos.withLock { $0 }
        #expect(all.map(\.index).sorted() == Array(0..<23))
        #expect(all.allSatisfy { $0.decodeTimestamp <= $0.timestamp })
        #expect(zip(all, all.dropFirst()).allSatisfy { $0.decodeTimestamp < $1.decodeTimestamp })
        #expect(all.first?.timestamp == .zero)
    }

    @Test(arguments: [false, true]) func codecThatFailsLosesNothingOfWhatItGave(wrongIndex: Bool) throws {
        let encoder = try ShufflingEncoder(
            configuration(try makeParent(NumberedSource())), failingAt: 12, wrongIndex: wrongIndex)
        let output = MemoryOutput()
        try encoder.start(.output(output))
        let error = #expect(throws: CameraError.self) { try encoder.wait() }
        #expect(error?.code == .codec)
        #expect(throws: CameraError.self) { try encoder.close() }
        let numbers = NumberedSource.numbers(in: output.data, frameByteCount: 384)
        #expect(numbers.prefix(10).sorted() == Array(0..<10))
        let statistics = encoder.statistics
        #expect(statistics.packetsWritten == numbers.count)
        #expect(
            statistics.framesReceived
                == statistics.packetsWritten + statistics.framesDropped + statistics.packetsDropped)
    }

    @Test func statisticsTellTheDeviceThatEncodes() throws {
        let driver = ScriptedEncoder()
        let encoder = try DeviceEncoder(
            EncoderConfiguration(parent: try makeParent(NumberedSource(limit: 20)), splitterPort: 1, format: .h264),
            driver)
        try encoder.start(.output(MemoryOutput()))
        #expect(try encoder.wait() == .ended)
        try encoder.close()
        #expect(encoder.statistics.codec == "scripted (/dev/video11)")
        #expect(encoder.statistics.packetsWritten == 20)
        #expect(driver.openCount == 0)
    }

    #if X264
    /// A device that was found but does not work must not keep the library from it; one that was named is an error.
    @Test func aLibraryStepsInForADeviceThatFails() throws {
        func encoder(_ device: EncoderOptions.CodecDevice) throws -> CameraEncoder {
            let driver = ScriptedEncoder()
            driver.fail("VIDIOC_STREAMON", with: .noMemory)
            let encoder = try DeviceEncoder(
                EncoderConfiguration(
                    parent: try makeParent(NumberedSource()), splitterPort: 1, format: .h264,
                    options: EncoderOptions { $0.codecDevice = device }), driver)
            try encoder.start(.output(MemoryOutput()))
            return encoder
        }
        let found = try encoder(.automatic)
        #expect(found.codec?.name == "libx264")
        // It ends without a picture, since no frame was sent.
        try found.close()
        let error = #expect(throws: CameraError.self) { try encoder(.device("/dev/video11")) }
        #expect(error?.systemError == .noMemory)
    }
    #endif

    @Test func encoderCanBeStartedAgain() throws {
        let encoder = try RawVideoEncoder(
            EncoderConfiguration(parent: try makeParent(NumberedSource()), splitterPort: 1, format: .yuv420))
        var numbers: [UInt64] = []
        for _ in 0..<3 {
            let output = MemoryOutput()
            try encoder.start(.output(output))
            try encoder.split(to: .output(ClosureOutput { _, _ in }))
            try encoder.stop()
            #expect(!encoder.isActive)
            numbers += NumberedSource.numbers(in: output.data, frameByteCount: 384)
        }
        #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 })
        try encoder.close()
        let error = #expect(throws: CameraError.self) { try encoder.start(.output(MemoryOutput())) }
        #expect(error?.code == .closed)
    }

    /// Who waits may close the camera at once, and with it the events: the last one must be on its way by then.
    @Test func theEndIsToldBeforeThoseWhoWaitHearOfIt() throws {
        let told = Mutex<[CameraEvent]>([])
        let parent = try makeParent(NumberedSource(limit: 3)) { event in
            Thread.sleep(forTimeInterval: 0.05)
            told.withLock { $0.append(event) }
        }
        let encoder = try RawVideoEncoder(EncoderConfiguration(parent: parent, splitterPort: 1, format: .yuv420))
        try encoder.start(.output(MemoryOutput()))
        #expect(try encoder.wait() == .ended)
        #expect(told.withLock { $0.map { "\($0)" } } == ["recordingEnded(splitterPort: 1)"])
        try encoder.close()
    }

    @Test func rawClockIsTheSensors() throws {
        let encoder = try RawVideoEncoder(
            EncoderConfiguration(
                parent: try makeParent(NumberedSource(limit: 3), clockMode: .raw), splitterPort: 1, format: .yuv420))
        let infos = Mutex<[PacketInfo]>([])
        try encoder.start(.output(ClosureOutput { _, info in infos.withLock { $0.append(info) } }))
        #expect(try encoder.wait() == .ended)
        try encoder.close()
        #expect(infos.withLock { $0.map(\.timestamp) } == [1, 33_333_334, 66_666_667].map { .nanoseconds($0) })
    }

    /// Eight threads ask for the same picture at once: it is made once, and all get the very same.
    @Test func conversionsAreMadeOnce() throws {
        let stage = ConversionStage()
        let stream = VideoStream(format: .yuv420, size: .vga, frameRate: 30, color: .bt601)
        let frame = NumberedSource.frame(1, of: stream, from: BytePool(), at: .now)
        let made = Mutex<[Frame]>([])
        let threads = try (0..<8).map { number in
            try WorkerThread("convert\(number)") {
                let size = number % 2 == 0 ? Resolution(320, 240) : Resolution(160, 120)
                guard let small = try? stage.convert(frame, to: .rgb24, size: size, color: .sRGB) else { return }
                made.withLock { $0.append(small) }
            }
        }
        for thread in threads { thread.join() }
        let frames = made.withLock { $0 }
        #expect(frames.count == 8)
        #expect(Set(frames.map(ObjectIdentifier.init)).count == 2)
        #expect(try stage.convert(frame, to: .yuv420, size: .vga, color: .bt601) === frame)
    }
}
