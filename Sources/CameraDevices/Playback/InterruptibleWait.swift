// SPDX-License-Identifier: MIT

internal import CameraCore

/// A thread's wait for a moment, which another thread can end.
final class InterruptibleWait: Sendable {
    private let interrupted = Monitor(false)

    /// How a wait ended.
    enum Outcome {
        case reached
        case timedOut
        case interrupted
    }

    /// Waits until `moment`.
    ///
    /// - Parameters:
    ///   - moment: When to go on; nil at once.
    ///   - deadline: When to give up; nil never.
    /// - Returns: `.interrupted` when ``interrupt()`` was called, since the last wait or during this one.
    func wait(until moment: Timestamp?, deadline: Timestamp?) -> Outcome {
        let moment = moment ?? Timestamp(nanoseconds: 0)
        let deadline = deadline ?? Timestamp(nanoseconds: .max)
        let wasInterrupted = interrupted.wait(until: min(moment, deadline)) { interrupted -> Bool? in
            guard interrupted else { return nil }
            interrupted = false
            return true
        }
        if wasInterrupted != nil { return .interrupted }
        return moment <= deadline ? .reached : .timedOut
    }

    /// Ends the wait, or else the next one, at once.
    func interrupt() {
        interrupted.update { $0 = true }
    }
}
