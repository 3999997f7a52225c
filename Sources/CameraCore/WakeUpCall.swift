// SPDX-License-Identifier: MIT

internal import Synchronization

/// Suspends one task until somebody calls, a moment comes, or the task is cancelled: no thread waits meanwhile.
package final class WakeUpCall: Sendable {
    private let state = Mutex(State.idle)

    private enum State {
        case idle
        case waiting(CheckedContinuation<Void, Never>)
        case called
    }

    /// Makes a call that nobody waits for yet.
    package init() {}

    /// Wakes the task, now or when it begins to wait; what was called once stays so.
    package func call() {
        let continuation = state.withLock { state -> CheckedContinuation<Void, Never>? in
            defer { state = .called }
            if case .waiting(let continuation) = state { return continuation }
            return nil
        }
        continuation?.resume()
    }

    /// Suspends the task that calls, until ``call()`` or a moment.
    package func wait(until deadline: Timestamp) async {
        let alarm = Alarm()
        alarm.onRing { self.call() }
        alarm.set(deadline)
        await wait()
        alarm.set(nil)
    }

    /// Suspends the task that calls, until ``call()``.
    package func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isCalled = state.withLock { state in
                    if case .called = state { return true }
                    state = .waiting(continuation)
                    return false
                }
                if isCalled { continuation.resume() }
            }
        } onCancel: {
            self.call()
        }
    }
}

extension CameraError {
    /// Throws when the task that calls was cancelled.
    package static func checkCancellation(_ operation: String) throws(CameraError) {
        if Task.isCancelled { throw cancelled(operation) }
    }

    fileprivate static func cancelled(_ operation: String) -> CameraError {
        CameraError(.cancelled, operation, reason: "the task was cancelled")
    }
}

/// Runs a call that waits on a thread of its own, while the task that calls is suspended.
///
/// A cancelled task goes on at once; the call itself goes on to its end on its thread, and what it gives is dropped.
///
/// - Parameters:
///   - name: The thread's name, at most 15 bytes.
///   - operation: What is done, for the error of a cancelled task.
///   - body: The call.
/// - Returns: What the call returns.
/// - Throws: What the call throws; `.cancelled`.
package func onThreadOfItsOwn<Value: Sendable>(
    _ name: String, _ operation: String, _ body: @escaping @Sendable () throws(CameraError) -> Value
) async throws(CameraError) -> Value {
    try CameraError.checkCancellation(operation)
    let errand = try Errand.begin(name, operation, body)
    await errand.wakeUp.wait()
    return try errand.outcome.get()
}

/// A call on a thread of its own, and what it gave.
private final class Errand<Value: Sendable>: Sendable {
    let wakeUp = WakeUpCall()
    private let result: Monitor<Result<Value, CameraError>>

    private init(cancellation: CameraError) {
        result = Monitor(.failure(cancellation))
    }

    static func begin(
        _ name: String, _ operation: String, _ body: @escaping @Sendable () throws(CameraError) -> Value
    ) throws(CameraError) -> Errand {
        let errand = Errand(cancellation: .cancelled(operation))
        _ = try WorkerThread(name) {
            let found = Result { () throws(CameraError) in try body() }
            errand.result.withLock { $0 = found }
            errand.wakeUp.call()
        }
        return errand
    }

    /// What the call gave; before its end, that the task was cancelled.
    var outcome: Result<Value, CameraError> { result.withLock { $0 } }
}
