// SPDX-License-Identifier: MIT

internal import CameraCore

/// The encode worker's loop: takes frames, decides on cuts, converts, and drives the codec.
struct EncodeWorker {
    private let session: EncodingSession
    /// What the rule gives new files to; nil without a rule.
    private let ruleKeys: Set<OutputKey>?
    private var schedule: SplitSchedule?
    /// Nil where the codec makes a key frame of any frame.
    private var finder: KeyFrameFinder?
    /// Nil where no motion vectors are recorded.
    private var tracker: MotionTracker?
    private var damage: DamageWatch
    private var clock: SteadyClock
    /// Memory for raw pictures that must be copied.
    private let rawPictures = BytePool()
    private var counter: FrameCounter
    /// Frames that were taken out of the queue and not left out as damaged.
    private var taken = 0
    /// Frames that entered the codec: the number of the next one.
    private var entered: Int64 = 0
    /// Frames that could not be decoded since the last one that could.
    private var undecodable = 0

    init(session: EncodingSession, rulesOver keys: Set<OutputKey>?) {
        self.session = session
        ruleKeys = keys
        self.schedule = session.plan.rule.map(SplitSchedule.init)
        let (parent, port) = (session.parent, session.plan.port)
        self.damage = DamageWatch(parent.router) { [weak parent] count, error in
            parent?.report(.picturesDamaged(port: port, count: count, error))
        }
        let source = parent.router.source
        let frameRate = source.streams[session.plan.sourceStream].frameRate
        self.clock = SteadyClock(frameRate: frameRate, canWait: source.canWait)
        self.counter = FrameCounter(interval: frameRate.interval)
        if session.plan.codec?.makesKeyFrames == false {
            self.finder = KeyFrameFinder(source: source, frameRate: frameRate)
        }
        if session.outputs.withLock({ $0[.motion] != nil }) { self.tracker = MotionTracker(session.plan.input) }
    }

    /// Runs until the frames end, all that are wanted are there, or something fails; all packets have been handed on then.
    mutating func run() {
        do {
            while !isComplete, let item = session.frames.take() { try encode(item) }
            if isComplete {
                // In this order: a source that waits gives no frame that nobody takes.
                session.parent.router.detach(session.frames)
                session.frames.end(.limitReached)
            }
            try session.plan.codec?.drain()
        } catch {
            session.fail(error)
        }
        endUndecodable()
        session.plan.codec?.close()
        damage.finish()
        session.meter.withLock { $0.noteLost(taken - $0.answered) }
        session.packets.close()
    }

    /// Whether as many frames are in the codec as pictures are wanted.
    private var isComplete: Bool {
        let limit = session.plan.frameLimit
        return limit < .max && Int(entered) - session.meter.withLock(\.lost) >= limit
    }

    private mutating func encode(_ item: FrameQueue.Item) throws(CameraError) {
        let start = Timestamp.now
        let time = clock.advance(to: item.frame.info, arrival: item.arrival)
        session.meter.withLock { $0.note(time) }
        guard try isUsable(item.frame, at: time.info.timestamp) else { return }
        taken += 1
        let prepared: Frame
        do {
            prepared = try session.plan.input.prepare(
                item.frame, style: session.parent.style(ofPort: session.plan.port))
            damage.noteUsable(item.arrival)
        } catch {
            guard let fault = error.pictureFault else { throw error }
            taken -= 1
            session.meter.withLock { $0.noteDamaged(fault.kind) }
            session.latestDamage.withLock { $0 = error }
            session.frames.replace()
            return try damage.noteDamaged(error, item.arrival)
        }
        let (elapsed, place) = counter.advance(to: time.info, closesGap: item.followsPause)
        changeBitRate()
        var (ticket, wantsKeyFrame) = takeOrders(for: item.frame, at: time.info.timestamp, elapsed: elapsed)
        // What was before a pause has little to do with what comes after it.
        if item.followsPause, finder == nil { wantsKeyFrame = true }
        if tracker == nil, ticket?.keys.contains(.motion) == true { tracker = MotionTracker(session.plan.input) }
        let motion = try tracker?.record(of: prepared)
        let entry = Timeline.Entry(
            info: time.info, place: place,
            timestamp: session.parent.clockMode == .raw
                ? .nanoseconds(time.info.timestamp.nanoseconds) : elapsed,
            arrival: item.arrival, taken: start, ticket: ticket, motion: motion)
        guard session.timeline.withLock({ $0.insert(entry, at: entered) }) else {
            let error = CameraError(
                .codec, "encoding", reason: "the codec kept \(Timeline.capacity) frames without giving a packet")
            throw error
        }
        let number = entered
        entered += 1
        if let codec = session.plan.codec {
            try codec.encode(prepared, index: number, asKeyFrame: ticket != nil || wantsKeyFrame)
        } else {
            let bytes = try session.rawBytes(of: prepared, from: rawPictures)
            session.deliver(.success(EncodedFrame(bytes: bytes, type: .key, index: number)))
        }
    }

