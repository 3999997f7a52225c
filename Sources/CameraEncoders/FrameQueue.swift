// SPDX-License-Identifier: MIT

internal import CameraCore
internal import DequeModule

/// The short queue in front of an encoder: what does not fit is dropped and counted, so that the camera never waits.
final class FrameQueue: FrameConsumer {
    /// A frame and when it came.
    struct Item {
        let frame: Frame
        let arrival: Timestamp
    }

    /// What became of the frames.
    struct Counts {
        var received = 0
        var dropped = 0
    }

    private struct State {
        var items = Deque<Item>()
        var counts = Counts()
        /// Frames that do not count towards the limit, since nothing comes of them.
        var replaced = 0
        var isOpen = true
        var isDropping = false
        /// The frames that wait before a source that can wait stands still.
        var threshold: Int
        /// Whether frames wait to be taken out before more are asked for.
        var isFull = false
        var ending: Ending?

        func takesMore(_ limit: Int) -> Bool { isOpen && counts.received - replaced < limit }
    }

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
    private let onRoom: @Sendable () -> Void
    private let onDrop: @Sendable (Int) -> Void

    /// Makes a queue.
    ///
    /// - Parameters:
    ///   - stream: The stream whose frames are taken; nil for all.
    ///   - frameBytes: The length of a frame, by which a source that can wait stands still earlier; at least 1.
    ///   - capacity: The most frames that wait.
    ///   - limit: The most frames that are taken, besides those that are dropped or for which another is wanted.
    ///   - onRoom: Called after a frame was taken out, for sources that wait for room.
    ///   - onDrop: Called with the total when frames begin to be dropped.
    init(
        stream: Int? = nil, frameBytes: Int = 1, capacity: Int = 4, limit: Int = .max,
        onRoom: @escaping @Sendable () -> Void, onDrop: @escaping @Sendable (Int) -> Void
    ) {
        self.stream = stream
        self.state = Monitor(State(threshold: capacity))
        self.frameBytes = frameBytes
        self.capacity = capacity
        self.limit = limit
        self.onRoom = onRoom
        self.onDrop = onDrop
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

    var depth: Int { state.withLock { $0.items.count } }

    func accept(_ frame: Frame) -> Bool {
        let arrival = Timestamp.now
        let (isTaken, total) = state.update { state -> (Bool, Int?) in
            guard state.takesMore(limit) else { return (false, nil) }
            state.counts.received += 1
            guard state.items.count < capacity else {
                state.counts.dropped += 1
                state.replaced += 1
                defer { state.isDropping = true }
                return (true, state.isDropping ? nil : state.counts.dropped)
            }
            state.isDropping = false
            state.items.append(Item(frame: frame, arrival: arrival))
            if state.items.count >= state.threshold { state.isFull = true }
            return (true, nil)
        }
        if let total { onDrop(total) }
        return isTaken
    }

    func finish(_ error: CameraError?) {
        end(error.map(Ending.failed) ?? .sourceEnded)
    }

    /// Wants another frame in the place of one that was taken and cannot be used.
    func replace() {
        state.update { $0.replaced += 1 }
        onRoom()
    }

    /// Takes no more frames; those that wait are still handed out.
    func end(_ ending: Ending) {
        state.update { state in
            state.isOpen = false
            if state.ending == nil { state.ending = ending }
        }
        onRoom()
    }

    /// Why the queue ended; nil while it is open.
    var ending: Ending? { state.withLock { $0.ending } }

    /// Waits for the next frame; nil when the queue has ended and is empty.
    func take() -> Item? {
        let item = state.wait { state -> Item?? in
            guard let item = state.items.popFirst() else { return state.isOpen ? nil : .some(nil) }
            if state.items.count <= state.threshold / 2 { state.isFull = false }
            return .some(item)
        }
        onRoom()
        return item
    }

    /// Ends the queue and counts what waited in it as dropped.
    func discard() {
        state.update { state in
            state.isOpen = false
            if state.ending == nil { state.ending = .closed }
            state.counts.dropped += state.items.count
            state.items.removeAll()
        }
        onRoom()
    }
}
