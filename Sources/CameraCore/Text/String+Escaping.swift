// SPDX-License-Identifier: MIT

extension String {
    /// The text with what would steer a terminal, or break a line, written out: `\n`, `\t`, `\u{1B}`.
    ///
    /// Names of files and devices may hold anything.
    ///
    /// - Parameter kept: Characters that stay all the same.
    /// - Returns: The text on one line.
    package func escapingControls(except kept: Set<Unicode.Scalar> = []) -> String {
        guard unicodeScalars.contains(where: { $0.steersTerminals && !kept.contains($0) }) else { return self }
        var text = ""
        for scalar in unicodeScalars {
            if scalar.steersTerminals, !kept.contains(scalar) {
                text += scalar.writtenOut
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

extension Unicode.Scalar {
    /// Whether it is not shown, but changes how others are: control characters, separators of lines, and what turns the
    /// direction of the text.
    fileprivate var steersTerminals: Bool {
        switch value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069, 0x200E, 0x200F: true
        default: false
        }
    }

    fileprivate var writtenOut: String {
        switch self {
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        default: "\\u{\(String(value, radix: 16, uppercase: true))}"
        }
    }
}
