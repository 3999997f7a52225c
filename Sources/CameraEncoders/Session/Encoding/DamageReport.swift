// SPDX-License-Identifier: MIT

internal import CameraCore

/// Gathers what is to be told about pictures that could not be used, so that it is told once a second at most.
struct DamageReport {
    private static let pause = Duration.seconds(1)

    private var untold = 0
    private var lastTold: Timestamp?

    /// Adds pictures.
    mutating func add(_ count: Int) { untold = untold.saturatingAdd(count) }

    /// The number that is to be told now; nil for none.
    mutating func due(at time: Timestamp) -> Int? {
        guard untold > 0, lastTold.map({ time - $0 >= Self.pause }) ?? true else { return nil }
        lastTold = time
        return takeRest()
    }

    /// The number that was not told yet; nil for none.
    mutating func takeRest() -> Int? {
        defer { untold = 0 }
        return untold > 0 ? untold : nil
    }
}
