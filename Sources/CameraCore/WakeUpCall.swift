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

    /// Suspends the task that calls, until ``call()``.
    ///
    /// - Parameter deadline: The moment to go on at in any case; nil for none.
    package func wait(until deadline: Timestamp?) async {
        let alarm = Alarm()
        if let deadline {
            alarm.onRing { self.call() }
            alarm.set(deadline)
        }
        defer { if deadline != nil { alarm.set(nil) } }
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
        guard Task.isCancelled else { return }
        throw CameraError(.cancelled, operation, reason: "the task was cancelled")
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
    let wakeUp = WakeUpCall()
    let result = Monitor<Result<Value, CameraError>?>(nil)
    _ = try WorkerThread(name) {
        let found = Result { () throws(CameraError) in try body() }
        result.withLock { $0 = found }
        wakeUp.call()
    }
    await wakeUp.wait(until: nil)
    if let found = result.withLock({ $0 }) { return try found.get() }
    throw CameraError(.cancelled, operation, reason: "the task was cancelled")
}
