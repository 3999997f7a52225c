// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraOutputs

/// The callback thread's loop: keeps the frame's metadata, switches outputs, and calls the encoder's hooks.
struct CallbackWorker {
    private let session: EncodingSession
    private let encoder: Encoder
    private var videoSize = 0
    private var splitSize = 0
    /// Files that were closed and may still be on their way to the disk.
    private var syncing: [FileOutput] = []

    /// A write that takes longer is an event.
    private static let slowWrite = Duration.milliseconds(500)

    init(session: EncodingSession, encoder: Encoder) {
        self.session = session
        self.encoder = encoder
    }

    /// Runs until the packets end, the encoder has all it wanted, or an output fails.
    mutating func run() {
        while let item = session.packets.take() {
            do {
                if try write(item) {
                    session.isComplete.withLock { $0 = true }
                    return
                }
            } catch {
                session.meter.withLock { $0.noteLost(1) }
                session.fail(error)
                return
            }
        }
    }

    /// Hands a packet to the outputs; true when the encoder wants no more.
    private mutating func write(_ item: PacketQueue.Item) throws(CameraError) -> Bool {
        var ticket = item.ticket
        if let wanted = ticket, !switchOutputs(to: wanted) { ticket = nil }
        while let (key, open) = session.outputs.withLock({ $0.first { !$0.value.hasBegun } }) {
            try begin(open.output)
            session.outputs.withLock { $0[key]?.hasBegun = true }
        }
        let packet = splitSize == 0 ? withHeaders(item.packet) : item.packet
        let size = packet.bytes.count
        videoSize += size
        splitSize += size
        let frame = VideoFrame(
            index: packet.info.index, type: packet.info.type, frameSize: size, videoSize: videoSize,
            splitSize: splitSize, timestamp: packet.info.timestamp, complete: true,
            hasHeader: packet.info.headerByteCount > 0, sensorTime: packet.info.sensorTime,
            wallTime: packet.info.wallTime)
        session.latestFrame.withLock { $0 = frame }
        let start = Timestamp.now
        do {
            let isDone = try encoder.callback(packet)
            noteWritten(packet, arrival: item.arrival, start: start)
            ticket?.complete(frame)
            return isDone
        } catch {
            let failure = CameraError(wrapping: error, as: .output, "writing to the output", subject: outputName)
            ticket?.fail(failure, inUse: true)
            throw failure
        }
    }

    private func noteWritten(_ packet: Packet, arrival: Timestamp, start: Timestamp) {
        let end = Timestamp.now
        // Times of sources that can wait are nominal: there the trip begins when the frame came.
        let born = session.parent.router.source.canWait ? arrival : packet.info.sensorTime
        session.meter.withLock { $0.noteWritten(packet.info, byteCount: packet.bytes.count, latency: end - born) }
        if end - start > Self.slowWrite { session.parent.report(.outputSlow(port: session.plan.port, end - start)) }
    }

    /// Goes on in a ticket's outputs; false, and all as before, when it was taken back or they cannot begin.
    private mutating func switchOutputs(to ticket: SplitTicket) -> Bool {
        guard ticket.claim() else { return false }
        do {
            for output in ticket.outputs.values { try begin(output) }
        } catch {
            ticket.fail(error)
            return false
        }
        let old = session.outputs.withLock { outputs in
            let replaced = outputs.filter { ticket.outputs[$0.key] != nil }
            for (key, output) in ticket.outputs { outputs[key] = OutputInUse(output: output, hasBegun: true) }
            return replaced
        }
        splitSize = 0
        session.meter.withLock { $0.noteSplit() }
        for (key, output) in old {
            do {
                try close(output, key: key)
            } catch {
                session.noteLateError(error)
            }
        }
        return true
    }

    private func begin(_ output: OpenedOutput) throws(CameraError) {
        do {
            try output.output.begin(session.stream)
        } catch {
            throw CameraError(wrapping: error, as: .output, "beginning the output", subject: output.name)
        }
    }

    /// Ends an output through the encoder's hook; one without a picture is taken back.
    mutating func close(_ used: OutputInUse, key: OutputKey) throws(CameraError) {
        guard used.hasBegun else { return used.output.discard() }
        do {
            try encoder.closeOutput(used.output, key: key)
        } catch {
            throw CameraError(wrapping: error, as: .output, "closing the output", subject: used.output.name)
        }
        if used.output.isOwned, let file = used.output.output as? FileOutput { syncing.append(file) }
        try checkSyncing(until: .now)
    }

    /// Waits for the files that were closed to be on the disk; those that are not at the deadline are waited for later.
    ///
    /// - Parameter deadline: The moment to give up at.
    /// - Returns: Whether all are there.
    /// - Throws: What syncing a file failed with.
    @discardableResult
    mutating func checkSyncing(until deadline: Timestamp) throws(CameraError) -> Bool {
        while let file = syncing.first {
            do {
                guard try file.waitUntilClosed(until: deadline) else { return false }
            } catch {
                syncing.removeFirst()
                throw error
            }
            syncing.removeFirst()
        }
        return true
    }

    /// The packet with the parameter sets in front, where the codec does not repeat them.
    private func withHeaders(_ packet: Packet) -> Packet {
        let headers = session.plan.stream.parameterSets
        guard session.plan.addsHeaders, packet.info.headerByteCount == 0, !headers.isEmpty else { return packet }
        let count = headers.count + packet.bytes.count
        guard let block = BytePool().take(count) else { return packet }
        headers.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress { block.baseAddress.copyMemory(from: start, byteCount: bytes.count) }
        }
        (block.baseAddress + headers.count).copyMemory(from: packet.bytes.baseAddress, byteCount: packet.bytes.count)
        var info = packet.info
        info.headerByteCount = headers.count
        return Packet(bytes: PacketBytes(block, count: count), info: info)
    }

    private var outputName: String? {
        session.outputs.withLock { $0[.frame]?.output.name }
    }
}
