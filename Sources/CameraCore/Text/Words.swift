// SPDX-License-Identifier: MIT

extension BinaryInteger {
    /// Its digits with zeros in front, so many in all at least; below zero the sign counts as one of them.
    package func zeroPadded(to count: Int) -> String {
        let digits = "\(self)"
        return String(repeating: "0", count: max(0, count - digits.utf8.count)) + digits
    }
}

extension Bool {
    /// Reads "on", "yes", "true" or "1", and their opposites; nil for any other word.
    package init?(word: String) {
        switch word.lowercased() {
        case "on", "yes", "true", "1": self = true
        case "off", "no", "false", "0": self = false
        default: return nil
        }
    }
}
