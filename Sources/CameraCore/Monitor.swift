// SPDX-License-Identifier: MIT

internal import CLinux
internal import Glibc

/// A value behind a lock, and threads that wait for it to change.
///
/// `Synchronization.Mutex` has no way to wait, so whatever a thread waits for lives in a monitor. Waiting uses the
/// monotonic clock: setting the machine's time neither shortens nor stretches a time-out. The lock is not recursive;
/// never call user code or do I/O while holding it.
public final class Monitor<State>: @unchecked Sendable {
    // Unchecked: `state` is only touched between lock and unlock of `mutex`, which never moves.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var state: State

    /// Makes a monitor around its first state.
    public init(_ state: sending State) {
        self.state = state
        mutex.initialize(to: pthread_mutex_t())
        condition.initialize(to: pthread_cond_t())
        precondition(pthread_mutex_init(mutex, nil) == 0)
        precondition(clinux_init_monotonic_condition(condition) == 0)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Reads or changes the state without waking anybody.
    public func withLock<Result, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&state)
    }

    /// Changes the state and wakes the threads that wait for it.
    public func update<Result, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // After the lock is free: who wakes takes it at once.
        defer { pthread_cond_broadcast(condition) }
        return try withLock(body)
    }

    /// Waits until `attempt` gives a value; nil when `deadline` passed first.
    ///
    /// - Parameters:
    ///   - deadline: The moment to give up at; nil waits without an end.
    ///   - attempt: Called with the lock held, at once and after each ``update(_:)``. What it changes wakes nobody.
    /// - Returns: What `attempt` returned, or nil after the deadline.
    /// - Throws: What `attempt` throws.
    public func wait<Result, Failure: Error>(
        until deadline: Timestamp?, _ attempt: (inout State) throws(Failure) -> Result?
    ) throws(Failure) -> Result? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = try attempt(&state) { return result }
            guard let deadline else {
                pthread_cond_wait(condition, mutex)
                continue
            }
            if Timestamp.now >= deadline { return nil }
            var time = timespec(
                tv_sec: Int(deadline.nanoseconds / 1_000_000_000), tv_nsec: Int(deadline.nanoseconds % 1_000_000_000))
            pthread_cond_timedwait(condition, mutex, &time)
        }
    }

    /// Waits without an end until `attempt` gives a value.
    public func wait<Result, Failure: Error>(
        _ attempt: (inout State) throws(Failure) -> Result?
    ) throws(Failure) -> Result {
        guard let result = try wait(until: nil, attempt) else {
            preconditionFailure("a wait without a deadline ended without a result")
        }
        return result
    }

    /// Like ``wait(until:_:)``, but what `attempt` changed wakes the other waiting threads when it is over.
    public func waitAndUpdate<Result, Failure: Error>(
        until deadline: Timestamp? = nil, _ attempt: (inout State) throws(Failure) -> Result?
    ) throws(Failure) -> Result? {
        defer { pthread_cond_broadcast(condition) }
        return try wait(until: deadline, attempt)
    }
}

extension Timestamp {
    /// The moment `timeout` from now; nil, never, for no time-out.
    package static func deadline(after timeout: Duration?) -> Timestamp? {
        timeout.map { duration in
            let start = Timestamp.now
            let (sum, overflow) = start.nanoseconds.addingReportingOverflow(duration.nanoseconds)
            return Timestamp(nanoseconds: overflow ? .max : sum)
        }
    }
}
