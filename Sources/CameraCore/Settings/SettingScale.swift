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

    /// Makes a scale; nil where the driver leaves no choice, or its numbers make no sense.
    ///
    /// - Parameters:
    ///   - values: picamera's range.
    ///   - neutral: The value in it that changes nothing.
    ///   - minimum: The driver's smallest number.
    ///   - initial: The number that the driver starts with.
    ///   - maximum: The driver's largest number.
    ///   - step: The distance between the driver's numbers; 0 where any number between the ends is allowed.
    package init?(
        _ values: ClosedRange<Int>, neutral: Int, minimum: Double, initial: Double, maximum: Double, step: Double = 0
    ) {
        guard minimum < maximum, initial >= minimum, initial <= maximum, step >= 0 else { return nil }
        let last = step > 0 ? minimum + ((maximum - minimum) / step).rounded(.down) * step : maximum
        let low = initial > minimum ? values.lowerBound : neutral
        let high = initial < last ? values.upperBound : neutral
        guard low < high else { return nil }
        self.values = low...high
        self.neutral = neutral
        self.minimum = minimum
        self.initial = initial
        self.maximum = max(last, initial)
        self.step = step
    }

    /// The driver's number for a value.
    package func native(_ value: Int) -> Double {
        if value == neutral { return initial }
        if value < neutral {
            let share = Double(max(value, values.lowerBound) - values.lowerBound) / Double(neutral - values.lowerBound)
            return min(rounded(minimum + share * (initial - minimum)), initial)
        }
        let share = Double(min(value, values.upperBound) - neutral) / Double(values.upperBound - neutral)
        return max(min(rounded(initial + share * (maximum - initial)), maximum), initial)
    }

    /// The value that is nearest to a number of the driver.
    package func value(_ native: Double) -> Int {
        let native = min(max(native, minimum), maximum)
        if native == initial { return neutral }
        if native < initial {
            let share = (native - minimum) / (initial - minimum)
            return values.lowerBound + Int((share * Double(neutral - values.lowerBound)).rounded())
        }
        let share = (native - initial) / (maximum - initial)
        return neutral + Int((share * Double(values.upperBound - neutral)).rounded())
    }

    /// The number on a step that is nearest.
    private func rounded(_ native: Double) -> Double {
        step > 0 ? minimum + ((native - minimum) / step).rounded() * step : native
    }
}
