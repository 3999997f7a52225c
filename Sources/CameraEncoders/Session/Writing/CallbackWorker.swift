// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraOutputs

/// The callback thread's loop: keeps the frame's metadata, switches outputs, and calls the encoder's hooks.
struct CallbackWorker {
    let session: EncodingSession
    private let encoder: CameraEncoder
    /// The names of the rule's first files, until their first picture comes.
    var first: NextFiles?
    private var videoSize = 0
    private var splitSize = 0
    var motion = DisplayOrder<PacketBytes>()
    /// Whether a file had to be left that can grow no larger, and the next one begins with the next key frame.
    var isBehindFullFile = false
    /// Files that were closed and may still be on their way to the disk.
    var syncing = SyncingFiles()

    /// A write that took longer is an event, beside those of the watch while it runs.
    private static let slowWrite = Duration.milliseconds(500)

    init(session: EncodingSession, encoder: CameraEncoder, first: NextFiles?) {
        self.session = session
        self.encoder = encoder
        self.first = first
    }

    /// Runs until the packets end, the encoder has all it wanted, or an output fails.
    mutating func run() {
        while let entry = session.packets.take() {
            switch entry {
            case .absence: finishFiles()
            case .removal(let key): remove(key)
            case .packet(let item):
                guard let isDone = hand(on: item) else { return }
                guard isDone else { continue }
                session.isComplete.withLock { $0 = true }
                return finishMotion()
            }
        }
        finishMotion()
    }

    /// Hands over the motion records that waited for pictures to come.
    private mutating func finishMotion() {
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
        var change: OutputChange?
        var isWritten = false
        do throws(CameraError) {
            if let ticket = item.ticket ?? ticketBehindFullFile(item.packet) {
                // What is shown before the cut goes where the pictures before the cut went.
                try write(motion: motion.finish())
                change = try makeChange(ticket, at: item.packet.info.wallTime)
            }
            if isBehindFullFile {
                try leaveOut(item.packet)
                return false
            }
            nameFirstFiles(at: item.packet.info.wallTime)
            while let (key, open) = session.outputs.withLock({ $0.first { !$0.value.hasBegun && !$0.key.isAdded } }) {
                try begin(open.output, key: key)
            }
            let (packet, frame, wantsNoMore) = try write(item, after: &change)
            var isDone = wantsNoMore
            isWritten = true
            if let change { complete(change) }
            if let record = item.motion { isDone = try write(motion: motion.add(record, packet.info)) || isDone }
            for key in [OutputKey.metadata, .times] where isUsed(key) {
                isDone = try handOut(packet, key: key) || isDone
            }
            try writeAdded(item.packet)
            change?.ticket.complete(frame)
            return isDone
        } catch {
            // A key frame begins the next file; others have to be left out.
            if !isWritten, change == nil, leave(fullFile: error) { return hand(on: item) }
            if !isWritten { session.meter.withLock { $0.noteLost(1) } }
            change?.ticket.fail(error, inUse: true)
            session.fail(error)
            return nil
        }
    }

    /// Writes a picture, to the outputs before a change where the new ones do not take their first one.
    private mutating func write(
        _ item: PacketQueue.Item, after change: inout OutputChange?
    ) throws(CameraError) -> (Packet, VideoFrame, isDone: Bool) {
        let sizes = (videoSize, splitSize)
        if change?.ticket.keys.contains(.frame) == true { splitSize = 0 }
        do throws(CameraError) {
            let (packet, frame) = account(of: item.packet)
            return (packet, frame, try write(packet, arrival: item.arrival))
        } catch {
            (videoSize, splitSize) = sizes
            guard let failed = change, failed.new[.frame] != nil else { throw error }
            change = nil
            try takeBack(failed, error)
        }
        let (packet, frame) = account(of: item.packet)
        return (packet, frame, try write(packet, arrival: item.arrival))
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
    mutating func write(motion records: [(PacketBytes, PacketInfo)]) throws(CameraError) -> Bool {
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
    ///
    /// A file that fails there is given up, and the pictures go on; what a user's own output throws ends the recording.
    func handOut(_ packet: Packet, key: OutputKey) throws(CameraError) -> Bool {
        do {
            return try session.watch.during(.output(output(for: key))) {
                try encoder.callbackWrite(packet, key: key)
            }
        } catch {
            let failure = CameraError(wrapping: error, as: .output, "writing to the output", subject: name(of: key))
            guard giveUp(key, failure) else { throw failure }
            return false
        }
    }

    private func noteWritten(_ packet: Packet, arrival: Timestamp, start: Timestamp) {
        let end = Timestamp.now
        // Times of sources that can wait are nominal: there the trip begins when the frame came.
        let born = session.parent.router.source.canWait ? arrival : packet.info.sensorTime
        session.meter.withLock { $0.noteWritten(packet.info, byteCount: packet.bytes.count, latency: end - born) }
        session.outputs.withLock { $0[.frame]?.account.add(packet.info, byteCount: packet.bytes.count) }
        if end - start > Self.slowWrite {
            session.parent.report(.outputSlow(splitterPort: session.plan.port, end - start))
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
        if used.output.isOwned {
            if let file = used.output.file { syncing.add(file) }
            if key == .frame || key.isAdded, encoder is VideoEncoder { tellFinished(used, key) }
        }
        try syncing.check(until: .now)
    }

    private func tellFinished(_ used: OutputInUse, _ key: OutputKey) {
        let interval = session.plan.frameRate.interval
        guard let file = used.account.finished(used.output.name, key: key, interval: interval) else { return }
        session.parent.report(.fileFinished(splitterPort: session.plan.port, file))
        session.plan.keeper?.noteFinished()
    }

    /// The packet with the parameter sets in front, where the codec does not repeat them.
    private func withHeaders(_ packet: Packet) -> Packet {
        session.plan.addsHeaders ? prepending(session.run?.givenParameterSets ?? [], to: packet) : packet
    }

    /// The packet with parameter sets in front, unless it has some.
    func prepending(_ headers: [UInt8], to packet: Packet) -> Packet {
        guard packet.info.headerByteCount == 0, !headers.isEmpty else { return packet }
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
