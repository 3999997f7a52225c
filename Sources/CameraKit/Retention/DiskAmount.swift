// SPDX-License-Identifier: MIT

package import CameraCore

/// An amount of space on a disk.
public enum DiskAmount: Hashable, Sendable {
    /// Bytes.
    case bytes(Int)
    /// Millions of bytes.
    case megabytes(Double)
    /// Thousands of millions of bytes.
    case gigabytes(Double)
    /// Hundredths of the whole file system.
    case percent(Double)
}

extension DiskAmount {
    /// Reads an amount from text: "500MB", "2GB", "1.5TB", "10%"; a bare number is bytes.
    ///
    /// - Throws: `.invalidValue`.
    package init(parsing text: String) throws(CameraError) {
        let digits = text.prefix { ("0"..."9").contains($0) || $0 == "." }
        let unit = text[digits.endIndex...].lowercased()
        let units: [String: Double] = ["": 1, "b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12]
        if let value = Double(digits) {
            if unit == "%", value < 100 {
                self = .percent(value)
                return
            }
            if let factor = units[unit], value * factor <= Self.most {
                self = .bytes(Int(value * factor))
                return
            }
        }
        throw CameraError(
            .invalidValue, "reading an amount of space", subject: text, reason: "write it as 500MB, 2GB or 10%")
    }

    /// An exabyte: far from the limits of the numbers that follow.
    private static let most = 1e18

    /// The amount in bytes.
    ///
    /// - Parameter total: The size of the file system.
    /// - Returns: The number of bytes.
    package func byteCount(of total: Int) -> Int {
        switch self {
        case .bytes(let count): count
        case .megabytes(let count): Int((count * 1e6).rounded())
        case .gigabytes(let count): Int((count * 1e9).rounded())
        case .percent(let percent): Int((Double(total) / 100 * percent).rounded(.up))
        }
    }

    /// Throws for amounts that cannot be.
    func check(_ name: String, allowsNothing: Bool) throws(CameraError) {
        let (value, most) =
            switch self {
            case .bytes(let count): (Double(count), Self.most)
            case .megabytes(let count): (count, Self.most / 1e6)
            case .gigabytes(let count): (count, Self.most / 1e9)
            case .percent(let percent): (percent, 100.0.nextDown)
            }
        guard value.isFinite, value <= most, value > 0 || (allowsNothing && value == 0) else {
            let most = if case .percent = self { "less than 100 percent" } else { "an exabyte at most" }
            throw Retention.refusal("\(name) \(self)", "it must be above 0, and \(most)")
        }
    }
}
