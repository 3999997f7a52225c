// SPDX-License-Identifier: MIT

package import CameraCodecs
internal import CameraCore
internal import SystemPackage
internal import V4L2

/// The cases of the document's section "Drain".
extension EncoderConformance {
    /// No buffer in the OUTPUT queue at the STOP: the drain is over at once, with an empty last buffer.
    package func drainWithoutFramesIsOverAtOnce() throws {
        let bench = try Bench(self)
        try bench.begin()
        try bench.drain()
        try bench.expectPackets([])
        try bench.encoder.resume(by: .command)
        try bench.queue(1)
        try bench.drain()
        try bench.expectPackets([0])
    }

    /// A drain gives everything that was queued before it.
    package func drainGivesAllFrames(_ count: Int) throws {
        let bench = try Bench(self)
        try bench.begin()
        try bench.queue(count)
        try bench.drain()
        try bench.expectPackets(0..<count)
    }

    /// No buffer in the CAPTURE queue when the drain is complete: the next one that is queued comes back empty, as the last.
    package func lastBufferComesWhenOneIsQueued() throws {
        let device = try open()
        defer { device.close() }
        let formats = try StatefulEncoder(device).negotiate(wish)
        let (raw, coded) = (BufferPort(device, formats.rawType), BufferPort(device, formats.codedType))
        _ = try raw.request(2)
        _ = try coded.request(2)
        try raw.setStreaming(true)
        try coded.setStreaming(true)
        try device.perform(EncoderCommand.stop)
        let early: BufferState? = try dequeue(coded)
        let isEarly = early != nil
        try expect(!isEarly, "a buffer came though none was queued")
        try coded.queue(0)
        let wakeUp = try WakeUp(calls: device.systemCalls)
        _ = try device.wait(wakeUp, until: .now + patience, for: [.buffer])
        let last = try dequeue(coded)
        try expect(last?.flags.contains(.last) == true, "the buffer is not the last one")
        try expect(last?.byteCount == 0, "the last buffer is not empty")
        try expectPipeEnd(coded)
    }

    /// Any attempt to dequeue beyond the last buffer gives EPIPE.
    package func dequeuingBeyondTheLastBufferIsRefused() throws {
        let bench = try Bench(self)
        try bench.begin()
        try bench.queue(1)
        try bench.drain()
        guard let formats = bench.encoder.formats else { throw Mismatch(description: "there are no formats") }
        try expectPipeEnd(BufferPort(bench.encoder.device, formats.codedType))
        // The encoder itself knows better than to ask.
        let isOneMore = try bench.encoder.dequeueCoded { _ in }
        try expect(!isOneMore, "a packet came after the last one")
    }

    /// STOP while a queue does not stream begins nothing: there is nothing to wait for.
    package func stopWithoutStreamingBeginsNothing() throws {
        let bench = try Bench(self)
        try bench.encoder.allocate(try bench.encoder.negotiate(wish), .driver)
        try expect(try !bench.encoder.beginDrain(), "a drain began before the queues stream")
        try bench.encoder.startRaw()
        try expect(try !bench.encoder.beginDrain(), "a drain began while the coded queue does not stream")
        try bench.encoder.startCoded()
        try bench.queue(2)
        try bench.drain()
        try bench.expectPackets(0..<2)
    }

    /// Draining and going on, again and again, loses nothing and keeps the order.
    package func drainsAndGoesOn(_ cycles: Int, by way: StatefulEncoder.Resumption) throws {
        let bench = try Bench(self)
        try bench.begin()
        for cycle in 0..<cycles {
            try bench.queue(cycle % 3)
            try bench.drain()
            try bench.encoder.resume(by: way)
        }
        try bench.expectPackets(bench.queued)
    }

    private func dequeue(_ port: BufferPort) throws(DeviceError) -> BufferState? { try port.dequeue() }

    private func expectPipeEnd(_ port: BufferPort) throws {
        do throws(DeviceError) {
            _ = try dequeue(port)
        } catch {
            return try expect(error.errno == .brokenPipe, "it is \(error.errno) and not EPIPE")
        }
        throw Mismatch(description: "a buffer was dequeued beyond the last one")
    }
}
