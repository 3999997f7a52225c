// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraOutputs
internal import Synchronization

/// Watches over what the callback thread waits for: tells of an output that takes long while it still does, and of one
/// that stands still after the last frame.
final class OutputWatch: Sendable {
    /// What is waited for.
    enum Subject {
        case output(OpenedOutput?)
        case nextFile(String?)
    }

    private struct Call {
        let subject: Subject
        let start: Timestamp
        /// How long it has to take to be told, again.
        var patience = slowCall
    }

    private struct State {
        var call: Call?
        /// When the last frame came.
        var end: Timestamp?
    }

    /// A call that takes longer is told; then when it has taken twice as long, and so on.
    private static let slowCall = Duration.seconds(1)

    private let stopTimeout: Duration
    private let alarm = Alarm()
    private let state = Mutex(State())

    /// Prepares for watching.
    ///
    /// - Parameter stopTimeout: How long a call may take after the last frame.
    init(stopTimeout: Duration) {
        self.stopTimeout = stopTimeout
    }

    /// Says whom to tell; both must not wait.
    ///
    /// - Parameters:
    ///   - onSlow: Called with the time that a call has taken.
    ///   - onStuck: Called with the error for a call that does not come back.
    func begin(onSlow: @escaping @Sendable (Duration) -> Void, onStuck: @escaping @Sendable (CameraError) -> Void) {
        alarm.onRing { [weak self] in self?.look(onSlow, onStuck) }
    }

    /// Watches over a call.
    func during<Result, Failure: Error>(
        _ subject: Subject, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        state.withLock { $0.call = Call(subject: subject, start: .now) }
        setAlarm()
        defer { stopWatching() }
        return try body()
    }

    /// Says that the call which runs waits for the user from here on, not for an output.
    func stopWatching() {
        state.withLock { $0.call = nil }
        alarm.set(nil)
    }

    /// Says that no more frames come.
    func noteEnd() {
        state.withLock { $0.end = $0.end ?? .now }
        setAlarm()
    }

    /// What to say of the call that runs when it is given up; nil when none does.
    var error: CameraError? { state.withLock { $0.call.map(error) } }

    private func setAlarm() {
        let time = state.withLock { state -> Timestamp? in
            guard let call = state.call else { return nil }
            let telling = call.start + call.patience
            guard let limit = limit(of: call, state) else { return telling }
            return min(telling, limit)
        }
        if let time { alarm.set(time) }
    }

    private func limit(of call: Call, _ state: State) -> Timestamp? {
        state.end.flatMap { .deadline(from: max($0, call.start), after: stopTimeout) }
    }

    private func look(_ onSlow: (Duration) -> Void, _ onStuck: (CameraError) -> Void) {
        let now = Timestamp.now
        let (slow, stuck) = state.withLock { state -> (Duration?, CameraError?) in
            guard var call = state.call else { return (nil, nil) }
            let time = now - call.start
            let isSlow = time >= call.patience
            if isSlow { call.patience = time * 2 }
            state.call = call
            let isStuck = limit(of: call, state).map { now >= $0 } ?? false
            if isStuck { state.call = nil }
            guard case .output = call.subject else { return (nil, isStuck ? error(call) : nil) }
            return (isSlow ? time : nil, isStuck ? error(call) : nil)
        }
        if let slow { onSlow(slow) }
        if let stuck { return onStuck(stuck) }
        setAlarm()
    }

    private func error(_ call: Call) -> CameraError {
        switch call.subject {
        case .output(let output):
            CameraError(
                .timedOut, "stopping the recording", subject: output?.awaited,
                reason: "the output did not take the rest within \(stopTimeout) and was abandoned")
        case .nextFile(let name): .nextFileStuck(name, for: stopTimeout)
        }
    }
}

extension CameraError {
    /// The error for a next file whose opening does not come back.
    static func nextFileStuck(_ name: String?, for time: Duration) -> CameraError {
        CameraError(
            .timedOut, "opening the next file", subject: name,
            reason: "it was not open within \(time) and is left behind; check the disk that it is on")
    }
}
