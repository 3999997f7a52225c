// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraOutputs

/// The callback thread's loop: keeps the frame's metadata, switches outputs, and calls the encoder's hooks.
struct CallbackWorker {
    private let session: EncodingSession
    private let encoder: Encoder
    private var videoSize = 0
    private var splitSize = 0
    private var motion = DisplayOrder<PacketBytes>()
    /// Files that were closed and may still be on their way to the disk.
    private var syncing: [FileOutput] = []

    /// A write that took longer is an event, beside those of the watch while it runs.
    private static let slowWrite = Duration.milliseconds(500)

    init(session: EncodingSession, encoder: Encoder) {
        self.session = session
        self.encoder = encoder
    }

    /// Runs until the packets end, the encoder has all it wanted, or an output fails.
    mutating func run() {
        while let item = session.packets.take() {
            guard let isDone = hand(on: item) else { return }
            if isDone {
                session.isComplete.withLock { $0 = true }
                break
            }
        }
        // What was abandoned does not want the rest.
        guard session.error == nil else { return }
        do {
            try write(motion: motion.finish())
        } catch {
            session.fail(error)
        }
    }

    /// Hands a packet to the outputs, and what goes with it; true when the encoder wants no more, nil when an output failed.
    private mutating func hand(on item: PacketQueue.Item) -> Bool? {
        var ticket: SplitTicket?
        var isWritten = false
        do throws(CameraError) {
            if let wanted = item.ticket {
                // What is shown before the cut goes where the pictures before the cut went.
                try write(motion: motion.finish())
                if switchOutputs(to: wanted) { ticket = wanted }
            }
            while let (key, open) = session.outputs.withLock({ $0.first { !$0.value.hasBegun } }) {
                try begin(open.output, key: key)
                session.outputs.withLock { $0[key]?.hasBegun = true }
            }
            let (packet, frame) = account(of: item.packet)
            var isDone = try write(packet, arrival: item.arrival)
            isWritten = true
            if let record = item.motion { isDone = try write(motion: motion.add(record, packet.info)) || isDone }
            if isUsed(.metadata) { isDone = try handOut(packet, key: .metadata) || isDone }
            ticket?.complete(frame)
            return isDone
        } catch {
            if !isWritten { session.meter.withLock { $0.noteLost(1) } }
            ticket?.fail(error, inUse: true)
            session.fail(error)
            return nil
        }
    }

    /// The packet as it is written, and where the recording stands with it.
    private mutating func account(of delivered: Packet) -> (Packet, VideoFrame) {
        let packet = splitSize == 0 ? withHeaders(delivered) : delivered
        let size = packet.bytes.count
        videoSize += size
        splitSize += size
        let frame = VideoFrame(
            index: packet.info.index, type: packet.info.type, frameSize: size, videoSize: videoSize,
            splitSize: splitSize, timestamp: packet.info.timestamp, complete: true,
            hasHeader: packet.info.headerByteCount > 0, sensorTime: packet.info.sensorTime,
            wallTime: packet.info.wallTime)
        session.latestFrame.withLock { $0 = frame }
        return (packet, frame)
    }

    /// Writes a picture by the encoder's hook.
    private func write(_ packet: Packet, arrival: Timestamp) throws(CameraError) -> Bool {
        let start = Timestamp.now
        do {
            let isDone = try session.watch.during(.output(output(for: .frame))) { try encoder.callback(packet) }
            noteWritten(packet, arrival: arrival, start: start)
            return isDone
        } catch {
            throw CameraError(wrapping: error, as: .output, "writing to the output", subject: name(of: .frame))
        }
    }

    /// Writes records of motion vectors, unless nobody wants them any more.
    @discardableResult
    private func write(motion records: [(PacketBytes, PacketInfo)]) throws(CameraError) -> Bool {
        var isDone = false
        guard isUsed(.motion) else { return isDone }
        for (bytes, info) in records {
            var info = info
            info.headerByteCount = 0
            isDone = try handOut(Packet(bytes: bytes, info: info), key: .motion) || isDone
        }
        return isDone
    }

    /// Writes what goes with a picture by the encoder's hook.
    private func handOut(_ packet: Packet, key: OutputKey) throws(CameraError) -> Bool {
        do {
            return try session.watch.during(.output(output(for: key))) {
                try encoder.callbackWrite(packet, key: key)
            }
        } catch {
            throw CameraError(wrapping: error, as: .output, "writing to the output", subject: name(of: key))
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
            // Those of users first: what they refuse leaves no file that has begun.
            for (key, output) in ticket.outputs.sorted(by: { !$0.value.isOwned && $1.value.isOwned }) {
                try begin(output, key: key)
            }
        } catch {
            ticket.fail(error)
            return false
        }
        let old = session.outputs.withLock { outputs in
            let replaced = outputs.filter { ticket.outputs[$0.key] != nil }
            for (key, output) in ticket.outputs { outputs[key] = OutputInUse(output: output, hasBegun: true) }
            return replaced
        }
        if ticket.outputs[.frame] != nil {
            splitSize = 0
            session.meter.withLock { $0.noteSplit() }
        }
        for (key, output) in old {
            do {
                try close(output, key: key)
            } catch {
                session.noteLateError(error)
            }
        }
        return true
    }

    private func begin(_ output: OpenedOutput, key: OutputKey) throws(CameraError) {
        var stream = session.stream
        if key == .motion {
            stream.format = .motion
            stream.parameterSets = []
        }
        do {
            try session.watch.during(.output(output)) { try output.output.begin(stream) }
        } catch {
            throw CameraError(wrapping: error, as: .output, "beginning the output", subject: output.name)
        }
    }

    /// Ends an output through the encoder's hook; one without a picture is taken back.
    mutating func close(_ used: OutputInUse, key: OutputKey) throws(CameraError) {
        guard used.hasBegun else { return used.output.discard() }
        do {
            try session.watch.during(.output(used.output)) { try encoder.closeOutput(used.output, key: key) }
        } catch {
            throw CameraError(wrapping: error, as: .output, "closing the output", subject: used.output.name)
        }
        if used.output.isOwned, let file = used.output.file { syncing.append(file) }
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

    private func isUsed(_ key: OutputKey) -> Bool {
        session.outputs.withLock { $0[key] != nil }
    }

    private func output(for key: OutputKey) -> OpenedOutput? {
        session.outputs.withLock { $0[key]?.output }
    }

    private func name(of key: OutputKey) -> String? { output(for: key)?.name }
}
