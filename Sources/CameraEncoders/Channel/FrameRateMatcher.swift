// SPDX-License-Identifier: MIT

internal import CameraCore

/// Decides how often each frame of one rate is shown at another: not at all, once, or several times.
struct FrameRateMatcher {
    /// Frames out for frames in, as a fraction.
    private let numerator: Int128
    private let denominator: Int128
    private let interval: Duration
    private var taken: Int128 = 0

    init(from source: FrameRate, to destination: FrameRate) {
        numerator = Int128(destination.numerator) * Int128(source.denominator)
        denominator = Int128(destination.denominator) * Int128(source.numerator)
        interval = destination.interval
    }

    /// When the next frame is shown, given its own time; the first frame always is.
    mutating func times(of time: Duration) -> [Duration] {
        let before = (taken * numerator + denominator - 1) / denominator
        taken += 1
        let after = (taken * numerator + denominator - 1) / denominator
        // Starts again with each whole period: the products of two rates fit in 128 bits.
        if taken == denominator { taken = 0 }
        return (0..<Int(after - before)).map { time + interval * $0 }
    }
}
