// SPDX-License-Identifier: MIT

import Foundation

/// The lowest, middle and highest of some values.
struct Spread: Codable {
    let low: Double
    let median: Double
    let high: Double

    /// Nil without values.
    init?(_ values: [Double]) {
        let sorted = values.sorted()
        guard let low = sorted.first, let high = sorted.last else { return nil }
        self.low = low
        self.high = high
        let middle = sorted.count / 2
        median = sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }

    /// "0.94 (0.90 to 0.99)".
    var text: String { "\(median.short) (\(low.short) to \(high.short))" }
}

extension Double {
    /// Three digits that count.
    var short: String {
        guard self != 0, isFinite else { return self == 0 ? "0" : "\(self)" }
        let digits = max(0, 2 - Int(log10(abs(self)).rounded(.down)))
        return String(format: "%.\(Swift.min(digits, 6))f", self)
    }
}
