// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraOutputs

/// One switch to new outputs, from the moment it was asked for until the first picture arrived there.
///
/// The encode worker gives it to a frame, it travels through the codec with that frame, and the callback thread switches
/// when that frame's packet comes. Whoever waits may take it back until the switch has begun.
final class SplitTicket: Sendable {
    /// What is switched.
    let keys: Set<OutputKey>
    /// Sensor time since the recording's start when a rule asked for it; nil for a caller's.
    let ruleTime: Duration?
    /// The outputs to switch to; of a rule they are opened when their first picture is there.
    let outputs: [OutputKey: OpenedOutput]
    private let state = Monitor(State.waiting)

    private enum State {
        case waiting
        case switching
        case done(VideoFrame)
        case failed(CameraError)
    }

    /// A caller's switch to outputs that are open.
    init(outputs: [OutputKey: OpenedOutput]) {
        self.outputs = outputs
        keys = Set(outputs.keys)
        ruleTime = nil
    }

    /// A rule's switch to the next files.
    init(keys: Set<OutputKey>, ruleTime: Duration) {
        outputs = [:]
        self.keys = keys
        self.ruleTime = ruleTime
    }

    /// Begins the switch; false when the ticket was taken back.
    ///
    /// Called by the callback thread.
    func claim() -> Bool {
        state.update { state in
            guard case .waiting = state else { return false }
            state = .switching
            return true
        }
    }

    /// Says that the switch is done.
    ///
    /// Called by the callback thread after ``claim()``.
    func complete(_ frame: VideoFrame) {
        state.update { $0 = .done(frame) }
    }

    /// Ends a ticket that leads nowhere; does nothing when it has ended before.
    ///
    /// - Parameters:
    ///   - error: Why.
    ///   - inUse: Whether the outputs are in use already; otherwise they are taken back.
    func fail(_ error: CameraError, inUse: Bool = false) {
        let failed = state.update { state in
            switch state {
            case .waiting, .switching:
                state = .failed(error)
                return true
            case .done, .failed: return false
            }
        }
        if failed, !inUse { discardOutputs() }
    }

    /// Whether nobody has to care for it any more.
    var isOver: Bool {
        state.withLock { state in
            switch state {
            case .waiting, .switching: false
            case .done, .failed: true
            }
        }
    }

    /// Waits for the switch; takes the ticket back at the deadline.
    ///
    /// - Throws: What the switch failed with, or `error` at the deadline.
    func wait(until deadline: Timestamp, orThrow error: CameraError) throws(CameraError) -> VideoFrame {
        let outcome = state.wait(until: deadline) { state -> Result<VideoFrame, CameraError>? in
            switch state {
            case .waiting, .switching: nil
            case .done(let frame): .success(frame)
            case .failed(let error): .failure(error)
            }
        }
        if let outcome { return try outcome.get() }
        let isMine = state.update { state in
            guard case .waiting = state else { return false }
            state = .failed(error)
            return true
        }
        if isMine { discardOutputs() }
        throw error
    }

    private func discardOutputs() {
        for output in outputs.values { output.discard() }
    }
}