    /// Does what callers asked of the codec's bit rate.
    private func changeBitRate() {
        let changes = session.desk.withLock { desk in
            defer { desk.bitRates = [] }
            return desk.bitRates
        }
        for change in changes { change.perform(on: session.plan.codec) }
    }

    /// Counts a frame that cannot be decoded since another is missing.
    private mutating func isUsable(_ frame: Frame, at time: Timestamp) throws(CameraError) -> Bool {
        guard let wasWaiting = finder?.isWaiting else { return true }
        do {
            if try finder?.admits(frame, at: time) != false {
                endUndecodable()
                return true
            }
        } catch {
            session.meter.withLock { $0.noteDropped() }
            throw error
        }
        session.frames.replace()
        session.meter.withLock { $0.noteDropped() }
        // Before the first key frame nothing is missing, and what is left out behind a cut is as the camera has it.
        guard entered > 0, finder?.isWaiting == true else { return false }
        undecodable += 1
        if !wasWaiting { session.parent.report(.framesDropped(port: session.plan.port, total: totalDropped)) }
        return false
    }

    private var totalDropped: Int { session.meter.withLock(\.dropped) + session.frames.counts.dropped }

    /// Tells how many frames were left out, when that is over.
    private mutating func endUndecodable() {
        guard undecodable > 0 else { return }
        session.parent.report(
            .droppingEnded(port: session.plan.port, count: undecodable, total: totalDropped))
        undecodable = 0
    }

    /// What callers and the rule want of this frame; the first one always goes to the first output.
    private mutating func takeOrders(
        for frame: Frame, at time: Timestamp, elapsed: Duration
    ) -> (SplitTicket?, Bool) {
        defer { schedule?.noteFrame() }
        if entered == 0 { return (nil, false) }
        if finder != nil {
            guard frame.isKeyFrame else {
                if isKeyFrameWanted(elapsed: elapsed) { finder?.ask(at: time) }
                return (nil, false)
            }
            // It came by itself: nothing is to be made of it.
            session.desk.withLock { $0.wantsKeyFrame = false }
        }
        var (ticket, wantsKeyFrame) = session.desk.withLock { desk in
            defer { desk.wantsKeyFrame = false }
            return (desk.returned.popFirst() ?? desk.tickets.popFirst(), desk.wantsKeyFrame)
        }
        if ticket == nil { ticket = ruleTicket(elapsed: elapsed) }
        if ticket?.keys.contains(.frame) == true {
            schedule?.noteCut(elapsed: elapsed)
            finder?.noteCut(at: frame)
        }
        return (ticket, wantsKeyFrame)
    }

    private mutating func isKeyFrameWanted(elapsed: Duration) -> Bool {
        if session.desk.withLock({ $0.wantsKeyFrame || !$0.tickets.isEmpty }) { return true }
        return isCutDue(elapsed: elapsed)
    }

    private mutating func isCutDue(elapsed: Duration) -> Bool {
        let (isMissed, mayCut) = session.rule.withLock { ($0.takeMissed(), $0.mayCut(at: elapsed)) }
        if isMissed { schedule?.noteMissedCut() }
        guard mayCut, let schedule else { return false }
        return schedule.isDue(elapsed: elapsed, bytesInFile: session.meter.withLock { $0.bytesInFile })
    }

    private mutating func ruleTicket(elapsed: Duration) -> SplitTicket? {
        guard let ruleKeys, isCutDue(elapsed: elapsed) else { return nil }
        let ticket = SplitTicket(keys: ruleKeys, ruleTime: elapsed)
        if let refusal = session.desk.withLock({ $0.adopt(ticket) }) { ticket.fail(refusal) }
        return ticket
    }
}

/// Follows the numbers of a recording's frames.
private struct FrameCounter {
    private var start: Timestamp?
    private var last: FrameInfo?
    private var place: Int64 = 0
    private let interval: Duration

    /// - Parameter interval: From frame to frame, as after a pause.
    init(interval: Duration) {
        self.interval = interval
    }

    /// Where a frame stands in the recording: the time since the first one, and its place among them, lost ones included.
    ///
    /// - Parameters:
    ///   - info: The frame.
    ///   - closesGap: Whether the recording was paused before it: then it follows the one before like any other.
    /// - Returns: The time, and the place.
    mutating func advance(to info: FrameInfo, closesGap: Bool) -> (elapsed: Duration, place: Int64) {
        if let last {
            place += closesGap ? 1 : SequenceGap.step(from: last.sequence, to: info.sequence)
            if closesGap, let start { self.start = start + max(info.timestamp - last.timestamp - interval, .zero) }
        }
        last = info
        let start = start ?? info.timestamp
        self.start = start
        return (info.timestamp - start, place)
    }
}
