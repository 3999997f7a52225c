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
        try withPorts { device, _, coded in
            try device.perform(EncoderCommand.stop)
            let early: BufferState? = try dequeue(coded)
            let isEarly = early != nil
            try expect(!isEarly, "a buffer came though none was queued")
            try coded.queue(0)
            let last = try waitAndDequeue(device, coded)
            try expect(last?.flags.contains(.last) == true, "the buffer is not the last one")
            try expect(last?.byteCount == 0, "the last buffer is not empty")
            try expectPipeEnd(coded)
        }
    }

    /// STREAMOFF(CAPTURE) in the middle of a drain cancels it, and gives all coded buffers back.
    package func codedStreamOffCancelsTheDrain() throws {
        try withPorts { device, raw, coded in
            try beginDrainWithoutCodedBuffers(device, raw)
            try coded.setStreaming(false)
            try coded.setStreaming(true)
            // While a drain is under way this would be refused.
            try device.perform(EncoderCommand.start)
            // The parameter sets may have a buffer of their own.
            try coded.queue(0)
            try coded.queue(1)
            let first = try waitAndDequeue(device, coded)
            try expect(first?.flags.contains(.last) == false, "the buffer is the last one of a drain")
            try expect(first?.byteCount ?? 0 > 0, "the buffer is empty")
        }
    }

    /// STREAMOFF(OUTPUT) in the middle of a drain completes it: the next coded buffer comes back empty, as the last.
    package func rawStreamOffCompletesTheDrain() throws {
        try withPorts { device, raw, coded in
            try beginDrainWithoutCodedBuffers(device, raw)
            try raw.setStreaming(false)
            try coded.queue(0)
            let last = try waitAndDequeue(device, coded)
            try expect(last?.flags.contains(.last) == true, "the buffer is not the last one")
            try expect(last?.byteCount == 0, "the last buffer is not empty")
            try expectPipeEnd(coded)
        }
    }

    /// STOP and START while a drain is under way fail with EBUSY.
    package func stopAndStartDuringADrainAreRefused() throws {
        try withPorts { device, raw, coded in
            try beginDrainWithoutCodedBuffers(device, raw)
            for command in [EncoderCommand.stop, .start] {
                do throws(DeviceError) {
                    try device.perform(command)
                } catch {
                    try expect(error.errno == .resourceBusy, "it is \(error.errno) and not EBUSY")
                    continue
                }
                throw Mismatch(description: "\(command) was taken during a drain")
            }
        }
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

    /// Lends both queues while they stream, without any buffer queued.
    private func withPorts(_ body: (VideoDevice, BufferPort, BufferPort) throws -> Void) throws {
        let device = try open()
        defer { device.close() }
        let formats = try StatefulEncoder(device).negotiate(wish)
        let (raw, coded) = (BufferPort(device, formats.rawType), BufferPort(device, formats.codedType))
        // A driver may give more buffers, or fewer; one is enough.
        _ = try raw.request(2)
        _ = try coded.request(2)
        try raw.setStreaming(true)
        try coded.setStreaming(true)
        try body(device, raw, coded)
        try? raw.setStreaming(false)
        try? coded.setStreaming(false)
        _ = try raw.request(0)
        _ = try coded.request(0)
    }

    /// Queues a frame and begins a drain, which cannot end while no coded buffer is queued.
    private func beginDrainWithoutCodedBuffers(_ device: VideoDevice, _ raw: BufferPort) throws {
        let layout = try device.format(of: raw.type)
        try raw.queue(
            0, layout.memories.map { BufferPort.Memory(byteCount: $0.byteCount) },
            time: Timestamp(nanoseconds: 1_000_000))
        try device.perform(EncoderCommand.stop)
    }

    private func waitAndDequeue(_ device: VideoDevice, _ port: BufferPort) throws -> BufferState? {
        let wakeUp = try WakeUp(calls: device.systemCalls)
        _ = try device.wait(wakeUp, until: .now + patience, for: [.buffer])
        return try dequeue(port)
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
