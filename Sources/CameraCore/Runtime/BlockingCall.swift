// SPDX-License-Identifier: MIT

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
    let call = try BlockingCall.begin(name, operation, body)
    await call.wakeUp.wait()
    return try call.outcome.get()
}

/// Runs a call that takes its time on a thread of its own, while the task that calls is suspended to its end, cancelled or not.
///
/// - Parameters:
///   - name: The thread's name, at most 15 bytes.
///   - body: The call.
/// - Returns: What the call gives.
package func onThreadOfItsOwn<Value: Sendable>(
    _ name: String, _ body: @escaping @Sendable () throws(CameraError) -> Value
) async -> Result<Value, CameraError> {
    await withCheckedContinuation { continuation in
        do throws(CameraError) {
            _ = try WorkerThread(name) {
                continuation.resume(returning: Result { () throws(CameraError) in try body() })
            }
        } catch {
            continuation.resume(returning: .failure(error))
        }
    }
}

/// A call on a thread of its own, and what it gave.
private final class BlockingCall<Value: Sendable>: Sendable {
    let wakeUp = WakeUpCall()
    private let result: Monitor<Result<Value, CameraError>>

    private init(cancellation: CameraError) {
        result = Monitor(.failure(cancellation))
    }

    static func begin(
        _ name: String, _ operation: String, _ body: @escaping @Sendable () throws(CameraError) -> Value
    ) throws(CameraError) -> BlockingCall {
        let call = BlockingCall(cancellation: .cancelled(operation))
        _ = try WorkerThread(name) {
            let found = Result { () throws(CameraError) in try body() }
            call.result.withLock { $0 = found }
            call.wakeUp.call()
        }
        return call
    }

    /// What the call gave; before its end, that the task was cancelled.
    var outcome: Result<Value, CameraError> { result.withLock { $0 } }
}
