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

    /// Suspends the task that calls, until ``call()`` or a moment; nil for never.
    package func wait(until deadline: Timestamp?) async {
        guard let deadline else { return await wait() }
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
