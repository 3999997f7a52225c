// SPDX-License-Identifier: MIT

extension TextTemplate {
    /// The number that a filled template shows; nil for a text that was not made of this template, or has no number.
    ///
    /// Any text stands for a time. Numbers near the largest one are nobody's: a series could not go on behind them.
    package func number(in text: String) -> Int? {
        Self.number(in: text[...], pieces[...], known: nil)
    }

    private static func number(in text: Substring, _ pieces: ArraySlice<Piece>, known: Int?) -> Int? {
        guard let piece = pieces.first else { return text.isEmpty ? known : nil }
        let rest = pieces.dropFirst()
        switch piece {
        case .text(let literal):
            return text.hasPrefix(literal) ? number(in: text.dropFirst(literal.count), rest, known: known) : nil
        case .timestamp:
            // A pattern may make no text at all: "%p" where mornings have no name, or what strftime(3) finds too long.
            return text.indices.lazy.compactMap { number(in: text[$0...], rest, known: known) }.first
                ?? number(in: "", rest, known: known)
        case .number(let width, let zeros):
            let digits = text.drop { String($0) == " " && !zeros }.prefix { $0.isASCII && $0.isNumber }
            // The longest first; digits that follow the place belong to what the template has there.
            for count in stride(from: digits.count, to: 0, by: -1) {
                let part = digits.prefix(count)
                guard text.distance(from: text.startIndex, to: part.endIndex) >= width else { return nil }
                guard let value = Int(part), value <= .max / 2, known == nil || known == value else { continue }
                if let found = number(in: text[part.endIndex...], rest, known: value) { return found }
            }
            return nil
        }
    }
}
