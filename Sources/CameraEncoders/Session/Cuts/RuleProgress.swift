// SPDX-License-Identifier: MIT

internal import CameraCore

/// How a rule's cuts go: the encode worker asks for them, the callback thread tells what became of each.
struct RuleProgress {
    private var isMissed = false
    private var failures = 0
    private var nextAttempt = Duration.zero

    /// The longest time from one attempt to open the next file to another.
    private static let longestPause = Duration.seconds(60)

    /// Whether a cut may be tried; it is not while one that failed is still being waited for.
    ///
    /// - Parameter time: Sensor time since the recording's start.
    /// - Returns: Whether it may.
    func mayCut(at time: Duration) -> Bool { time >= nextAttempt }

    /// Leaves a cut out that came before the next attempt.
    mutating func skip() { isMissed = true }

    /// Notes a cut that was made.
    ///
    /// - Returns: Whether earlier ones had failed.
    mutating func succeed() -> Bool {
        defer { failures = 0 }
        return failures > 0
    }

    /// Notes a cut that could not be made; it is tried again after a second, then after twice the time before.
    ///
    /// - Parameter time: Sensor time since the recording's start when it was tried.
    /// - Returns: Whether it is the first one that failed.
    mutating func fail(at time: Duration) -> Bool {
        isMissed = true
        nextAttempt = time + min(.seconds(1 << min(failures, 6)), Self.longestPause)
        failures += 1
        return failures == 1
    }

    /// Whether a cut has failed since this was asked last.
    mutating func takeMissed() -> Bool {
        defer { isMissed = false }
        return isMissed
    }
}
