// SPDX-License-Identifier: MIT

internal import CameraCore
internal import DequeModule

/// The short queue in front of an encoder: what does not fit is dropped and counted, so that the camera never waits.
final class FrameQueue: FrameConsumer {
    /// A frame and when it came.
    struct Item {
        let frame: Frame
        let arrival: Timestamp
        /// Whether frames before it were left out: by ``FrameQueue/pause()``, or while the camera was away.
        var followsPause = false
    }

    /// What comes out of the queue.
    enum Entry {
        case frame(Item)
        /// The camera went away and is waited for.
        case absence
    }

    /// The counts of frames that came, and of those that were dropped.
    struct Counts {
        var received = 0
        var dropped = 0
    }

    /// What is told of frames that are dropped.
    enum Dropping {
        /// The first of them, and how many were dropped so far.
        case began(total: Int)
        /// None was dropped for a while; how many were since it began.
        case ended(count: Int, total: Int)
    }

    private struct State {
        var items = Deque<Entry>()
        var counts = Counts()
        /// Frames that do not count towards the limit, since nothing comes of them.
        var replaced = 0
        var isOpen = true
        var isPaused = false
        /// Whether the next frame that is taken is the first after a pause or an absence.
        var hasPaused = false
        /// Whether the camera went away and has given no frame since.
        var isAway = false
        var timeLimit: TimeLimit?
        /// Frames dropped since that began; 0 while none is.
        var streak = 0
        var latestDrop = Timestamp(nanoseconds: 0)
        /// The frames that wait before a source that can wait stands still.
        var threshold: Int
        /// Whether frames wait to be taken out before more are asked for.
        var isFull = false
        var ending: Ending?

        /// Frames that wait.
        var frameCount: Int {
            items.count { entry in
                if case .frame = entry { true } else { false }
            }
        }

        func takesMore(_ limit: Int) -> Bool { isOpen && !isPaused && counts.received - replaced < limit }

        /// Counts a dropped frame; whether it is the first of several.
        mutating func noteDrop(at time: Timestamp) -> Dropping? {
            counts.dropped += 1
            replaced += 1
            streak += 1
            latestDrop = time
            return streak == 1 ? .began(total: counts.dropped) : nil
        }

        /// Ends a streak of dropped frames, if there is one.
        mutating func endStreak() -> Dropping? {
            defer { streak = 0 }
            return streak > 0 ? .ended(count: streak, total: counts.dropped) : nil
        }
    }

    /// The time without a drop after which a streak of drops is over: dropping every other frame is one streak.
    private static let quietTime = Duration.seconds(1)

    /// Why no frame comes any more.
    enum Ending {
        case sourceEnded
        case failed(CameraError)
        case closed
        /// All that was to be taken was.
        case limitReached
    }

    /// The bytes of frames that each consumer of a source adds to what may wait for all of them: they share the frames, and
    /// with several small ones at hand the threads take turns less often.
    private static let bytesPerConsumer = 1 << 20

    let stream: Int?
    private let state: Monitor<State>
    private let frameBytes: Int
    private let capacity: Int
    private let limit: Int
    private let start: Timestamp?
    private let mayWait: Bool
    private let onRoom: @Sendable () -> Void
    private let onDrop: @Sendable (Dropping) -> Void
    private let onEnd: @Sendable () -> Void

    /// Makes a queue.
    ///
    /// - Parameters:
    ///   - stream: The stream whose frames are taken; nil for all.
    ///   - frameBytes: The length of a frame, by which a source that can wait stands still earlier; at least 1.
    ///   - capacity: The most frames that wait.
    ///   - limit: The most frames that are taken, besides those that are dropped or for which another is wanted.
    ///   - timeLimit: Which frames belong to the time that is wanted; nil for all.
    ///   - start: Frames with an earlier time are not wanted; nil to begin with the next one.
    ///   - waitsForReturn: Whether the end of a camera that may come back is not the end.
    ///   - onRoom: Called after a frame was taken out, for sources that wait for room.
    ///   - onDrop: Called when frames begin to be dropped, and when that is over.
    ///   - onEnd: Called when no more frames are taken.
    init(
        stream: Int? = nil, frameBytes: Int = 1, capacity: Int = 4, limit: Int = .max, timeLimit: TimeLimit? = nil,
        from start: Timestamp? = nil, waitsForReturn: Bool = false, onRoom: @escaping @Sendable () -> Void,
        onDrop: @escaping @Sendable (Dropping) -> Void,
        onEnd: @escaping @Sendable () -> Void = {}
    ) {
        self.stream = stream
        self.state = Monitor(State(timeLimit: timeLimit, threshold: capacity))
        self.frameBytes = frameBytes
        self.capacity = capacity
        self.limit = limit
        self.start = start
        mayWait = waitsForReturn
        self.onRoom = onRoom
        self.onDrop = onDrop
        self.onEnd = onEnd
    }

