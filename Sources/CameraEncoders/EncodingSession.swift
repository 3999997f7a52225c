// SPDX-License-Identifier: MIT

internal import CameraCodecs
internal import CameraCore
internal import CameraOutputs
internal import DequeModule
internal import Synchronization

/// One run of an encoder, from start to stop: its queues, its two threads and how it ended.
///
/// Each start makes a new one, so that an output that was abandoned cannot disturb what comes after.
final class EncodingSession: Sendable {
    /// The most bytes of packets that may wait for the outputs while the source waits for room.
    private static let waitingQueueBytes = 4 << 20

    /// What a session works with; fixed from its start.
    struct Plan {
        let port: Int
        /// The camera's stream that frames come from.
        let sourceStream: Int
        let codec: (any Codec)?
        /// Bytes of a picture of a raw recording; nil for others.
        let rawByteCount: Int?
        let input: EncoderInput
        let stream: StreamDescription
        /// Whether each file gets the parameter sets in front of its first packet by us.
        let addsHeaders: Bool
        let rule: SplitRule?
        let frameLimit: Int
        let packetQueueBytes: Int
        let packetQueueDuration: Duration
    }

    let plan: Plan
    let parent: EncoderParent
    let frames: FrameQueue
    let packets: PacketQueue
    let outputs: Mutex<[OutputKey: OutputInUse]>
    let desk = Mutex(Desk())
    let rule = Mutex(RuleProgress())
    let timeline: Mutex<Timeline>
    let meter = Mutex(Meter())
    let watch: OutputWatch
    let latestFrame = Mutex<VideoFrame?>(nil)
    /// What was wrong with the last picture that could not be decoded.
    let latestDamage = Mutex<CameraError?>(nil)
    /// Whether the encoder got all the pictures it wanted.
    let isComplete = Mutex(false)
    private let outcome = Monitor(Outcome())
    /// Tasks that wait for the end.
    private let listeners = Mutex<[WakeUpCall]>([])
    /// One caller pauses or resumes at a time.
    private let pausing = Mutex(())
    private let threads = Mutex<[WorkerThread]>([])
    private let openerHolder = Mutex<NextFileOpener?>(nil)

    /// What callers ask of the next frame.
    struct Desk {
        var tickets = Deque<SplitTicket>()
        /// Tickets whose frames the codec lost; they come first.
        var returned = Deque<SplitTicket>()
        /// Tickets that nobody has ended, wherever they are.
        var open: [SplitTicket] = []
        var wantsKeyFrame = false
        /// Changes of the bit rate that wait for the next frame.
        var bitRates: [BitRateChange] = []
        /// Why no ticket is taken any more.
        var closed: CameraError?

        /// Remembers a ticket until it is over; the reason to refuse it when it comes too late.
        mutating func adopt(_ ticket: SplitTicket) -> CameraError? {
            if closed == nil {
                open.removeAll(where: \.isOver)
                open.append(ticket)
            }
            return closed
        }
    }

    private struct Outcome {
        var error: CameraError?
        /// An error that did not end the recording; thrown at its end.
        var lateError: CameraError?
        /// Whether the error arrived as an event; before that nobody who waits hears of it, as they may close the camera, and
        /// with it its events.
        var isTold = true
        var isFinished = false
    }

    init(plan: Plan, parent: EncoderParent, outputs: [OutputKey: OpenedOutput]) {
        self.plan = plan
        self.parent = parent
        self.outputs = Mutex(outputs.mapValues { OutputInUse(output: $0) })
        let router = parent.router
        let port = plan.port
        let watch = OutputWatch(stopTimeout: parent.stopTimeout)
        self.watch = watch
        // A source that waits loses nothing: what piles up would only cost memory, and the caches.
        let canWait = router.source.canWait
        let stream = router.source.streams[plan.sourceStream]
        self.frames = FrameQueue(
            stream: plan.sourceStream, frameBytes: stream.format.byteCount(of: stream.size) ?? .max,
            capacity: canWait ? 8 : 4, limit: plan.frameLimit,
            onRoom: { router.roomAvailable() },
            onDrop: { [weak parent] dropping in
                switch dropping {
                case .began(let total): parent?.report(.framesDropped(port: port, total: total))
                case .ended(let count, let total):
                    parent?.report(.droppingEnded(port: port, count: count, total: total))
                }
            },
            onEnd: { watch.noteEnd() })
        let packetBytes = canWait ? min(plan.packetQueueBytes, Self.waitingQueueBytes) : plan.packetQueueBytes
        self.packets = PacketQueue(byteLimit: packetBytes, durationLimit: plan.packetQueueDuration)
        self.timeline = Mutex(Timeline(interval: plan.stream.frameRate.interval))
        watch.begin(
            onSlow: { [weak parent] time in parent?.report(.outputSlow(port: port, time)) },
            onStuck: { [weak self] error in self?.abandonWithoutWaiting(error) })
    }

