// SPDX-License-Identifier: MIT

/// A picture that became brighter or darker as a whole, as in a fade or when the exposure changes.
///
/// Such a change would lead blocks to wherever it is as bright as they are now.
struct BrightnessChange {
    /// What each sample of the picture was before the change.
    let table: [UInt8]

    /// Compares two small planes of the same size; nil where a change of brightness does not explain their difference.
    init?(_ plane: PlaneView, after earlier: PlaneView) {
        let (now, before) = (Levels(plane), Levels(earlier))
        // Noise alone changes the mean by less.
        guard abs(now.mean - before.mean) > 0.75, now.deviation > 0.5 else { return nil }
        let gain = before.deviation / now.deviation
        guard (0.25...4).contains(gain) else { return nil }
        let table = (0..<256).map {
            UInt8(min(max(((Double($0) - now.mean) * gain + before.mean).rounded(), 0), 255))
        }
        var difference = 0
        var corrected = 0
        for row in 0..<plane.height {
            let (samples, others) = (plane.row(row), earlier.row(row))
            for column in 0..<Int(plane.width) {
                let other = Int(others[column])
                difference += abs(Int(samples[column]) - other)
                corrected += abs(Int(table[Int(samples[column])]) - other)
            }
        }
        guard corrected * 2 < difference else { return nil }
        self.table = table
    }

    private struct Levels {
        let mean: Double
        let deviation: Double

        init(_ plane: PlaneView) {
            var (sum, squares) = (0, 0)
            for row in 0..<plane.height {
                let samples = plane.row(row)
                for column in 0..<Int(plane.width) {
                    let value = Int(samples[column])
                    sum += value
                    squares += value * value
                }
            }
            let count = Double(max(Int(plane.width) * Int(plane.height), 1))
            mean = Double(sum) / count
            deviation = max(Double(squares) / count - mean * mean, 0).squareRoot()
        }
    }
}
