// SPDX-License-Identifier: MIT

import Foundation
import Synchronization

/// Work on a thread of its own: the other side of a recipe that needs one.
final class Background<Value: Sendable>: Sendable {
    private let condition = NSCondition()
    private let outcome = Mutex<Result<Value, any Error>?>(nil)

    init(_ work: @escaping @Sendable () throws -> Value) {
        Thread.detachNewThread { [condition, self] in
            let result = Result(catching: work)
            condition.withLock {
                outcome.withLock { $0 = result }
                condition.broadcast()
            }
        }
    }

    /// Waits for the work to end, ten seconds at most.
    ///
    /// - Throws: What the work threw.
    func result() throws -> Value {
        let end = Date(timeIntervalSinceNow: 10)
        return try condition.withLock {
            while outcome.withLock({ $0 == nil }), condition.wait(until: end) {}
            guard let outcome = outcome.withLock({ $0 }) else { throw POSIXError(.ETIMEDOUT) }
            return try outcome.get()
        }
    }
}
