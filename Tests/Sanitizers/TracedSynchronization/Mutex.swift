// SPDX-License-Identifier: MIT

private import Glibc
@_exported public import Synchronization

/// Stands for Synchronization's `Mutex` where the thread sanitizer looks on, which does not see that one's futex: the same
/// over a pthread mutex.
public struct Mutex<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
    // Unchecked: both never move, and the value is used under the lock alone.
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let value = UnsafeMutablePointer<Value>.allocate(capacity: 1)

    /// Makes a lock over a value.
    public init(_ initialValue: consuming sending Value) {
        lock.initialize(to: pthread_mutex_t())
        precondition(pthread_mutex_init(lock, nil) == 0)
        value.initialize(to: initialValue)
    }

    deinit {
        pthread_mutex_destroy(lock)
        lock.deallocate()
        value.deinitialize(count: 1)
        value.deallocate()
    }

    /// Calls `body` with the value while the lock is held.
    public borrowing func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return try body(&value.pointee)
    }
}
