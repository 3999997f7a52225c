// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraOutputs

/// The encode worker's loop: takes frames, decides on cuts, converts, and drives the codec.
struct EncodeWorker {
    private let session: EncodingSession
    /// Makes a codec whose first frame has this number.
    private let makeRun: (Int64) throws(CameraError) -> CodecRun
    /// The codec at work; nil while the camera is away.
    private var run: CodecRun?
    /// The outputs that are opened anew for each file; nil where the recording has one file.
    private let namedKeys: Set<OutputKey>?
    private var schedule: SplitSchedule?
    /// Nil where the codec can encode any frame as a key frame.
    private var finder: KeyFrameFinder?
    /// Nil where no motion vectors are recorded.
    private var tracker: MotionTracker?
    private var recordsMotion: Bool
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
    /// The bit rate that callers asked for last.
    private var bitRate: Int?
    /// The file behind which a cut was asked for, since it is nearly as large as it can be.
    private var fullFile: FileOutput?
    /// Whether the files were ended, so that the next frame begins new ones.
    private var mustOpenFiles = false

    init(
        session: EncodingSession, naming keys: Set<OutputKey>?,
        makeRun: @escaping (Int64) throws(CameraError) -> CodecRun
    ) {
        self.session = session
        self.makeRun = makeRun
        namedKeys = keys
        recordsMotion = session.outputs.withLock { $0[.motion] != nil }
        self.schedule = session.plan.rule.map(SplitSchedule.init)
        let (parent, port) = (session.parent, session.plan.port)
        self.damage = DamageWatch(parent.router) { [weak parent] count, error in
            parent?.report(.picturesDamaged(splitterPort: port, count: count, error))
        }
        let source = parent.router.source
        let frameRate = session.plan.frameRate
        self.clock = SteadyClock(frameRate: frameRate, canWait: source.canWait)
        self.counter = FrameCounter(interval: frameRate.interval)
        if let run = session.run { use(run) }
    }

    /// Gets ready for the frames of a codec.
    private mutating func use(_ run: CodecRun) {
        self.run = run
        if run.findsKeyFrames {
            finder = KeyFrameFinder(source: session.parent.router.source, frameRate: session.plan.frameRate)
        }
        tracker = recordsMotion ? MotionTracker(run.input) : nil
    }

    /// Runs until the frames end, all that are wanted are there, or something fails; all packets have been handed on then.
    mutating func work() {
        do {
            while !isComplete, let entry = session.frames.take() {
                switch entry {
                case .frame(let item): try encode(item)
                case .absence: try interrupt()
                }
            }
            if isComplete {
                // In this order: a source that waits gives no frame that nobody takes.
                session.parent.router.detach(session.frames)
                session.frames.end(.limitReached)
            }
            try run?.codec?.drain()
        } catch {
            session.fail(error)
        }
        endUndecodable()
        run?.codec?.close()
        damage.finish()
        session.meter.withLock { $0.noteLost(taken - $0.framesOut) }
        session.packets.close()
    }

    /// Whether as many frames are in the codec as pictures are wanted.
    private var isComplete: Bool {
        let limit = session.plan.frameLimit
        return limit < .max && Int(entered) - session.meter.withLock(\.lost) >= limit
    }

    /// Ends the codec and the files, since the camera went away.
    private mutating func interrupt() throws(CameraError) {
        guard let run else { return }
        try run.codec?.drain()
        run.codec?.close()
        self.run = nil
        mustOpenFiles = true
        endUndecodable()
        session.packets.push(.absence)
    }

    /// Makes a codec for the frames that come after an absence.
    private mutating func resume() throws(CameraError) {
        do throws(CameraError) {
            let run = try makeRun(entered)
            session.begin(run)
            use(run)
            // It could be changed before; where it cannot be now, the pictures are worth more than their bit rate.
            if let bitRate { try? run.codec?.setBitRate(bitRate) }
        } catch {
            // The frame that was to be the first.
            session.meter.withLock { $0.noteDropped() }
            throw error
        }
    }

