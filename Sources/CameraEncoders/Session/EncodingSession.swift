// SPDX-License-Identifier: MIT

internal import CameraCodecs
internal import CameraCore
internal import CameraOutputs
internal import Synchronization

/// One run of an encoder, from start to stop: its queues, its two threads and how it ended.
///
/// Each start makes a new one, so that an output that was abandoned cannot disturb what comes after.
final class EncodingSession: Sendable {
    /// The most bytes of packets that may wait for the outputs while the source waits for room.
    private static let waitingQueueBytes = 4 << 20

    /// What a session works by; fixed from its start.
    struct Plan {
        let port: Int
        /// Whether it is a recording, whose end events tell; that of a capture is told to the caller alone.
        let isRecording: Bool
        /// The format that is written.
        let format: MediaFormat
        /// The camera's stream that frames come from.
        let sourceStream: Int
        /// The nominal rate of its frames.
        let frameRate: FrameRate
        /// Whether each file gets the parameter sets in front of its first packet by us.
        let addsHeaders: Bool
        let rule: SplitRule?
        let frameLimit: Int
        /// The time after which the session ends by itself; nil for no end.
        let durationLimit: Duration?
        /// Frames with an earlier time are left out; nil to begin with the next one.
        let start: Timestamp?
        /// Whether a camera that goes away is waited for.
        let waitsForReturn: Bool
        let packetQueueBytes: Int
        let packetQueueDuration: Duration
        /// Keeps room on the disk for the files.
        let keeper: (any DiskKeeper)?
    }

    let plan: Plan
    let parent: EncoderParent
    let frames: FrameQueue
    let packets: PacketQueue
    let outputs: Mutex<[OutputKey: OutputInUse]>
    let requests = Mutex(SessionRequests())
    let added = Mutex(AddedOutputs())
    let rule = Mutex(RuleProgress())
    let timeline: Mutex<Timeline>
    let meter: Mutex<Meter>
    let watch: OutputWatch
    let latestFrame = Mutex<VideoFrame?>(nil)
    /// What was wrong with the last picture that could not be decoded.
    let latestDamage = Mutex<CameraError?>(nil)
    /// Whether the encoder got all the pictures it wanted.
    let isComplete = Mutex(false)
    let outcome = Monitor(Outcome())
    /// The codec at work, or the last one.
    private let codecRun = Mutex<CodecRun?>(nil)
    /// One caller pauses or resumes at a time.
    let pausing = Mutex(())
    let threads = Mutex<[WorkerThread]>([])
    private let openerHolder = Mutex<NextFileOpener?>(nil)

