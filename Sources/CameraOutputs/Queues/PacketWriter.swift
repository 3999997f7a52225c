// SPDX-License-Identifier: MIT

package import CameraCore
internal import DequeModule

/// A queue of pictures with a thread that opens an output, writes them to it, and opens it anew where it may.
///
/// The phases are those of ``QueuedOutput/State``; the thread alone moves from one to the next. Pictures are taken in each of
/// them until ``finish()``, the moment that is set as the end, or an error that no reopening follows.
package final class PacketWriter: Sendable {
    /// What a writer works by.
    struct Plan: Sendable {
        var threadName: String
        /// What messages say was being done.
        var operation: String
        /// The output's name in messages until it is open.
        var name: String
        /// The most bytes that wait, beside those of the head.
        var byteLimit: Int
        /// The longest time from the oldest picture that waits to the newest.
        var durationLimit = Duration.seconds(1_000_000)
        var whenFull = QueuedOutput.WhenFull.dropToKeyFrame
        var reopening = Reopening.never
        /// Told of each new state, on the writer's thread.
        var onChange: @Sendable (QueuedOutput.State) -> Void = { _ in }
    }

    private let plan: Plan
    private let open: @Sendable () throws -> OpenedOutput
    private let monitor = Monitor(State())

    private struct Entry {
        let packet: Packet
        /// Whether pictures before it are missing, so that nothing after it may need them.
        let startsAnew: Bool
    }

    private struct State {
        var stream: StreamDescription?
        var queue = Deque<Entry>()
        /// Packets at the head of the queue that came from a ring: their memory is counted there.
        var headCount = 0
        /// Bytes of the packets behind the head.
        var byteCount = 0
        var needsKeyFrame = true
        /// Whether pictures that are left out now are missing from the output; what precedes its first key frame is not.
        var isLosing = false
        /// Whether the key frame that is needed is still to be asked for.
        var mustAsk = false
        var packetsDropped = 0
        /// The moment from which on no picture is wanted; nil for none.
        var end: Timestamp?
        /// When the latest of the pictures that were taken is shown.
        var latestShown: Timestamp?
        var isFinishing = false
        var isDone = false
        /// The output while it is open.
        var target: OpenedOutput?
        /// When the output took a picture last.
        var latestWrite = Timestamp.now
        var first: PacketInfo?
        var last: PacketInfo?
        var error: CameraError?
        /// What went wrong last, of an output that is opened again.
        var setback: CameraError?
        var thread: WorkerThread?

        /// Empties the queue; what was in it counts as dropped, and the caller lets go of it outside the lock.
        mutating func dropQueue() -> Deque<Entry> {
            defer { (queue, headCount, byteCount) = ([], 0, 0) }
            packetsDropped += queue.count
            return queue
        }

        /// Leaves out what comes until the next key frame, which is asked for.
        mutating func beginLosing() { (needsKeyFrame, isLosing, mustAsk) = (true, true, true) }

        /// Whether a picture is to be left out since the end has come, which is noted.
        ///
        /// All pictures that are shown before the end are taken, and none is missing between those that are: B-frames follow a
        /// picture that is shown after them.
        mutating func ends(before info: PacketInfo) -> Bool {
            guard let end else { return false }
            if let latestShown {
                guard info.sensorTime > latestShown else { return false }
                isFinishing = max(info.decodeMoment, latestShown) >= end
            } else {
                isFinishing = info.decodeMoment >= end
            }
            return isFinishing
        }

        mutating func append(_ packet: Packet, startsAnew: Bool) {
            queue.append(Entry(packet: packet, startsAnew: startsAnew))
            latestShown = max(latestShown ?? packet.info.sensorTime, packet.info.sensorTime)
        }

        mutating func takeFirst() -> Entry? {
            guard let entry = queue.popFirst() else { return nil }
            if headCount > 0 { headCount -= 1 } else { byteCount -= entry.packet.bytes.count }
            return entry
        }
    }

    /// Makes a writer; nothing runs before ``start()``.
    ///
    /// - Parameters:
    ///   - plan: What it works by.
    ///   - open: Opens the output, on the writer's thread; called again where the plan says so.
    init(_ plan: Plan, open: @escaping @Sendable () throws -> OpenedOutput) {
        self.plan = plan
        self.open = open
    }

    /// The output's name for messages.
    var name: String { plan.name }
    /// How messages call what it may wait for.
    var awaited: String { monitor.withLock { $0.target }?.awaited ?? name }
    /// Packets that were left out because the output was too slow, failed or was not there.
    var packetsDropped: Int { monitor.withLock { $0.packetsDropped } }
    /// What ended the writing early.
    package var error: CameraError? { monitor.withLock { $0.error } }
    /// Why nothing was written at all; nil when something was.
    var emptiness: CameraError? { monitor.withLock { $0.first == nil ? $0.setback : nil } }
    /// Whether the thread writes no more, or was given up.
    var isDone: Bool { monitor.withLock { $0.isDone } }
    /// Whether the caller runs on the writer's thread.
    var isCurrentThread: Bool { monitor.withLock { $0.thread }?.isCurrent ?? false }

    /// Starts the thread; it opens the output and waits for packets.
    func start() throws(CameraError) {
        let thread = try WorkerThread(plan.threadName) { self.run() }
        monitor.withLock { $0.thread = thread }
    }

    /// Tells what the packets belong to that come from now on; those of another recording do not follow what was taken.
    func describe(_ stream: StreamDescription?) {
        monitor.update { state in
            if state.latestShown == nil { state.stream = stream } else { state.isFinishing = true }
        }
    }

    /// What the writer waits for.
    private enum Next {
        case picture(Entry, StreamDescription?)
        /// There is room again, and nothing can be written before a key frame.
        case keyFrameWanted(StreamDescription)
        case end
    }

    // MARK: Taking pictures

    /// Puts the packets of a ring at the head of the queue; without any, the next key frame is the first.
    func putHead(_ packets: [Packet]) {
        monitor.update { state in
            for (index, packet) in packets.enumerated() {
                if state.ends(before: packet.info) { break }
                state.append(packet, startsAnew: index == 0)
            }
            state.headCount = state.queue.count
            state.needsKeyFrame = packets.isEmpty
        }
    }

    /// Queues a packet, or leaves it out; once there was no room, up to the next key frame.
    ///
    /// It does not wait, unless the plan says so: then as long as the output is open and the queue is full.
    func append(_ packet: Packet) {
        guard plan.whenFull == .wait else { return monitor.update { take(packet, &$0) } }
        _ = monitor.waitAndUpdate { state -> Void? in
            let isAtWork = state.target != nil && !state.isFinishing && state.error == nil
            if isAtWork, !hasRoom(for: packet, state) { return nil }
            return take(packet, &state)
        }
    }

    /// Whether a packet may be queued; one that is larger than the limit passes when nothing else waits.
    private func hasRoom(for packet: Packet, _ state: State) -> Bool {
        guard state.byteCount > 0, let oldest = state.queue.first else { return true }
        return state.byteCount + packet.bytes.count <= plan.byteLimit
            && packet.info.sensorTime - oldest.packet.info.sensorTime <= plan.durationLimit
    }

    private func take(_ packet: Packet, _ state: inout State) {
        if state.error != nil { state.packetsDropped += 1 }
        guard !state.isFinishing, !state.ends(before: packet.info) else { return }
        let startsHere = !state.needsKeyFrame || packet.info.isKeyFrame
        if startsHere, hasRoom(for: packet, state) {
            state.append(packet, startsAnew: state.needsKeyFrame)
            state.byteCount += packet.bytes.count
            (state.needsKeyFrame, state.isLosing, state.mustAsk) = (false, false, false)
        } else {
            if startsHere { state.beginLosing() }
            if state.isLosing { state.packetsDropped += 1 }
        }
    }

    // MARK: The end

    /// Takes no more packets; the thread ends when it has written those that it has.
    package func finish() {
        monitor.update { $0.isFinishing = true }
    }

    /// Sets the moment whose pictures are taken no more, unless it is set to a later one.
    ///
    /// In a stream with B-frames a few that are shown later are taken with those that need them.
    ///
    /// - Returns: Whether the end had not come yet.
    package func extend(to end: Timestamp) -> Bool {
        monitor.update { state in
            guard !state.isFinishing else { return false }
            state.end = max(state.end ?? end, end)
            return true
        }
    }

    /// Waits until the output is complete, or gives it up: then ``error`` says so.
    ///
    /// - Parameters:
    ///   - patience: How long the output may stand still.
    ///   - start: From when on that counts.
    package func wait(patience: Duration, since start: Timestamp = .now) {
        var start = start
        while monitor.wait(until: .deadline(from: start, after: patience), { $0.isDone ? true : nil }) == nil {
            let latest = monitor.withLock { $0.latestWrite }
            guard latest > start else {
                return abandon(
                    CameraError(
                        .timedOut, "ending the live output", subject: awaited,
                        reason: "it took no picture for \(patience) and is left behind incomplete"))
            }
            start = latest
        }
    }

    /// Lets go of the packets that wait, and leaves the thread to end when the output lets it.
    ///
    /// - Parameter error: Why, which nobody waits any longer for; nil for no error.
    func abandon(_ error: CameraError? = nil) {
        let queue = monitor.update { state in
            state.isFinishing = true
            if let error {
                state.error = state.error ?? error
                state.isDone = true
            }
            return state.dropQueue()
        }
        withExtendedLifetime(queue) {}
    }

    /// The first and last picture written; nil when there was none.
    var written: (first: PacketInfo, last: PacketInfo)? {
        monitor.withLock { state in
            guard let first = state.first, let last = state.last else { return nil }
            return (first, last)
        }
    }

    // MARK: The writer's thread

    private func run() {
        var pauses = plan.reopening.pauses
        while true {
            do {
                plan.onChange(.connecting)
                try write(to: try open(), &pauses)
                plan.onChange(.ended)
                break
            } catch {
                let failure = CameraError(wrapping: error, as: .output, plan.operation, subject: name)
                monitor.withLock { $0.setback = failure }
                plan.onChange(.failed(failure))
                guard let pause = pauses.next() else {
                    // In one turn: what comes from here on is counted once.
                    monitor.update { state in
                        state.error = state.error ?? failure
                        state.isFinishing = true
                    }
                    break
                }
                if monitor.wait(until: .deadline(after: pause), { $0.isFinishing ? true : nil }) != nil { break }
            }
        }
        // Those that nobody was there to take.
        abandon()
        monitor.update { $0.isDone = true }
    }

    /// Writes to an output until there is nothing more, and completes it; one that fails is closed.
    private func write(to target: OpenedOutput, _ pauses: inout Reopening.Pauses) throws {
        let isAgain = monitor.update { state in
            state.target = target
            return state.first != nil
        }
        defer { monitor.update { $0.target = nil } }
        if plan.reopening != .never { dropStale() }
        var inHand = 0
        do {
            var filter = StartFilter()
            var isFirst = true
            while let (entry, stream) = nextPicture(isFirst: isFirst && isAgain) {
                inHand = 1
                let packet = entry.packet
                if isFirst || entry.startsAnew {
                    filter.begin(with: packet.info.lineage)
                } else if !filter.admits(packet.info.lineage) {
                    if isAgain { monitor.withLock { $0.packetsDropped += 1 } }
                    continue
                }
                if isFirst, let stream { try target.output.begin(stream) }
                try target.output.write(isFirst ? packet.withHeaders(stream?.parameterSets ?? []) : packet)
                inHand = 0
                noteWritten(packet.info)
                if isFirst || entry.startsAnew { plan.onChange(.running) }
                isFirst = false
                pauses = plan.reopening.pauses
            }
            guard !isFirst else { return target.discard() }
            try target.output.end()
            try target.release()
        } catch {
            monitor.withLock { $0.packetsDropped += inHand }
            // The first error is the one to report.
            try? target.release()
            throw error
        }
    }

    private func noteWritten(_ info: PacketInfo) {
        monitor.withLock { state in
            state.first = state.first ?? info
            state.last = info
            state.latestWrite = .now
        }
    }

    /// Lets go of pictures that are old news to an output that was away for longer than they could wait.
    private func dropStale() {
        let stale = monitor.withLock { state -> Deque<Entry> in
            guard state.isLosing else { return [] }
            state.beginLosing()
            return state.dropQueue()
        }
        withExtendedLifetime(stale) {}
    }

    /// Waits for the next picture, and asks for a key frame where nothing else can be written.
    ///
    /// - Parameter isFirst: Whether it has to be a key frame, since the output is a new one.
    /// - Returns: The picture, and what it belongs to; nil when there will be none.
    private func nextPicture(isFirst: Bool) -> (Entry, StreamDescription?)? {
        while true {
            let next = monitor.waitAndUpdate { state -> Next? in
                while let entry = state.takeFirst() {
                    if !isFirst || entry.packet.info.isKeyFrame { return .picture(entry, state.stream) }
                    state.packetsDropped += 1
                    if state.queue.isEmpty { state.beginLosing() }
                }
                if state.isFinishing { return .end }
                guard state.mustAsk, let stream = state.stream else { return nil }
                state.mustAsk = false
                return .keyFrameWanted(stream)
            }
            switch next {
            case .picture(let entry, let stream): return (entry, stream)
            case .keyFrameWanted(let stream):
                plan.onChange(.waitingForKeyFrame)
                stream.requestKeyFrame()
            case .end, nil: return nil
            }
        }
    }
}
