// SPDX-License-Identifier: MIT

/// Whether, and how soon, an output that failed is opened again.
public struct Reopening: Hashable, Sendable {
    private let first: Duration?
    private let longest: Duration

    /// It is not: the output has failed for good.
    public static let never = Reopening(first: nil, longest: .zero)

    /// After a second, then two, four and so on up to a minute, for as long as it takes.
    public static let backoff = backoff(from: .seconds(1), to: .seconds(60))

    /// After a time that doubles with each attempt that fails, for as long as it takes.
    ///
    /// - Parameters:
    ///   - first: The time before the first attempt; a millisecond at least.
    ///   - longest: The longest time between two attempts.
    /// - Returns: The policy.
    public static func backoff(from first: Duration, to longest: Duration) -> Reopening {
        let first = max(first, .milliseconds(1))
        return Reopening(first: first, longest: max(first, longest))
    }

    /// The times before the attempts that follow a failure.
    struct Pauses: IteratorProtocol {
        fileprivate var pause: Duration?
        fileprivate let longest: Duration

        mutating func next() -> Duration? {
            defer { pause = pause.map { min($0 * 2, longest) } }
            return pause
        }
    }

    var pauses: Pauses { Pauses(pause: first, longest: longest) }
}
