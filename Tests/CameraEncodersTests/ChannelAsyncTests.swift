// SPDX-License-Identifier: MIT

import CameraCore
import CameraEncoders
import TestSupport
import Testing

/// What waits in a channel, for `async` functions.
@Suite struct ChannelAsyncTests {
    private static let size = Resolution(64, 64)

    private func channel(room: Int = 4) throws -> EncoderChannel {
        var attributes = ChannelAttributes(format: .mjpeg, size: Self.size)
        attributes.options.threads = 1
        attributes.outputBufferCount = room
        let channel = try EncoderChannel(attributes)
        try channel.start()
        return channel
    }

    private static func frame(_ number: UInt64) throws -> Frame {
        let stream = VideoStream(format: .yuv420, size: size, frameRate: 30, color: .bt601)
        return NumberedSource.frame(number, of: stream, from: BytePool(), at: Timestamp(nanoseconds: Int64(number)))
    }

    /// Two tasks send as fast as there is room, two receive: each stream is received once.
    @Test func streamsAreSentAndReceivedByTasks() async throws {
        let channel = try channel(room: 2)
        defer { channel.close() }
        let times = try await withThrowingTaskGroup(of: [Duration].self) { group in
            for sender in 0..<2 {
                group.addTask {
                    for number in 0..<50 {
                        let time = Duration.milliseconds(2 * number + sender)
                        try await channel.send(try Self.frame(UInt64(number)), at: time, timeout: nil)
                    }
                    return []
                }
                group.addTask {
                    var times: [Duration] = []
                    while times.count < 50, let stream = try await channel.receive() {
                        times.append(stream.packs[0].presentationTime)
                    }
                    return times
                }
            }
            return try await group.reduce(into: [Duration]()) { $0 += $1 }
        }
        #expect(times.sorted() == (0..<100).map { .milliseconds($0) })
    }

    /// Many receivers that are cancelled while streams come: those that are left get every stream.
    @Test func aCancelledReceiverLosesNoStream() async throws {
        let channel = try channel(room: 200)
        defer { channel.close() }
        var received: [Duration] = []
        for round in 0..<100 {
            let receiver = Task { try await channel.receive() }
            if round % 3 == 0 { await Task.yield() }
            let sender = Task { try await channel.send(try Self.frame(UInt64(round)), at: .milliseconds(round)) }
            if round % 2 == 0 { await Task.yield() }
            receiver.cancel()
            try await sender.value
            do {
                if let stream = try await receiver.value { received.append(stream.packs[0].presentationTime) }
            } catch let error as CameraError {
                #expect(error.code == .cancelled)
            }
        }
        while channel.pendingCount > 0, let stream = try await channel.receive() {
            received.append(stream.packs[0].presentationTime)
        }
        #expect(received.sorted() == (0..<100).map { .milliseconds($0) })
    }

    /// A frame that waits for room is not sent once its task is cancelled.
    @Test func aCancelledSenderSendsNothing() async throws {
        let channel = try channel(room: 1)
        defer { channel.close() }
        try await channel.send(try Self.frame(0), at: .zero)
        let senders = (0..<20).map { number in
            Task { try await channel.send(try Self.frame(1), at: .milliseconds(1 + number), timeout: nil) }
        }
        try await Task.sleep(for: .milliseconds(20))
        for sender in senders { sender.cancel() }
        for sender in senders {
            let error = await #expect(throws: CameraError.self) { try await sender.value }
            #expect(error?.code == .cancelled)
        }
        #expect(channel.pendingCount == 1)
        #expect(try await channel.receive()?.packs[0].presentationTime == .zero)
    }

    @Test func aTimeoutAndAnEndAreToldApart() async throws {
        let channel = try channel(room: 1)
        #expect(try await channel.receive(timeout: .zero) == nil)
        #expect(try await channel.receive(timeout: .milliseconds(20)) == nil)
        try await channel.send(try Self.frame(0), at: .zero)
        let full = await #expect(throws: CameraError.self) {
            try await channel.send(try Self.frame(1), at: .zero, timeout: .milliseconds(20))
        }
        #expect(full?.code == .queueFull)
        try channel.drain()
        #expect(try await channel.receive() != nil)
        #expect(try await channel.receive() == nil)
        let waiting = try self.channel()
        let receiver = Task { try await waiting.receive() }
        try await Task.sleep(for: .milliseconds(20))
        waiting.close()
        let closed = await #expect(throws: CameraError.self) { try await receiver.value }
        #expect(closed?.code == .closed)
        channel.close()
    }
}
