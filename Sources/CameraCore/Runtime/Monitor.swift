// SPDX-License-Identifier: MIT

internal import CLinux
internal import Glibc
internal import Synchronization

/// A value behind a lock, and threads and tasks that wait for it to change.
///
/// `Synchronization.Mutex` has no way to wait, so whatever a thread waits for lives in a monitor. Waiting uses the
/// monotonic clock: setting the machine's time neither shortens nor stretches a time-out. The lock is not recursive;
/// never call user code or do I/O while holding it.
///
/// It is inlinable, since every frame passes several monitors: without that, code for the states of other modules would
/// not be specialised.
package final class Monitor<State>: @unchecked Sendable {
    // Unchecked: `state` is only touched while `lock` is held.
    @usableFromInline let lock = WaitingLock()
    // In memory of its own: that of an object is checked for overlapping accesses while the program runs.
    @usableFromInline let state: UnsafeMutablePointer<State>

    /// Makes a monitor around its first state.
    @inlinable
    package init(_ state: sending State) {
        self.state = .allocate(capacity: 1)
        self.state.initialize(to: state)
    }

    @inlinable
    deinit {
        state.deinitialize(count: 1)
        state.deallocate()
    }

    /// Reads or changes the state without waking anybody.
    @inlinable
    package func withLock<Result, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        lock.acquire()
        defer { lock.release() }
        return try body(&state.pointee)
    }

    /// Changes the state and wakes the threads and tasks that wait for it.
    @inlinable
    package func update<Result, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // After the lock is free: who wakes takes it at once.
        defer { lock.wakeAll() }
        return try withLock(body)
    }

    /// Changes the state and wakes one of the threads that wait: for those where any of them will do, and no task waits.
    @inlinable
    package func updateForOne<Result, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { lock.wakeOne() }
        return try withLock(body)
    }

    /// Suspends the task that calls until `attempt` gives a value; no thread waits meanwhile.
    ///
    /// - Parameters:
    ///   - deadline: The moment to give up at; nil waits without an end.
    ///   - attempt: Called with the lock held, at once and after each ``update(_:)``. What it changes wakes nobody.
    /// - Returns: What `attempt` returned; nil after the deadline, or when the task is cancelled.
    /// - Throws: What `attempt` throws.
    package func suspend<Result, Failure: Error>(
        until deadline: Timestamp?, _ attempt: (inout State) throws(Failure) -> Result?
    ) async throws(Failure) -> Result? {
        while true {
            let call = WakeUpCall()
            let result = try withLock { (state) throws(Failure) -> Result? in
                if let result = try attempt(&state) { return result }
                // In the same turn of the lock: no change can come in between.
                lock.add(call)
                return nil
            }
            if let result { return result }
            if !Task.isCancelled { await call.wait(until: deadline) }
            lock.remove(call)
            guard !Task.isCancelled, deadline.map({ .now < $0 }) ?? true else { return try withLock(attempt) }
        }
    }

    /// Waits until `attempt` gives a value; nil when `deadline` passed first.
    ///
    /// - Parameters:
    ///   - deadline: The moment to give up at; nil waits without an end.
    ///   - attempt: Called with the lock held, at once and after each ``update(_:)``. What it changes wakes nobody.
    /// - Returns: What `attempt` returned, or nil after the deadline.
    /// - Throws: What `attempt` throws.
    @inlinable
    package func wait<Result, Failure: Error>(
        until deadline: Timestamp?, _ attempt: (inout State) throws(Failure) -> Result?
    ) throws(Failure) -> Result? {
        lock.acquire()
        defer { lock.release() }
        while true {
            if let result = try attempt(&state.pointee) { return result }
            guard lock.wait(until: deadline) else { return nil }
        }
    }

    /// Waits without an end until `attempt` gives a value.
    @inlinable
    package func wait<Result, Failure: Error>(
        _ attempt: (inout State) throws(Failure) -> Result?
    ) throws(Failure) -> Result {
        guard let result = try wait(until: nil, attempt) else {
            preconditionFailure("a wait without a deadline ended without a result")
        }
        return result
    }

    /// Like ``wait(until:_:)``, but what `attempt` changed wakes the others who wait when it is over.
    @inlinable
    package func waitAndUpdate<Result, Failure: Error>(
        until deadline: Timestamp? = nil, _ attempt: (inout State) throws(Failure) -> Result?
    ) throws(Failure) -> Result? {
        defer { lock.wakeAll() }
        return try wait(until: deadline, attempt)
    }
}

/// A lock whose holder can wait to be woken; tasks wait beside it.
@usableFromInline
final class WaitingLock: @unchecked Sendable {
    // Unchecked: the C library's own, which never move.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    /// The tasks that wait.
    private let calls = Mutex<[WakeUpCall]>([])
    /// Whether there are any, of which most locks never have one.
    private let hasCalls = Atomic(false)

    @usableFromInline
    init() {
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

    @usableFromInline
    func acquire() { pthread_mutex_lock(mutex) }

    @usableFromInline
    func release() { pthread_mutex_unlock(mutex) }

    /// Wakes one thread.
    @usableFromInline
    func wakeOne() { pthread_cond_signal(condition) }

    /// Wakes all threads and tasks that wait.
    @usableFromInline
    func wakeAll() {
        pthread_cond_broadcast(condition)
        guard hasCalls.load(ordering: .relaxed) else { return }
        for call in calls.withLock({ $0 }) { call.call() }
    }

    /// Has a task woken from now on; called by the lock's holder.
    func add(_ call: WakeUpCall) {
        calls.withLock { list in
            list.append(call)
            hasCalls.store(true, ordering: .relaxed)
        }
    }

    func remove(_ call: WakeUpCall) {
        calls.withLock { list in
            list.removeAll { $0 === call }
            hasCalls.store(!list.isEmpty, ordering: .relaxed)
        }
    }

    /// Frees the lock until the thread is woken, or for no reason; false, without waiting, when `deadline` has passed.
    @usableFromInline
    func wait(until deadline: Timestamp?) -> Bool {
        guard let deadline else {
            pthread_cond_wait(condition, mutex)
            return true
        }
        if Timestamp.now >= deadline { return false }
        var time = timespec(
            tv_sec: Int(deadline.nanoseconds / 1_000_000_000), tv_nsec: Int(deadline.nanoseconds % 1_000_000_000))
        pthread_cond_timedwait(condition, mutex, &time)
        return true
    }
}

extension Timestamp {
    /// The moment `timeout` after `start`, which is now unless it is given; nil, never, for no time-out.
    package static func deadline(from start: Timestamp = .now, after timeout: Duration?) -> Timestamp? {
        timeout.map { duration in
            let (sum, overflow) = start.nanoseconds.addingReportingOverflow(duration.nanoseconds)
            return Timestamp(nanoseconds: overflow ? .max : sum)
        }
    }
}