    /// Starts the threads; frames come once ``frames`` is attached to the router.
    ///
    /// - Parameters:
    ///   - encoder: The encoder whose hooks are called; kept until the session has ended.
    ///   - names: Names the files of the rule, and the first ones again once their first picture is there.
    ///   - first: The names of the files that are open.
    /// - Throws: `.system` when the kernel gives no more threads.
    func launch(
        _ encoder: Encoder, names: (any NextFileNames)?, first: NextFiles?
    ) throws(CameraError) {
        if let names, let first {
            let isFirst = Atomic(true)
            let opener = try NextFileOpener(
                "enc\(plan.port)-opener", keys: Set(first.targets.keys), tellsMoments: names.tellMoments
            ) { moment, telling throws(CameraError) in
                let isRenaming = names.tellMoments && isFirst.exchange(false, ordering: .relaxed)
                return try encoder.open(names, at: moment, besides: isRenaming ? first : nil, telling: telling)
            }
            openerHolder.withLock { $0 = opener }
        }
        let isBatch = parent.router.source.canWait
        // A codec that keeps frames has threads of its own, which wait for this one to feed them.
        let feedsOthers = plan.codec?.copiesFrames == false
        do {
            let worker = try WorkerThread("enc\(plan.port)-encode", isBatch: isBatch && !feedsOthers) {
                var worker = EncodeWorker(session: self, rulesOver: self.opener?.keys)
                worker.run()
            }
            threads.withLock { $0.append(worker) }
            let callback = try WorkerThread("enc\(plan.port)-callback", isBatch: isBatch) {
                var worker = CallbackWorker(session: self, encoder: encoder, first: first)
                worker.run()
                self.finish(afterWorker: worker, mustWrite: encoder is VideoEncoder)
                encoder.didFinish()
            }
            threads.withLock { $0.append(callback) }
        } catch {
            frames.discard()
            packets.discard()
            closeOpener()
            throw error
        }
    }

    // MARK: Called by the encoder

    /// Throws when the caller runs on a thread that the call would wait for.
    func refuseOwnThreads(_ operation: String) throws(CameraError) {
        if isOwnThread {
            throw CameraError(
                .wouldDeadlock, operation, reason: "it was called from the encoder's own thread, which it waits for")
        }
    }

    /// Whether the caller runs on a thread of the session.
    var isOwnThread: Bool {
        threads.withLock { $0.contains(where: \.isCurrent) } || opener?.isCurrentThread == true
    }

    var isFinished: Bool { outcome.withLock { $0.isFinished } }

    var error: CameraError? { outcome.withLock { $0.error } }

    /// Waits for the end; see ``Encoder/wait(timeout:)``.
    func wait(until deadline: Timestamp?) throws(CameraError) -> RecordingState {
        try outcome.wait(until: deadline) { (outcome) throws(CameraError) -> RecordingState? in
            guard outcome.isTold, outcome.isFinished else { return nil }
            if let error = outcome.error { throw error }
            return .ended
        } ?? .running
    }

    /// Suspends the task until the session has ended, a moment comes, or the task is cancelled.
    func suspend(until deadline: Timestamp?) async {
        let call = WakeUpCall()
        // In this order: an end in between is heard of.
        listeners.withLock { $0.append(call) }
        if !outcome.withLock({ $0.isFinished && $0.isTold }) {
            if let deadline { await call.wait(until: deadline) } else { await call.wait() }
        }
        listeners.withLock { $0.removeAll { $0 === call } }
    }

    private func wakeListeners() {
        for call in listeners.withLock({ $0 }) { call.call() }
    }

    /// Ends the session: what was taken is encoded and written.
    ///
    /// - Throws: The first error, or `.timedOut` when the outputs did not take the rest in time.
    func stop(timeout: Duration) throws(CameraError) {
        // In this order: who attaches the queue meanwhile sees that it has ended, and detaches it.
        frames.end(.closed)
        parent.router.detach(frames)
        let isDone =
            outcome.wait(until: .deadline(after: timeout)) { $0.isFinished && $0.isTold ? true : nil } ?? false
        if !isDone {
            let error = errorOfWhatIsStuck(for: timeout)
            abandon(error)
            closeOpener()
            closeDesk(error)
        }
        if let error = outcome.withLock({ $0.error ?? $0.lateError }) { throw error }
    }

    /// What to say of the part that does not come to its end.
    private func errorOfWhatIsStuck(for time: Duration) -> CameraError {
        if let error = watch.error { return error }
        if let name = opener?.opening { return .nextFileStuck(name, for: time) }
        return CameraError(
            .timedOut, "stopping the recording", subject: plan.codec?.name,
            reason: "the frames that were taken were not encoded within \(time); the rest is lost")
    }

