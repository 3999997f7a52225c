// SPDX-License-Identifier: MIT

/// Frame rates from a lowest to a highest, among which an automatic exposure may choose.
public struct FrameRateRange: Hashable, Sendable, CustomStringConvertible {
    /// The lowest rate, for the darkest scene.
    public var low: FrameRate
    /// The highest rate.
    public var high: FrameRate

    /// Makes a range.
    public init(low: FrameRate, high: FrameRate) {
        self.low = low
        self.high = high
    }

    /// Whether another range lies within this one.
    package func contains(_ other: FrameRateRange) -> Bool {
        other.low.framesPerSecond >= low.framesPerSecond && other.high.framesPerSecond <= high.framesPerSecond
            && other.low.framesPerSecond <= other.high.framesPerSecond
    }

    /// The text for messages: "5,30".
    public var description: String { "\(low),\(high)" }
}