    /// Whether a source that waits may go on; once full, not before half of the frames are taken out, so that its thread
    /// wakes for several at a time.
    func hasRoom(among consumers: Int) -> Bool {
        state.withLock { state in
            state.threshold = min(max(1, consumers * Self.bytesPerConsumer / frameBytes), capacity)
            return !state.isOpen || (!state.isFull && state.takesMore(limit))
        }
    }

    var counts: Counts { state.withLock { $0.counts } }

    var depth: Int { state.withLock(\.frameCount) }

    func accept(_ frame: Frame) -> FrameReceipt {
        if let start, frame.info.timestamp < start { return .passed }
        let arrival = Timestamp.now
        var isLast = false
        var isOver = false
        let (receipt, dropping) = state.update { state -> (FrameReceipt, Dropping?) in
            guard state.takesMore(limit) else { return (.refused, nil) }
            if state.timeLimit?.admits(frame, arrival: arrival, closesGap: state.hasPaused) == false {
                isOver = true
                return (.refused, nil)
            }
            state.isAway = false
            state.counts.received += 1
            isLast = !state.takesMore(limit)
            guard state.items.count < capacity else {
                return (.taken, state.noteDrop(at: arrival))
            }
            state.items.append(.frame(Item(frame: frame, arrival: arrival, followsPause: state.hasPaused)))
            state.hasPaused = false
            if state.items.count >= state.threshold { state.isFull = true }
            return (.taken, arrival - state.latestDrop >= Self.quietTime ? state.endStreak() : nil)
        }
        if let dropping { onDrop(dropping) }
        if isLast { onEnd() }
        if isOver { end(.limitReached) }
        return receipt
    }

    var waitsForReturn: Bool { mayWait && state.withLock(\.isOpen) }

    func noteAbsence() {
        let dropping = state.update { state -> Dropping? in
            guard state.isOpen, !state.isAway else { return nil }
            (state.isAway, state.hasPaused) = (true, true)
            state.items.append(.absence)
            return state.endStreak()
        }
        if let dropping { onDrop(dropping) }
    }

    func finish(_ error: CameraError?) {
        end(error.map(Ending.failed) ?? .sourceEnded)
    }

    /// Wants another frame in the place of one that was taken and cannot be used.
    func replace() {
        state.update { $0.replaced += 1 }
        onRoom()
    }

    /// Takes no frames until ``resume()``; whoever brings them must not wait for that.
    ///
    /// - Returns: Whether it took frames before.
    func pause() -> Bool {
        state.update { state in
            guard state.isOpen, !state.isPaused else { return false }
            (state.isPaused, state.hasPaused) = (true, true)
            return true
        }
    }

    /// Takes frames again; whether it was paused.
    func resume() -> Bool {
        state.update { state in
            defer { state.isPaused = false }
            return state.isPaused && state.isOpen
        }
    }

    var isPaused: Bool { state.withLock { $0.isPaused && $0.isOpen } }

    /// Takes no more frames; those that wait are still handed out.
    func end(_ ending: Ending) {
        let dropping = state.update { state in
            state.isOpen = false
            if state.ending == nil { state.ending = ending }
            return state.endStreak()
        }
        if let dropping { onDrop(dropping) }
        onEnd()
        onRoom()
    }

    /// Why the queue ended; nil while it is open.
    var ending: Ending? { state.withLock { $0.ending } }

    /// Waits for the next frame, or for what is to be known before it; nil when the queue has ended and is empty.
    func take() -> Entry? {
        let entry = state.wait { state -> Entry?? in
            guard let entry = state.items.popFirst() else { return state.isOpen ? nil : .some(nil) }
            if state.items.count <= state.threshold / 2 { state.isFull = false }
            return .some(entry)
        }
        onRoom()
        return entry
    }

    /// Ends the queue and counts what waited in it as dropped.
    func discard() {
        let dropping = state.update { state in
            state.isOpen = false
            if state.ending == nil { state.ending = .closed }
            let count = state.frameCount
            state.counts.dropped += count
            if state.streak > 0 { state.streak += count }
            state.items.removeAll()
            return state.endStreak()
        }
        if let dropping { onDrop(dropping) }
        onEnd()
        onRoom()
    }
}
