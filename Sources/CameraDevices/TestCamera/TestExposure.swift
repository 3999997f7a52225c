// SPDX-License-Identifier: MIT

internal import CameraCore
internal import Glibc

/// How a picture is exposed: the scene is lit so that 10 ms without gain are right.
///
/// What is automatic makes up for what is not, within its range, so that the picture stays as bright. No exposure takes
/// longer than a frame.
struct TestExposure: Hashable, Sendable {
    /// The exposure time in seconds.
    let time: Double
    /// The analogue gain as a factor.
    let gain: Double

    /// The product of time and gain that is right.
    private static let right = 0.01
    /// The units of ``TestControl/exposureTime`` in a second.
    private static let units = 10_000.0

    init(_ controls: TestControls, frameInterval: Duration) {
        let longest = min(frameInterval.inSeconds, Double(TestControl.exposureTime.range.upperBound) / Self.units)
        func limited(_ time: Double) -> Double { max(min(time, longest), 1 / Self.units) }
        func limited(gain: Double) -> Double {
            min(max(gain, 1), Double(TestControl.gain.range.upperBound) / 100)
        }
        let wanted = Self.right * exp2(Double(controls[.exposureBias]) / 6)
        let fixedGain = controls.isGainAutomatic ? 1 : Double(controls[.gain]) / 100
        if controls.isTimeAutomatic {
            time = limited(wanted / fixedGain)
        } else {
            time = limited(Double(controls[.exposureTime]) / Self.units)
        }
        gain = controls.isGainAutomatic ? limited(gain: wanted / time) : fixedGain
    }

    /// How much brighter than right the picture becomes: 1 for a right one.
    var brightness: Double {
        let factor = time * gain / Self.right
        // Divisions leave a rest, which must not make another picture of a right one.
        return abs(factor - 1) < 1e-9 ? 1 : factor
    }

    /// The exposure time.
    var duration: Duration { .nanoseconds(Int64((time * 1e9).rounded())) }
    /// The time as a number of ``TestControl/exposureTime``.
    var timeNumber: Int64 { Int64((time * Self.units).rounded()) }
    /// The gain as a number of ``TestControl/gain``.
    var gainNumber: Int64 { Int64((gain * 100).rounded()) }
}
