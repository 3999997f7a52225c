// SPDX-License-Identifier: MIT

internal import CameraCore
internal import DequeModule

/// The far end of a channel: what came out of the codec and waits to be received.
final class ChannelOutput: Sendable {
    private let state = Monitor(State())
    private let limit: Int

    private struct State {
        /// Pictures, and why there is none in the place of one that was lost.
        var streams = Deque<Result<EncodedStream, CameraError>>()
        /// The times of the frames inside the codec, by their numbers.
        var times: [Int64: Duration] = [:]
        var isDrained = false
        /// What is told when all streams of a drained channel were received; nil for a plain end.
        var lastError: CameraError?
        /// Why nothing comes any more.
        var failure: CameraError?
    }

    /// Makes an end where `limit` streams may wait.
    init(limit: Int) {
        self.limit = limit
    }

    /// Frames inside the codec, and streams that wait.
    var pendingCount: Int { state.withLock { $0.times.count + $0.streams.count } }

    /// Whether another stream may wait.
    var hasRoom: Bool { state.withLock { $0.streams.count < limit } }

    /// Waits until there is room for another stream.
    ///
    /// - Parameters:
    ///   - deadline: The moment to give up at; nil for never.
    ///   - isGivenUp: Whether nobody wants the frame any more; asked again after ``look()``. Must not wait.
    /// - Throws: `.queueFull` when there is none; what ended the channel.
    func waitForRoom(until deadline: Timestamp?, unless isGivenUp: () -> Bool) throws(CameraError) {
        let hasRoom = try state.wait(until: deadline) { state throws(CameraError) -> Bool? in
            if let failure = state.failure { throw failure }
            if state.streams.count < limit { return true }
            return isGivenUp() ? false : nil
        }
        guard hasRoom != true else { return }
        throw CameraError(.queueFull, "sending a frame", reason: "\(limit) streams wait, as many as there may be")
    }

    /// Has those who wait for room ask again whether that is wanted.
    func look() { state.update { _ in } }

    /// Notes the time of a frame that goes into the codec.
    func expect(_ index: Int64, at time: Duration) {
        state.withLock { $0.times[index] = time }
    }

    /// Forgets a frame that the codec did not take.
    func forget(_ index: Int64) {
        state.update { _ = $0.times.removeValue(forKey: index) }
    }

    /// Takes what the codec delivers.
    func deliver(_ result: Result<EncodedFrame, CameraError>) {
        state.update { state in
            switch result {
            case .success(let picture):
                // A codec gives each frame once, so that the time is there.
                guard let time = state.times.removeValue(forKey: picture.index) else { return }
                state.streams.append(
                    picture.loss.map { .failure($0) } ?? .success(EncodedStream(picture, presentationTime: time)))
            case .failure(let error):
                state.failure = state.failure ?? error
            }
        }
    }

    /// The next stream; nil when none came before the deadline, or after the last of a drained channel.
    func receive(until deadline: Timestamp?) throws(CameraError) -> EncodedStream? {
        let next = try state.waitAndUpdate(until: deadline) { state throws(CameraError) -> EncodedStream?? in
            if let stream = state.streams.popFirst() { return .some(try stream.get()) }
            if let failure = state.failure { throw failure }
            guard state.isDrained else { return nil }
            if let error = state.lastError { throw error }
            return .some(nil)
        }
        return next ?? nil
    }

    /// Suspends the task until there is a stream, nothing comes any more, a moment comes, or the task is cancelled: a stream
    /// stays where it is until ``receive(until:)`` takes it, so that no cancelled task loses one.
    ///
    /// - Returns: Whether ``receive(until:)`` has something to give or to throw.
    func suspend(until deadline: Timestamp?) async -> Bool {
        await state.suspend(until: deadline) { state -> Bool? in
            state.streams.isEmpty && state.failure == nil && !state.isDrained ? nil : true
        } ?? false
    }

    /// Suspends the task until there may be room for another stream, a moment comes, or the task is cancelled.
    func suspendForRoom(until deadline: Timestamp?) async {
        _ = await state.suspend(until: deadline) { state -> Bool? in
            state.streams.count < limit || state.failure != nil ? true : nil
        }
    }

    /// Says that no more streams come than those that wait, and why, where that is an error.
    func finish(_ error: CameraError? = nil) {
        state.update { state in
            state.isDrained = true
            state.lastError = state.lastError ?? error
        }
    }

    /// Whether the last stream came out, and all were received.
    var isFinished: Bool { state.withLock { $0.isDrained && $0.streams.count == 0 } }

    /// Ends it with an error for those who wait; what was not received is gone.
    func end(_ error: CameraError) {
        state.update { state in
            state.failure = error
            state.streams.removeAll()
            state.times = [:]
        }
    }
}