    private mutating func encode(_ item: FrameQueue.Item) throws(CameraError) {
        let start = Timestamp.now
        if run == nil { try resume() }
        guard let run else { return }
        let time = clock.advance(to: item.frame.info, arrival: item.arrival)
        session.meter.withLock { $0.note(time) }
        guard try isUsable(item.frame, at: time.info.timestamp) else { return }
        taken += 1
        let prepared: Frame
        do {
            prepared = try run.input.prepare(
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
        changeBitRate(of: run)
        var (ticket, wantsKeyFrame) = requests(for: item.frame, at: time.info.timestamp, elapsed: elapsed)
        // What was before a pause has little to do with what comes after it.
        if item.followsPause, finder == nil { wantsKeyFrame = true }
        if tracker == nil, ticket?.keys.contains(.motion) == true {
            recordsMotion = true
            tracker = MotionTracker(run.input)
        }
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
        if entry.startsFile { session.meter.withLock { $0.noteCut() } }
        let number = entered
        entered += 1
        if let codec = run.codec {
            try codec.encode(prepared, index: number - run.base, asKeyFrame: ticket != nil || wantsKeyFrame)
        } else {
            let bytes = try session.rawBytes(of: prepared, from: rawPictures)
            session.deliver(.success(EncodedFrame(bytes: bytes, type: .key, index: number)), from: 0)
        }
    }

    /// Does what callers asked of the codec's bit rate.
    private mutating func changeBitRate(of run: CodecRun) {
        let changes = session.requests.withLock { requests in
            defer { requests.bitRates = [] }
            return requests.bitRates
        }
        for change in changes where change.perform(on: run.codec) { bitRate = change.bitRate }
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
        if !wasWaiting { session.parent.report(.framesDropped(splitterPort: session.plan.port, total: totalDropped)) }
        return false
    }

    private var totalDropped: Int { session.meter.withLock(\.dropped) + session.frames.counts.dropped }

    /// Tells how many frames were left out, when that is over.
    private mutating func endUndecodable() {
        guard undecodable > 0 else { return }
        session.parent.report(
            .droppingEnded(splitterPort: session.plan.port, count: undecodable, total: totalDropped))
        undecodable = 0
    }

    /// What callers and the rule want of this frame; the first one always goes to the first output.
    private mutating func requests(
        for frame: Frame, at time: Timestamp, elapsed: Duration
    ) -> (SplitTicket?, Bool) {
        defer { schedule?.noteFrame() }
        if mustOpenFiles {
            mustOpenFiles = false
            schedule?.noteCut(elapsed: elapsed)
            finder?.noteCut(at: frame)
            return (namedKeys.map { adopted(SplitTicket(keys: $0, ruleTime: elapsed)) }, false)
        }
        if entered == 0 { return (nil, false) }
        if finder != nil {
            guard frame.isKeyFrame else {
                if isKeyFrameWanted(elapsed: elapsed) { finder?.ask(at: time) }
                return (nil, false)
            }
            // The camera made this key frame, so that a request for one is met.
            session.requests.withLock { $0.wantsKeyFrame = false }
        }
        var (ticket, wantsKeyFrame) = session.requests.withLock { requests in
            defer { requests.wantsKeyFrame = false }
            return (requests.returned.popFirst() ?? requests.tickets.popFirst(), requests.wantsKeyFrame)
        }
        if ticket == nil { ticket = ruleTicket(elapsed: elapsed) }
        if ticket?.keys.contains(.frame) == true {
            schedule?.noteCut(elapsed: elapsed)
            finder?.noteCut(at: frame)
        }
        return (ticket, wantsKeyFrame)
    }

    private mutating func isKeyFrameWanted(elapsed: Duration) -> Bool {
        if session.requests.withLock({ $0.wantsKeyFrame || !$0.tickets.isEmpty }) { return true }
        return isCutDue(elapsed: elapsed)
    }

    private mutating func isCutDue(elapsed: Duration) -> Bool {
        let (isMissed, mayCut) = session.rule.withLock { ($0.takeMissed(), $0.mayCut(at: elapsed)) }
        if isMissed {
            schedule?.noteMissedCut()
            fullFile = nil
        }
        guard mayCut else { return false }
        if nearlyFullFile != nil || session.requests.withLock(\.wantsNextFile) { return true }
        return schedule?.isDue(elapsed: elapsed, bytesInFile: session.meter.withLock { $0.bytesInFile }) ?? false
    }

    /// The file that is nearly as large as it can be and has another behind it, unless a cut was asked for already.
    private var nearlyFullFile: FileOutput? {
        guard namedKeys?.contains(.frame) == true, let output = session.outputs.withLock({ $0[.frame]?.output }),
            output.isNearlyFull(besides: session.packets.depth.bytes), output.file !== fullFile
        else { return nil }
        return output.file
    }

    private mutating func ruleTicket(elapsed: Duration) -> SplitTicket? {
        guard let namedKeys, isCutDue(elapsed: elapsed) else { return nil }
        session.requests.withLock { $0.wantsNextFile = false }
        if let file = nearlyFullFile { fullFile = file }
        return adopted(SplitTicket(keys: namedKeys, ruleTime: elapsed))
    }

    /// A ticket that ends with the session at the latest.
    private func adopted(_ ticket: SplitTicket) -> SplitTicket {
        if let refusal = session.requests.withLock({ $0.adopt(ticket) }) { ticket.fail(refusal) }
        return ticket
    }
}
