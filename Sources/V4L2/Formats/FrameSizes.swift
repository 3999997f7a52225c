// SPDX-License-Identifier: MIT

package import CameraCore

/// The sizes that a device has for a format.
package enum FrameSizes: Hashable, Sendable {
    /// The driver does not tell.
    case unknown
    /// These alone.
    case discrete([Resolution])
    /// All between two sizes, in steps from the smaller one; each step is at least 1.
    case stepwise(smallest: Resolution, largest: Resolution, step: Resolution)

    /// Whether the size is among them; unknown sizes may be.
    package func contains(_ size: Resolution) -> Bool {
        switch self {
        case .unknown: true
        case .discrete(let sizes): sizes.contains(size)
        case .stepwise(let smallest, let largest, let step):
            (smallest.width...largest.width).contains(size.width)
                && (smallest.height...largest.height).contains(size.height)
                && (size.width - smallest.width).isMultiple(of: step.width)
                && (size.height - smallest.height).isMultiple(of: step.height)
        }
    }

    /// The size among them whose count of pixels is the closest to that of `size`; of a range, one of its ends.
    package func nearest(to size: Resolution) -> Resolution {
        if contains(size) { return size }
        let choices =
            switch self {
            case .unknown: [size]
            case .discrete(let sizes): sizes
            case .stepwise(let smallest, let largest, _): [smallest, largest]
            }
        return choices.min { abs($0.pixelCount - size.pixelCount) < abs($1.pixelCount - size.pixelCount) } ?? size
    }
}

/// The rates that a device has for a format and size.
package enum FrameRates: Hashable, Sendable {
    /// The driver does not tell.
    case unknown
    /// These alone, the fastest first.
    case discrete([FrameRate])
    /// All between two rates, or all of these in steps that the driver knows.
    case range(slowest: FrameRate, fastest: FrameRate)

    /// The rate among them that differs least from `rate`, the faster of two as near; unknown ones may be any.
    package func nearest(to rate: FrameRate) -> FrameRate {
        func distance(_ other: FrameRate) -> Double { abs(other.framesPerSecond - rate.framesPerSecond) }
        switch self {
        case .unknown: return rate
        // The fastest comes first, and the first of equals is taken.
        case .discrete(let rates): return rates.min { distance($0) < distance($1) } ?? rate
        case .range(let slowest, let fastest):
            if rate.framesPerSecond > fastest.framesPerSecond { return fastest }
            return rate.framesPerSecond < slowest.framesPerSecond ? slowest : rate
        }
    }

    /// The fastest of them; nil when unknown.
    package var fastest: FrameRate? {
        switch self {
        case .unknown: nil
        case .discrete(let rates): rates.first
        case .range(_, let fastest): fastest
        }
    }
}