    /// How the session ended, or what went wrong.
    struct Outcome {
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
            timeLimit: plan.durationLimit.map { TimeLimit($0, frameRate: stream.frameRate, canWait: canWait) },
            from: plan.start, waitsForReturn: plan.waitsForReturn, onRoom: { router.roomAvailable() },
            onDrop: { [weak parent] dropping in
                switch dropping {
                case .began(let total): parent?.report(.framesDropped(splitterPort: port, total: total))
                case .ended(let count, let total):
                    parent?.report(.droppingEnded(splitterPort: port, count: count, total: total))
                }
            },
            onEnd: { watch.noteEnd() })
        let packetBytes = canWait ? min(plan.packetQueueBytes, Self.waitingQueueBytes) : plan.packetQueueBytes
        self.packets = PacketQueue(byteLimit: packetBytes, durationLimit: plan.packetQueueDuration)
        self.meter = Mutex(Meter(interval: plan.frameRate.interval))
        self.timeline = Mutex(Timeline(interval: plan.frameRate.interval))
        watch.begin(
            onSlow: { [weak parent] time in parent?.report(.outputSlow(splitterPort: port, time)) },
            onStuck: { [weak self] error in self?.abandonWithoutWaiting(error) })
    }

    /// The codec at work, or the last one; nil before the first.
    var run: CodecRun? { codecRun.withLock { $0 } }

    /// Takes a codec for the frames that come from now on.
    func begin(_ run: CodecRun) { codecRun.withLock { $0 = run } }

    /// Starts the threads; frames come once ``frames`` is attached to the router.
    ///
    /// - Parameters:
    ///   - encoder: The encoder whose hooks are called; kept until the session has ended.
    ///   - names: Names the files of the rule, and the first ones again once their first picture is there.
    ///   - first: The names of the files that are open.
    /// - Throws: `.system` when the kernel gives no more threads.
    func launch(
        _ encoder: CameraEncoder, names: (any NextFileNames)?, first: NextFiles?
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
        let feedsOthers = run?.codec?.copiesFrames == false
        do {
            let worker = try WorkerThread("enc\(plan.port)-encode", isBatch: isBatch && !feedsOthers) {
                var worker = EncodeWorker(session: self, naming: self.opener?.keys) { base throws(CameraError) in
                    try encoder.makeRun(for: self, base: base)
                }
                worker.work()
            }
            threads.withLock { $0.append(worker) }
            let callback = try WorkerThread("enc\(plan.port)-callback", isBatch: isBatch) {
                var worker = CallbackWorker(session: self, encoder: encoder, first: first)
                worker.run()
                self.finish(afterWorker: worker)
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

    /// Waits for the end; see ``CameraEncoder/wait(timeout:)``.
    func wait(until deadline: Timestamp?) throws(CameraError) -> RecordingState {
        try outcome.wait(until: deadline) { (outcome) throws(CameraError) -> RecordingState? in
            guard outcome.isTold, outcome.isFinished else { return nil }
            if let error = outcome.error { throw error }
            return .ended
        } ?? .running
    }

    /// Suspends the task until the session has ended, a moment comes, or the task is cancelled.
    func suspend(until deadline: Timestamp?) async {
        _ = await outcome.suspend(until: deadline) { $0.isTold && $0.isFinished ? true : nil }
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
            closeRequests(error)
        }
        if let error = outcome.withLock({ $0.error ?? $0.lateError }) { throw error }
    }

    /// What to say of the part that does not come to its end.
    private func errorOfWhatIsStuck(for time: Duration) -> CameraError {
        if let error = watch.error { return error }
        if let name = opener?.opening { return .nextFileStuck(name, for: time) }
        return CameraError(
            .timedOut, "stopping the recording", subject: run?.codec?.name,
            reason: "the frames that were taken were not encoded within \(time); the rest is lost")
    }

    /// Ends the recording without what waits for a part that is stuck.
    private func abandon(_ error: CameraError) {
        fail(error)
        packets.discard()
        plan.keeper?.end(waiting: false)
        outcome.update { $0.isFinished = true }
    }

    /// Ends it from a thread that must not wait for a disk.
    private func abandonWithoutWaiting(_ error: CameraError) {
        abandon(error)
        do {
            _ = try WorkerThread("enc\(plan.port)-abandon") {
                self.closeOpener()
                self.closeRequests(error)
            }
        } catch {
            // Files that were opened ahead stay: where there is no thread to be had, the program has other troubles.
        }
    }

    var statistics: EncoderStatistics {
        var statistics = meter.withLock { $0.statistics }
        statistics.codec = run?.codec?.name
        statistics.profile = StreamProfile.name(in: run?.stream.parameterSets ?? [], of: plan.format)
        let counts = frames.counts
        statistics.framesReceived = counts.received
        statistics.framesDropped += counts.dropped
        statistics.packetsDropped += packets.discarded
        statistics.frameQueueDepth = frames.depth
        (statistics.packetQueueDepth, statistics.packetQueueBytes) = packets.depth
        return statistics
    }

    /// Ends the thread that opens files; what it is opening is taken back.
    @discardableResult
    func closeOpener() -> NextFileOpener? {
        let opener = openerHolder.withLock { $0.take() }
        opener?.close()
        return opener
    }

    // MARK: Called by the two threads

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
        if plan.isRecording { parent.report(.recordingFailed(splitterPort: plan.port, error)) }
        outcome.update { $0.isTold = true }
    }

    /// Notes an error of a file that the recording has left already.
    func noteLateError(_ error: CameraError) {
        keepLateError(error)
        parent.report(.outputFailed(splitterPort: plan.port, error))
    }

    /// Keeps the first error that does not end the recording, for its end.
    func keepLateError(_ error: CameraError) {
        outcome.withLock { outcome in
            if outcome.lateError == nil { outcome.lateError = error }
        }
    }

    /// Takes a packet from the codec; waits while the outputs are behind.
    ///
    /// - Parameters:
    ///   - result: A picture, or why there are no more.
    ///   - base: The number of the session's frame that the codec took as its first.
    func deliver(_ result: Result<EncodedFrame, CameraError>, from base: Int64) {
        switch result {
        case .failure(let error):
            fail(error)
        case .success(let picture):
            if let reason = picture.loss { return noteLost(base + picture.index, reason) }
            let known = timeline.withLock { timeline -> (Timeline.Entry, Duration)? in
                guard let entry = timeline.remove(at: base + picture.index) else { return nil }
                return (entry, timeline.timestamp(of: base + picture.decodeIndex))
            }
            guard let (entry, decodeTimestamp) = known else {
                return fail(
                    CameraError(.codec, "encoding", reason: "the codec gave a packet for no frame (\(picture.index))"))
            }
            meter.withLock { meter in
                meter.noteEncoded(
                    picture.bytes.count, startsFile: entry.startsFile,
                    time: .now - entry.taken)
            }
            var info = PacketInfo(
                index: entry.place, type: picture.type, timestamp: entry.timestamp, decodeTimestamp: decodeTimestamp,
                sensorTime: entry.info.timestamp, wallTime: entry.info.wallTime,
                headerByteCount: picture.headerByteCount, metadata: entry.info.metadata)
            info.lineage = picture.lineage
            packets.push(
                .packet(
                    PacketQueue.Item(
                        packet: Packet(bytes: picture.bytes, info: info), arrival: entry.arrival, ticket: entry.ticket,
                        motion: entry.motion)))
        }
    }

    /// Counts a frame that the codec lost; what it was to begin begins with the next one.
    private func noteLost(_ index: Int64, _ reason: CameraError) {
        let entry = timeline.withLock { $0.remove(at: index) }
        meter.withLock { $0.noteLostByCodec(startsFile: entry?.startsFile == true) }
        frames.replace()
        requests.withLock { requests in
            requests.wantsKeyFrame = true
            if let ticket = entry?.ticket { requests.returned.append(ticket) }
        }
        parent.report(.picturesLost(splitterPort: plan.port, reason))
    }
}
