// SPDX-License-Identifier: MIT

internal import CameraCore
internal import DequeModule

/// Somebody who watches a camera: a queue of pictures between the camera and one connection.
///
/// The camera never waits for it. When it is full, what it holds is left out, and it goes on with the next key frame, for which
/// the camera is asked; what is sent always decodes.
final class LiveViewer: Sendable {
    /// What is to be sent next.
    enum Item: Sendable {
        /// Pictures of this stream follow, from a key frame on.
        case beginning(LiveBeginning)
        case picture(LiveChunk)
        /// The rest of a picture that was sent at once in part.
        case rest
    }

    /// Sends a picture without waiting; called on the thread that brings it.
    typealias Shortcut = @Sendable (LiveChunk) -> ConnectionWriter.AtOnce

    /// How much waits at most.
    struct Bounds: Sendable {
        /// Bytes of pictures.
        var bytes = 8_000_000
        /// From the oldest picture that waits to the newest.
        var duration = Duration.seconds(2)
        /// Pictures, where fewer than the others would hold are wanted.
        var pictures = Int.max
    }

    private let bounds: Bounds
    private let state = Monitor(State())

    private struct State {
        var items: Deque<Item> = []
        var bytes = 0
        var pictures = 0
        /// The stream that was told last.
        var stream: Int?
        var waitsForKeyFrame = true
        var dropped = 0
        var isEnded = false
        /// How the next picture can be sent at once; nil while the task does something.
        var shortcut: Shortcut?

        /// The times of the oldest picture.
        var oldest: Timestamp? {
            for case .picture(let chunk) in items { return chunk.info.sensorTime }
            return nil
        }

        /// Leaves out the pictures that wait; what begins a stream stays.
        mutating func dropPictures() {
            dropped += pictures
            // Only the newest stream matters: there is no picture of those before it.
            let beginning = items.last { if case .beginning = $0 { true } else { false } }
            items = Deque(beginning.map { [$0] } ?? [])
            (bytes, pictures) = (0, 0)
        }
    }

    init(_ bounds: Bounds) { self.bounds = bounds }

    /// Takes a picture; called by the stream.
    ///
    /// - Parameters:
    ///   - chunk: The picture.
    ///   - beginning: The stream that it belongs to.
    ///   - number: The number of that stream.
    ///   - isAtOnce: Whether it may be sent by this thread.
    /// - Returns: Whether a key frame is wanted.
    func offer(_ chunk: LiveChunk, of beginning: LiveBeginning, number: Int, isAtOnce: Bool = false) -> Bool {
        // Waking a task for each picture would cost more than sending it. The lock is held meanwhile, since nobody waits here
        // for the client: the system takes a copy of what it has room for.
        let sent = state.withLock { state -> ConnectionWriter.AtOnce in
            guard isAtOnce, let shortcut = state.shortcut, state.items.isEmpty, state.stream == number,
                !state.waitsForKeyFrame, !state.isEnded
            else { return .refused }
            return shortcut(chunk)
        }
        switch sent {
        case .written: return false
        case .begun:
            state.update { $0.items.append(.rest) }
            return false
        case .refused: return enqueue(chunk, of: beginning, number: number)
        }
    }

    /// Leaves a picture for the task.
    private func enqueue(_ chunk: LiveChunk, of beginning: LiveBeginning, number: Int) -> Bool {
        state.update { state in
            guard !state.isEnded else { return false }
            let isFull =
                state.bytes + chunk.bytes.count > bounds.bytes || state.pictures >= bounds.pictures
                || state.oldest.map { chunk.info.sensorTime - $0 > bounds.duration } ?? false
            if isFull, state.pictures > 0 {
                state.dropPictures()
                state.waitsForKeyFrame = true
            }
            if state.waitsForKeyFrame, !chunk.isKeyFrame {
                state.dropped += 1
                return true
            }
            if state.stream != number {
                state.items.append(.beginning(beginning))
                state.stream = number
            }
            state.items.append(.picture(chunk))
            state.bytes += chunk.bytes.count
            state.pictures += 1
            state.waitsForKeyFrame = false
            return false
        }
    }

    /// Waits for what is to be sent next.
    ///
    /// - Parameters:
    ///   - deadline: The moment to give up at; nil waits without an end.
    ///   - shortcut: How pictures are sent meanwhile without the task, which goes on waiting.
    /// - Returns: The next item; nil after the end or the deadline, or when the task is cancelled.
    func next(until deadline: Timestamp? = nil, sendingBy shortcut: Shortcut? = nil) async -> Item? {
        if let shortcut { state.withLock { $0.shortcut = shortcut } }
        defer { if shortcut != nil { state.withLock { $0.shortcut = nil } } }
        let item = await state.suspend(until: deadline) { state -> Item?? in
            if let item = state.items.popFirst() {
                if case .picture(let chunk) = item {
                    state.bytes -= chunk.bytes.count
                    state.pictures -= 1
                }
                return .some(item)
            }
            return state.isEnded ? .some(nil) : nil
        }
        return item ?? nil
    }

    /// Pictures that were left out because the connection was too slow, or that came before the first key frame.
    var dropped: Int { state.withLock(\.dropped) }

    /// Whether nothing follows.
    var isEnded: Bool { state.withLock { $0.isEnded && $0.items.isEmpty } }

    /// Ends it: what waits can be taken, nothing follows.
    func end() { state.update { $0.isEnded = true } }
}
