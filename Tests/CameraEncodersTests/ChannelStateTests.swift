// SPDX-License-Identifier: MIT

import CameraCodecs
import CameraCore
import CameraEncoders
import Foundation
import Synchronization
import TestSupport
import Testing

/// A codec that notes how many threads are in it.
private final class CrowdedCodec: Codec {
    let inputFormats: [PixelFormat] = [.nv12]
    private let pool = BytePool()
    private let state = Mutex(State())

    private struct State {
        var deliver: (@Sendable (Result<EncodedFrame, CameraError>) -> Void)?
        var inside = 0
        var mostInside = 0
    }

    var mostInside: Int { state.withLock { $0.mostInside } }

    /// Takes its time, so that others find it at work.
    private func work() {
        state.withLock { state in
            state.inside += 1
            state.mostInside = max(state.mostInside, state.inside)
        }
        usleep(200)
        state.withLock { $0.inside -= 1 }
    }

    func configure(
        _ configuration: CodecConfiguration, deliver: @escaping @Sendable (Result<EncodedFrame, CameraError>) -> Void
    ) throws(CameraError) -> [UInt8] {
        state.withLock { $0.deliver = deliver }
        return []
    }

    func encode(_ frame: Frame, index: Int64, asKeyFrame: Bool) throws(CameraError) {
        work()
        guard let bytes = pool.take(1) else { throw CameraError(.system, "encoding") }
        state.withLock { $0.deliver }?(
            .success(EncodedFrame(bytes: PacketBytes(bytes, count: 1), type: .key, index: index)))
    }

    func setBitRate(_ bitRate: Int) throws(CameraError) { work() }
    func drain() throws(CameraError) { work() }
    func close() {}
}

/// What a channel may be asked when, and how long it waits.
@Suite struct ChannelStateTests {
    private static let size = Resolution(64, 64)
    private let picture = NumberedFrames(Self.size).bytes(1)

    private func channel(_ configure: (inout ChannelAttributes) -> Void = { _ in }) throws -> EncoderChannel {
        var attributes = ChannelAttributes(format: .mjpeg, size: Self.size)
        attributes.options.threads = 1
        configure(&attributes)
        return try EncoderChannel(attributes)
    }

    private func code(_ body: () throws -> Void) -> CameraError.Code? {
        #expect(throws: CameraError.self) { try body() }?.code
    }

    /// What several threads ask of a channel comes to its codec one after the other.
    @Test func aCodecIsDrivenByOneThreadAtATime() throws {
        let codec = CrowdedCodec()
        let channel = try EncoderChannel(ChannelAttributes(format: .mjpeg, size: Self.size)) {
            _ throws(CameraError) in codec
        }
        defer { channel.close() }
        try channel.start()
        let bytes = picture
        let threads = try (0..<4).map { number in
            try WorkerThread("caller\(number)") {
                for round in 0..<100 {
                    do throws(CameraError) {
                        if number == 0 {
                            try channel.setBitRate(1000 + round)
                        } else {
                            try channel.send(bytes.span.bytes, at: .milliseconds(round), timeout: nil)
                            _ = try channel.receive(timeout: .zero)
                        }
                    } catch {
                        Issue.record("\(error)")
                    }
                }
            }
        }
        for thread in threads { thread.join() }
        try channel.drain()
        #expect(codec.mostInside == 1)
    }

    @Test func nothingGoesBeforeTheStart() throws {
        let channel = try channel()
        #expect(code { try channel.send(picture.span.bytes, at: .zero) } == .notStarted)
        #expect(code { _ = try channel.receive() } == .notStarted)
        #expect(code { try channel.drain() } == .notStarted)
        #expect(code { try channel.requestKeyFrame() } == .notStarted)
        #expect(code { try channel.setBitRate(1_000_000) } == .notStarted)
        #expect(!channel.isStarted)
    }

    @Test func aStoppedChannelStartsAgain() throws {
        let channel = try channel()
        for _ in 0..<3 {
            try channel.start()
            try channel.start()
            #expect(channel.isStarted)
            try channel.send(picture.span.bytes, at: .zero)
            #expect(channel.pendingCount == 1)
            #expect(try channel.receive() != nil)
            try channel.send(picture.span.bytes, at: .zero)
            channel.stop()
            channel.stop()
            #expect(channel.pendingCount == 0)
            #expect(code { _ = try channel.receive() } == .notStarted)
            #expect(code { try channel.send(picture.span.bytes, at: .zero) } == .notStarted)
        }
    }

    @Test func aClosedChannelIsClosedForGood() throws {
        let channel = try channel()
        try channel.start()
        channel.close()
        channel.close()
        channel.stop()
        #expect(code { try channel.start() } == .closed)
        #expect(code { try channel.send(picture.span.bytes, at: .zero) } == .closed)
        #expect(code { _ = try channel.receive() } == .closed)
    }

    @Test func receivingWaitsAsLongAsItIsTold() throws {
        let channel = try channel()
        try channel.start()
        #expect(try channel.receive(timeout: .zero) == nil)
        var waits: [Duration] = []
        for _ in 0..<9 {
            let start = Timestamp.now
            #expect(try channel.receive(timeout: .milliseconds(50)) == nil)
            waits.append(Timestamp.now - start)
        }
        #expect(waits.allSatisfy { $0 >= .milliseconds(50) })
        print("receiving for 50 ms returns after \(waits.sorted()[4]) in the median")
    }