    /// Ends the recording without what waits for a part that is stuck.
    private func abandon(_ error: CameraError) {
        fail(error)
        packets.discard()
        outcome.update { $0.isFinished = true }
        wakeListeners()
    }

    /// Ends it from a thread that must not wait for a disk.
    private func abandonWithoutWaiting(_ error: CameraError) {
        abandon(error)
        do {
            _ = try WorkerThread("enc\(plan.port)-abandon") {
                self.closeOpener()
                self.closeDesk(error)
            }
        } catch {
            // Files that were opened ahead stay: where there is no thread to be had, the program has other troubles.
        }
    }

    /// Leaves a ticket for the next frame.
    func enqueue(_ ticket: SplitTicket) throws(CameraError) {
        let refusal = desk.withLock { desk -> CameraError? in
            let refusal = desk.adopt(ticket)
            if refusal == nil { desk.tickets.append(ticket) }
            return refusal
        }
        if let refusal {
            ticket.fail(refusal)
            throw refusal
        }
    }

    func requestKeyFrame() {
        desk.withLock { $0.wantsKeyFrame = true }
    }

    /// Changes the bit rate from the next frame on.
    func setBitRate(_ bitRate: Int, timeout: Duration) throws(CameraError) {
        let change = BitRateChange(to: bitRate)
        let refusal = desk.withLock { desk in
            if desk.closed == nil { desk.bitRates.append(change) }
            return desk.closed
        }
        if let refusal { throw refusal }
        try change.wait(until: .deadline(after: timeout))
    }

    /// Leaves frames out until ``resume()``; nothing happens to a session that is paused or has ended.
    func pause() {
        pausing.withLock { _ in
            if frames.pause() { parent.router.detach(frames) }
        }
    }

    /// Takes frames again; nothing happens to a session that is not paused.
    func resume() {
        pausing.withLock { _ in
            guard frames.resume() else { return }
            parent.router.attachOrFinish([frames])
            // One that has ended meanwhile would never be detached.
            if frames.ending != nil { parent.router.detach(frames) }
        }
    }

    var statistics: EncoderStatistics {
        var statistics = meter.withLock { $0.statistics }
        statistics.codec = plan.codec?.name
        statistics.profile = StreamProfile.name(in: stream.parameterSets, of: plan.stream.format)
        let counts = frames.counts
        statistics.framesReceived = counts.received
        statistics.framesDropped += counts.dropped
        statistics.packetsDropped += packets.discarded
        statistics.frameQueueDepth = frames.depth
        (statistics.packetQueueDepth, statistics.packetQueueBytes) = packets.depth
        return statistics
    }

    // MARK: Called by the two threads

    /// What outputs are told; of a camera's own stream the parameter sets are known from the first picture on.
    var stream: StreamDescription {
        guard let codec = plan.codec as? PassThroughCodec else { return plan.stream }
        var stream = plan.stream
        stream.parameterSets = codec.parameterSets
        return stream
    }

    /// What opens the files of the rule; nil without one, and after the end.
    var opener: NextFileOpener? { openerHolder.withLock { $0 } }

    /// Stores the first error, tells of it, and takes no more frames: the session ends, and then those who wait hear of it.
    func fail(_ error: CameraError) {
        defer { frames.discard() }
        let isFirst = outcome.withLock { outcome in
            guard outcome.error == nil, !outcome.isFinished else { return false }
            (outcome.error, outcome.isTold) = (error, false)
            return true
        }
        guard isFirst else { return }
        parent.report(.recordingFailed(port: plan.port, error))
        outcome.update { $0.isTold = true }
        wakeListeners()
    }

    /// Notes an error of a file that the recording has left already.
    func noteLateError(_ error: CameraError) {
        keepLateError(error)
        parent.report(.outputFailed(port: plan.port, error))
    }

    /// Keeps the first error that does not end the recording, for its end.
    func keepLateError(_ error: CameraError) {
        outcome.withLock { outcome in
            if outcome.lateError == nil { outcome.lateError = error }
        }
    }

