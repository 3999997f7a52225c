// SPDX-License-Identifier: MIT

internal import CameraCore
internal import V4L2

/// What a codec's callers want of the thread that drives its encoder.
final class EncoderMailbox: Sendable {
    /// One thing to do, in the order of asking.
    enum Command: Sendable {
        /// Encode a frame.
        case frame(Frame, index: Int64, asKeyFrame: Bool)
        /// Change the bit rate.
        case bitRate(Int)
        /// Give all packets.
        case drain
    }

    private let wakeUp: WakeUp
    private let state = Monitor(State())

    private struct State {
        /// What the thread has not taken yet: one thing, so that callers are held back.
        var waiting: Command?
        /// Commands that were taken, and those that are done.
        var taken = 0
        var done = 0
        /// What went wrong with commands that harmed nothing else, until those who wait for them know.
        var refusals: [Int: CameraError] = [:]
        /// Why nothing is taken any more.
        var end: CameraError?
        var isClosing = false
    }

    /// Makes an empty one that wakes the thread by `wakeUp`.
    init(_ wakeUp: WakeUp) {
        self.wakeUp = wakeUp
    }

    /// Asks for something; waits while the thread has not taken what was asked before.
    ///
    /// - Parameters:
    ///   - command: What to do.
    ///   - waiting: Whether to return when it is done.
    /// - Throws: Why it cannot be done.
    func post(_ command: Command, waiting: Bool = false) throws(CameraError) {
        let number = try state.waitAndUpdate { (state) throws(CameraError) -> Int? in
            if let end = state.end { throw end }
            guard state.waiting == nil else { return nil }
            state.waiting = command
            return state.taken + 1
        }
        wakeUp.raise()
        guard waiting, let number else { return }
        try state.wait { (state) throws(CameraError) -> Void? in
            if let end = state.end { throw end }
            guard state.done >= number else { return nil }
            if let refusal = state.refusals.removeValue(forKey: number) { throw refusal }
            return ()
        }
    }

    /// The next thing to do; nil when there is none yet.
    func take() -> Command? {
        state.update { state in
            guard !state.isClosing, let command = state.waiting.take() else { return nil }
            state.taken += 1
            return command
        }
    }

    /// Tells that the thing taken last is done, or why it could not be.
    func finish(_ refusal: CameraError? = nil) {
        state.update { state in
            state.done = state.taken
            state.refusals[state.taken] = refusal
        }
    }

    /// Ends the thread's work.
    func close() {
        state.update { $0.isClosing = true }
        end(CameraError(.closed, "encoding"))
        wakeUp.raise()
    }

    /// Whether the thread is to end.
    var isClosing: Bool { state.withLock { $0.isClosing } }

    /// Takes nothing any more; the first reason stays.
    func end(_ reason: CameraError) {
        let unused = state.update { state in
            if state.end == nil { state.end = reason }
            return state.waiting.take()
        }
        withExtendedLifetime(unused) {}
    }
}