    @Test func aWaitingReceiverWakesForDataAndForTheEnd() throws {
        for end in ["data", "stop", "close"] {
            let channel = try channel()
            try channel.start()
            let result = Mutex<Result<EncodedStream?, any Error>?>(nil)
            let receiver = try WorkerThread("receiver") {
                let received = Result { try channel.receive() }
                result.withLock { $0 = received }
            }
            switch end {
            case "data": try channel.send(picture.span.bytes, at: .milliseconds(5))
            case "stop": channel.stop()
            default: channel.close()
            }
            #expect(receiver.join(until: .now + .seconds(60)), "\(end)")
            switch try #require(result.withLock { $0 }) {
            case .success(let stream): #expect(end == "data" && stream?.presentationTime == .milliseconds(5))
            // Closed meanwhile, or before the thread came to wait.
            case .failure(let error as CameraError): #expect(error.code == .closed || error.code == .notStarted)
            case .failure(let error): throw error
            }
        }
    }

    @Test func aSenderThatNeverReceivesIsTold() throws {
        let channel = try channel { $0.outputBufferCount = 3 }
        try channel.start()
        for number in 0..<3 {
            try channel.send(picture.span.bytes, at: .milliseconds(number))
            #expect(eventually { channel.pendingCount == number + 1 })
        }
        #expect(eventually { (try? channel.send(picture.span.bytes, at: .zero)) == nil })
        #expect(code { try channel.send(picture.span.bytes, at: .zero) } == .queueFull)
        let start = Timestamp.now
        #expect(
            code { try channel.send(picture.span.bytes, at: .zero, timeout: .milliseconds(30)) } == .queueFull)
        #expect(Timestamp.now - start >= .milliseconds(30))
        #expect(try channel.receive()?.presentationTime == .zero)
        try channel.send(picture.span.bytes, at: .milliseconds(9), timeout: nil)
    }

    @Test func aSenderThatWaitsGoesOnWhenThereIsRoom() throws {
        let channel = try channel { $0.outputBufferCount = 1 }
        try channel.start()
        let picture = picture
        let sender = try WorkerThread("sender") {
            for number in 0..<50 {
                try? channel.send(picture.span.bytes, at: .milliseconds(number), timeout: nil)
            }
        }
        for number in 0..<50 { #expect(try channel.receive()?.presentationTime == .milliseconds(number)) }
        sender.join()
    }

    @Test func framesOfTheWrongSizeAreRefused() throws {
        let channel = try channel()
        try channel.start()
        #expect(code { try channel.send((picture + [0]).span.bytes, at: .zero) } == .invalidValue)
        #expect(code { try channel.send([UInt8]().span.bytes, at: .zero) } == .invalidValue)
        let other = NumberedFrames(Resolution(128, 64)).bytes(0)
        let planes = [EncoderChannel.Plane(offset: 0, stride: 64), EncoderChannel.Plane(offset: 4096, stride: 64)]
        try channel.send(other.span.bytes, planes: planes, at: .zero)
        for (offset, stride) in [(-1, 64), (0, 63), (0, .max), (other.count, 64), (other.count - 64, 64)] {
            let bad = [planes[0], EncoderChannel.Plane(offset: offset, stride: stride)]
            #expect(code { try channel.send(other.span.bytes, planes: bad, at: .zero) } == .invalidValue)
        }
        #expect(code { try channel.send(other.span.bytes, planes: [planes[0]], at: .zero) } == .invalidValue)
        #expect(code { try channel.send(descriptor: -1, byteCount: 6144, planes: planes, at: .zero) } == .system)
        #expect(code { try channel.send(descriptor: 0, byteCount: 0, planes: planes, at: .zero) } == .invalidValue)
    }

    @Test func aPartOfAFrameIsNoFrame() throws {
        let channel = try channel()
        try channel.start()
        let half = [UInt8](picture[..<3000])
        let rest = [UInt8](picture[3000...])
        try channel.send(half.span.bytes, at: .milliseconds(1))
        #expect(channel.pendingCount == 0)
        #expect(code { try channel.drain() } == .invalidValue)
        // More than the rest; the part that was sent stays.
        #expect(code { try channel.send(picture.span.bytes, at: .milliseconds(2)) } == .invalidValue)
        try channel.send(rest.span.bytes, at: .milliseconds(3))
        try channel.drain()
        #expect(try channel.receive()?.presentationTime == .milliseconds(1))
        #expect(try channel.receive() == nil)
        #expect(code { try channel.send(picture.span.bytes, at: .zero) } == .closed)
    }

    @Test func senselessAttributesAreRefused() throws {
        #expect(code { _ = try self.channel { $0.format = .png } } == .invalidFormat)
        #expect(code { _ = try self.channel { $0.size = Resolution(0, 64) } } == .invalidValue)
        #expect(code { _ = try self.channel { $0.frameRate = FrameRate(0) } } == .invalidValue)
        #expect(code { _ = try self.channel { $0.sourceFrameRate = FrameRate(-1) } } == .invalidValue)
        #expect(code { _ = try self.channel { $0.outputBufferCount = 0 } } == .invalidValue)
        #expect(code { _ = try self.channel { $0.profile = "main" } } == .invalidValue)
        #expect(code { try self.channel { $0.quality = 101 }.start() } == .invalidValue)
    }

    @Test func theDocumentsDefaults() {
        #expect(ChannelAttributes.k230.bitRate == 4_000_000)
        #expect(ChannelAttributes.k230.keyFrameInterval == 30)
        #expect(ChannelAttributes.k230.sourceFrameRate == 30)
        #expect(ChannelAttributes.k230.frameRate == 30)
        #expect(ChannelAttributes.k230.quality == 45)
        #expect(ChannelAttributes.srcampy.bitRate == 8_000_000)
    }
}
