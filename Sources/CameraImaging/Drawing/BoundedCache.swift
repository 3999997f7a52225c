// SPDX-License-Identifier: MIT

internal import CameraCore
internal import Synchronization

/// Keeps the last few things that were made, the newest first; safe to use from any thread.
final class BoundedCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let limit: Int
    private let entries = Mutex<[(key: Key, value: Value)]>([])

    /// Makes an empty cache for `limit` things.
    init(limit: Int) {
        self.limit = limit
    }

    /// What was made for this key; made now if it is not there.
    ///
    /// Two threads may make the same thing at the same time.
    func value(for key: Key, making make: () throws(CameraError) -> Value) throws(CameraError) -> Value {
        if let known = entries.withLock({ entries in entries.first { $0.key == key }?.value }) { return known }
        let made = try make()
        entries.withLock { entries in
            entries.removeAll { $0.key == key }
            entries.insert((key, made), at: 0)
            if entries.count > limit { entries.removeLast() }
        }
        return made
    }
}
