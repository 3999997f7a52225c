// SPDX-License-Identifier: MIT

internal import CameraCore

/// Frame rates over the shortest and the longest time of a frame, in microseconds (`FrameDurationLimits`).
extension LibCameraSettings {
    private static let name = "FrameDurationLimits"

    /// The rates that the automatic exposure may choose from.
    var frameRateRange: Mapping? {
        guard let rates = possibleRates else { return nil }
        return Mapping(values: .rates(rates), value: .rates(presentRates), initial: nil) { value in
            guard case .rates(let wish) = value else { return [] }
            return limits(wish)
        }
    }

    /// What is added to the one rate.
    var frameRateDelta: Mapping? {
        guard let rates = possibleRates else { return nil }
        let nominal = frameRate.framesPerSecond
        let low = min(rates.low.framesPerSecond - nominal, 0)
        let high = max(rates.high.framesPerSecond - nominal, 0)
        let delta = presentRates.high.framesPerSecond - nominal
        return Mapping(
            values: .numbers(low...high), value: .number(abs(delta) < 0.001 ? 0 : delta), initial: .number(0)
        ) { value in
            guard case .number(let delta) = value else { return [] }
            let rate = delta == 0 ? frameRate : FrameRate(nominal + delta)
            return limits(FrameRateRange(low: rate, high: rate))
        }
    }

    private var possibleRates: FrameRateRange? {
        guard let microseconds = range(Self.name), microseconds.upperBound > microseconds.lowerBound else { return nil }
        // Rates of more than a thousand frames, and of less than one a day, are none.
        let shortest = max(microseconds.lowerBound, 1000)
        let longest = min(microseconds.upperBound, 86_400_000_000)
        guard shortest < longest else { return nil }
        return FrameRateRange(low: Self.rate(longest), high: Self.rate(shortest))
    }

    private var presentRates: FrameRateRange {
        let set = wanted[Self.name]?.numbers ?? []
        guard set.count == 2, set[0] > 0, set[1] > 0 else { return FrameRateRange(low: frameRate, high: frameRate) }
        return FrameRateRange(low: Self.rate(set[1]), high: Self.rate(set[0]))
    }

    private func limits(_ rates: FrameRateRange) -> [Change] {
        let range = range(Self.name) ?? 0...0
        let times = [rates.high, rates.low].map { rate in
            let microseconds = (1e6 / rate.framesPerSecond).rounded()
            return ControlValue.integer(Int64(clamping: min(max(microseconds, range.lowerBound), range.upperBound)))
        }
        return [(Self.name, .array(times))]
    }

    private static func rate(_ microseconds: Double) -> FrameRate {
        FrameRate(1_000_000, max(Int(clamping: microseconds), 1))
    }
}
