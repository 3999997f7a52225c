// SPDX-License-Identifier: MIT

// Arithmetic on numbers from outside, of drivers, files and users, which must not trap whatever they are.

extension FixedWidthInteger {
    /// The nearest whole number that there is; 0 for what is no number.
    package init(clamping number: Double) {
        self = Self(exactly: number.rounded()) ?? (number.isNaN ? 0 : number > 0 ? .max : .min)
    }

    /// The sum, or the nearest number that there is.
    package func saturatingAdd(_ other: Self) -> Self {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }

    /// The difference, or the nearest number that there is.
    package func saturatingSubtract(_ other: Self) -> Self {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other < 0 ? .max : .min) : difference
    }

    /// The product, or the nearest number that there is.
    package func saturatingMultiply(by other: Self) -> Self {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? ((self < 0) == (other < 0) ? .max : .min) : product
    }
}

extension Duration {
    /// So many microseconds, at most the 292 years that nanoseconds reach.
    package init(clampingMicroseconds number: Double) {
        self = .nanoseconds(Int64(clamping: number * 1000))
    }

    /// So many times as long, at most the 292 years that nanoseconds reach.
    package func saturatingMultiply(by count: Int) -> Duration {
        .nanoseconds(nanoseconds.saturatingMultiply(by: Int64(clamping: count)))
    }
}
