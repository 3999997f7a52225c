// SPDX-License-Identifier: MIT

/// Turns a setting with a neutral value, such as brightness from 0 to 100, into a driver's numbers and back.
///
/// The neutral value is what the driver starts with, the ends are the driver's ends, and between them it is linear. Where
/// the driver starts with its smallest or largest number, the setting has only the other half of its range.
package struct SettingScale: Hashable, Sendable {
    /// The values that the setting has on this driver.
    package let values: ClosedRange<Int>
    private let neutral: Int
    private let minimum: Double
    private let initial: Double
    private let maximum: Double
    private let step: Double

    /// Makes a scale; nil where the driver has but one number, or its numbers make no sense.
    ///
    /// - Parameters:
    ///   - values: picamera's range.
    ///   - neutral: The value in it that changes nothing.
    ///   - minimum: The driver's smallest number.
    ///   - initial: The number that it starts with.
    ///   - maximum: Its largest number.
    ///   - step: The distance between its numbers; 0 where there are all between them.
    package init?(
        _ values: ClosedRange<Int>, neutral: Int, minimum: Double, initial: Double, maximum: Double, step: Double = 0
    ) {
        guard minimum < maximum, initial >= minimum, initial <= maximum, step >= 0 else { return nil }
        let low = initial > minimum ? values.lowerBound : neutral
        let high = initial < maximum ? values.upperBound : neutral
        self.values = low...high
        self.neutral = neutral
        self.minimum = minimum
        self.initial = initial
        self.maximum = maximum
        self.step = step
    }

    /// The driver's number for a value.
    package func native(_ value: Int) -> Double {
        if value <= values.lowerBound, values.lowerBound < neutral { return minimum }
        if value >= values.upperBound, values.upperBound > neutral { return largest }
        if value == neutral { return initial }
        if value < neutral {
            let share = Double(value - values.lowerBound) / Double(neutral - values.lowerBound)
            return min(rounded(minimum + share * (initial - minimum)), initial)
        }
        let share = Double(value - neutral) / Double(values.upperBound - neutral)
        return max(rounded(initial + share * (maximum - initial)), initial)
    }

    /// The value that is nearest to a number of the driver.
    package func value(_ native: Double) -> Int {
        let native = min(max(native, minimum), maximum)
        if native == initial { return neutral }
        if native < initial {
            let share = (native - minimum) / (initial - minimum)
            return values.lowerBound + Int((share * Double(neutral - values.lowerBound)).rounded())
        }
        if native >= largest { return values.upperBound }
        let share = (native - initial) / (maximum - initial)
        return neutral + Int((share * Double(values.upperBound - neutral)).rounded())
    }

    /// The largest number on a step, or what the driver starts with where that is larger.
    private var largest: Double {
        step > 0 ? max(minimum + ((maximum - minimum) / step).rounded(.down) * step, initial) : maximum
    }

    private func rounded(_ native: Double) -> Double {
        guard step > 0 else { return native }
        return min(minimum + ((native - minimum) / step).rounded() * step, largest)
    }
}