    /// Takes a packet from the codec; waits while the outputs are behind.
    func deliver(_ result: Result<EncodedFrame, CameraError>) {
        switch result {
        case .failure(let error):
            fail(error)
        case .success(let picture):
            if let reason = picture.loss { return noteLost(picture.index, reason) }
            let known = timeline.withLock { timeline -> (Timeline.Entry, Duration)? in
                guard let entry = timeline.remove(at: picture.index) else { return nil }
                return (entry, timeline.timestamp(of: picture.decodeIndex))
            }
            guard let (entry, decodeTimestamp) = known else {
                return fail(
                    CameraError(.codec, "encoding", reason: "the codec gave a packet for no frame (\(picture.index))"))
            }
            meter.withLock { meter in
                meter.noteEncoded(
                    picture.bytes.count, startsFile: entry.ticket?.keys.contains(.frame) == true,
                    time: .now - entry.taken)
            }
            var info = PacketInfo(
                index: entry.place, type: picture.type, timestamp: entry.timestamp, decodeTimestamp: decodeTimestamp,
                sensorTime: entry.info.timestamp, wallTime: entry.info.wallTime,
                headerByteCount: picture.headerByteCount, metadata: entry.info.metadata)
            info.lineage = picture.lineage
            packets.push(
                PacketQueue.Item(
                    packet: Packet(bytes: picture.bytes, info: info), arrival: entry.arrival, ticket: entry.ticket,
                    motion: entry.motion))
        }
    }

    /// Counts a frame that the codec lost; what it was to begin begins with the next one.
    private func noteLost(_ index: Int64, _ reason: CameraError) {
        let entry = timeline.withLock { $0.remove(at: index) }
        meter.withLock { $0.noteLostByCodec() }
        frames.replace()
        desk.withLock { desk in
            desk.wantsKeyFrame = true
            if let ticket = entry?.ticket { desk.returned.append(ticket) }
        }
        parent.report(.picturesLost(port: plan.port, reason))
    }

    /// Winds up on the callback thread, after its last packet.
    private func finish(afterWorker worker: CallbackWorker, mustWrite: Bool) {
        var worker = worker
        parent.router.detach(frames)
        // An encoder that has what it wanted, or an output that failed, leaves frames behind.
        frames.discard()
        packets.discard()
        let opener = closeOpener()
        threads.withLock { $0[0] }.join()
        if let opener { watch.during(.nextFile(opener.opening)) { opener.join() } }
        for (key, output) in outputs.withLock({ $0 }) {
            do {
                try worker.close(output, key: key)
            } catch {
                fail(error)
            }
        }
        do {
            if try !worker.syncing.check(until: .now + parent.stopTimeout) {
                let reason = "the disk did not take them within \(parent.stopTimeout)"
                fail(CameraError(.timedOut, "syncing the files to the disk", reason: reason))
            }
        } catch {
            fail(error)
        }
        if case .failed(let error) = frames.ending { fail(error) }
        if mustWrite, let error = emptiness { fail(error) }
        let isSourceEnd = if case .sourceEnded = frames.ending { true } else { false }
        let isLimitReached = if case .limitReached = frames.ending { true } else { false }
        closeDesk(error ?? CameraError(isSourceEnd ? .sourceEnded : .notRecording, "splitting the recording"))
        // Told before those who wait hear of the end: they may close the camera, and with it its events.
        let isEnded = outcome.withLock { !$0.isFinished && $0.error == nil }
        if isEnded, isSourceEnd || isLimitReached { parent.report(.recordingEnded(port: plan.port)) }
        outcome.update { $0.isFinished = true }
        wakeListeners()
    }

    /// Why no picture was written; nil when one was, and when the recording was stopped before a frame came.
    private var emptiness: CameraError? {
        let counts = statistics
        guard counts.packetsWritten == 0 else { return nil }
        let (operation, name) = ("recording", parent.router.source.name)
        if counts.framesReceived == 0 {
            guard case .sourceEnded = frames.ending else { return nil }
            return CameraError(.sourceEnded, operation, subject: name, reason: "it ended before its first frame")
        }
        if let damage = latestDamage.withLock(\.self) {
            return CameraError(
                .corruptData, operation, subject: name,
                reason: "no picture was written, since \(counts.framesDamaged) of the \(counts.framesReceived) that "
                    + "came could not be decoded",
                underlying: damage)
        }
        let isWaiting = plan.codec?.makesKeyFrames == false && counts.framesDropped > 0
        return CameraError(
            .codec, operation, subject: name,
            reason: "no picture was written of \(counts.framesReceived) that came"
                + (isWaiting ? ", since none of them was a key frame; record for longer" : ""))
    }

    @discardableResult
    private func closeOpener() -> NextFileOpener? {
        let opener = openerHolder.withLock { $0.take() }
        opener?.close()
        return opener
    }

    /// Refuses further tickets and ends those that lead nowhere.
    private func closeDesk(_ error: CameraError) {
        let (tickets, bitRates) = desk.withLock { desk in
            if desk.closed == nil { desk.closed = error }
            defer { (desk.open, desk.bitRates) = ([], []) }
            return (desk.open, desk.bitRates)
        }
        for ticket in tickets { ticket.fail(error) }
        for change in bitRates { change.fail(error) }
    }
}

/// Whether a recording goes on.
public enum RecordingState: Hashable, Sendable {
    /// It goes on, or is paused.
    case running
    /// It has ended without an error: its source did, or it has all the pictures it was to take.
    case ended
}
