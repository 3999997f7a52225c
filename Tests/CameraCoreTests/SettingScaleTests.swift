// SPDX-License-Identifier: MIT

import CameraCore
import TestSupport
import Testing

/// How picamera's numbers become a driver's.
struct SettingScaleTests {
    /// A driver's smallest number, the one that it starts with, the largest, and the distance between them.
    struct Driver: CustomTestStringConvertible, Sendable {
        let minimum: Double
        let initial: Double
        let maximum: Double
        let step: Double

        /// The largest number on a step.
        var last: Double {
            step == 0 ? maximum : minimum + ((maximum - minimum) / step).rounded(.down) * step
        }

        var testDescription: String { "\(minimum) \(initial) \(maximum) by \(step)" }

        init(_ minimum: Double, _ initial: Double, _ maximum: Double, _ step: Double) {
            (self.minimum, self.initial, self.maximum, self.step) = (minimum, initial, maximum, step)
        }
    }

    static let drivers =
        [
            Driver(0, 128, 255, 1), Driver(-64, 0, 64, 1), Driver(0, 3, 6, 1), Driver(0, 7, 95, 10),
            Driver(-1, 0, 1, 0), Driver(0, 1, 32, 0), Driver(0, 0, 100, 1), Driver(5, 10, 10, 1), Driver(0, 1, 1, 1),
            Driver(-2_147_483_648, 0, 2_147_483_647, 1), Driver(0, 95, 99, 10),
        ] + arbitrary

    /// Two hundred drivers that nobody would build.
    private static var arbitrary: [Driver] {
        var random = SeededRandom(seed: 7)
        return (0..<200).map { _ in
            let minimum = Int.random(in: -1000...1000, using: &random)
            let maximum = minimum + Int.random(in: 1...3000, using: &random)
            let step = Int.random(in: 1...max((maximum - minimum) / 2, 1), using: &random)
            let initial = Int.random(in: minimum...maximum, using: &random)
            return Driver(Double(minimum), Double(initial), Double(maximum), Double(step))
        }
    }

    @Test(arguments: [(0...100, 50), (-100...100, 0), (0...8000, 1000)])
    func everyValueHasItsPlace(values: ClosedRange<Int>, neutral: Int) throws {
        for driver in Self.drivers {
            let scale = try #require(
                SettingScale(
                    values, neutral: neutral, minimum: driver.minimum, initial: driver.initial,
                    maximum: driver.maximum, step: driver.step))
            #expect(scale.native(neutral) == driver.initial, "\(driver.testDescription)")
            #expect(scale.value(driver.initial) == neutral, "\(driver.testDescription)")
            #expect(values.contains(scale.values.lowerBound) && values.contains(scale.values.upperBound))
            #expect(scale.values.contains(neutral))
            if driver.initial > driver.minimum {
                #expect(scale.native(values.lowerBound) == driver.minimum)
                #expect(scale.values.lowerBound == values.lowerBound)
            } else {
                #expect(scale.values.lowerBound == neutral)
            }
            var last = -Double.infinity
            var isSound = true
            for value in scale.values {
                let native = scale.native(value)
                let offset = (native - driver.minimum) / max(driver.step, 1e-9)
                // In range, in order, and on a step; what the driver starts with need not be on one.
                isSound = isSound && native >= driver.minimum && native <= driver.maximum && native >= last
                isSound =
                    isSound && (driver.step == 0 || offset == offset.rounded() || native == driver.initial)
                // What is read back becomes the same number of the driver again.
                let back = scale.value(native)
                isSound = isSound && scale.values.contains(back)
                let side = value < neutral ? driver.initial - driver.minimum : driver.last - driver.initial
                let span = value < neutral ? neutral - values.lowerBound : values.upperBound - neutral
                let rounding = side > 0 ? driver.step * Double(span) / side : 0
                isSound = isSound && Double(abs(back - value)) <= rounding + 0.5
                last = native
                if !isSound {
                    Issue.record("\(driver.testDescription): \(value) became \(native) and \(back)")
                    break
                }
            }
        }
    }

    @Test func aFineDriverGivesBackWhatWasSet() throws {
        let scale = try #require(
            SettingScale(0...100, neutral: 50, minimum: 0, initial: 128, maximum: 255, step: 1))
        for value in 0...100 { #expect(scale.value(scale.native(value)) == value) }
        #expect(scale.native(0) == 0 && scale.native(75) == 192 && scale.native(100) == 255)
    }

    @Test(arguments: [
        Driver(0, 0, 0, 1), Driver(5, 5, 4, 1), Driver(0, 9, 5, 1), Driver(0, -1, 5, 1), Driver(0, 0, 5, 10),
    ])
    func aDriverWithoutChoiceHasNoScale(driver: Driver) {
        #expect(
            SettingScale(
                0...100, neutral: 50, minimum: driver.minimum, initial: driver.initial, maximum: driver.maximum,
                step: driver.step) == nil)
    }
}
