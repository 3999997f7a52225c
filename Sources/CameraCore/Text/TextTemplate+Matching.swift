// SPDX-License-Identifier: MIT

extension TextTemplate {
    /// The number that a filled template shows; nil for a text that was not made of this template, or has no number.
    ///
    /// Any text stands for a time. Numbers near the largest one are nobody's: a series could not go on behind them.
    package func number(in text: String) -> Int? {
        var search = Search(text: Array(text.utf8), pieces: pieces)
        return search.number(at: Search.Place(piece: 0, byte: 0, known: nil))
    }

    /// The ways in which the pieces of a template can make a text, tried one after the other.
    private struct Search {
        /// How far the text is explained, and the number that it showed until there.
        struct Place: Hashable {
            var piece: Int
            var byte: Int
            var known: Int?
        }

        let text: [UInt8]
        let pieces: [Piece]
        /// Where nothing was found: the time that is needed would else double with each place of the template.
        private var failed: Set<Place> = []
        private let lastNumber: Int
        /// How many bytes the text of each piece has at this moment, if it is a time.
        private let usualLengths: [Int]
        /// The widest place that a number may have.
        private static let mostDigits = 32

        init(text: [UInt8], pieces: [Piece]) {
            self.text = text
            self.pieces = pieces
            let now = WallTime.now
            usualLengths = pieces.map { piece in
                if case .timestamp(let pattern) = piece { TextTemplate.format(now, pattern).utf8.count } else { 0 }
            }
            lastNumber = pieces.lastIndex { if case .number = $0 { true } else { false } } ?? -1
        }

        mutating func number(at place: Place) -> Int? {
            guard place.piece < pieces.count else { return place.byte == text.count ? place.known : nil }
            var key = place
            // The number makes no difference where none follows that must be the same.
            if place.piece > lastNumber, place.known != nil { key.known = 0 }
            guard !failed.contains(key) else { return nil }
            if let found = find(at: place) { return found }
            failed.insert(key)
            return nil
        }

        private mutating func find(at place: Place) -> Int? {
            var next = place
            next.piece += 1
            switch pieces[place.piece] {
            case .text(let literal):
                guard text[place.byte...].starts(with: literal.utf8) else { return nil }
                next.byte += literal.utf8.count
                return number(at: next)
            case .timestamp:
                // As long as this moment's text first: digits that follow it are the number's. A pattern may make no text at
                // all: "%p" where mornings have no name, or what strftime(3) finds too long.
                let usual = place.byte + usualLengths[place.piece]
                next.byte = usual
                if usual <= text.count, let found = number(at: next) { return found }
                for byte in place.byte...text.count where byte != usual {
                    next.byte = byte
                    if let found = number(at: next) { return found }
                }
                return nil
            case .number(let width, let zeros):
                return findNumber(at: place, width: width, zeros: zeros)
            }
        }

        private mutating func findNumber(at place: Place, width: Int, zeros: Bool) -> Int? {
            let digits = text[place.byte...].drop { $0 == UInt8(ascii: " ") && !zeros }
                .prefix(Self.mostDigits).prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            // The longest first; digits that follow the place belong to what the template has there.
            for count in stride(from: digits.count, to: 0, by: -1) {
                let end = digits.startIndex + count
                guard end - place.byte >= width else { return nil }
                guard let value = Int(String(decoding: digits.prefix(count), as: UTF8.self)), value <= .max / 2,
                    place.known == nil || place.known == value
                else { continue }
                if let found = number(at: Place(piece: place.piece + 1, byte: end, known: value)) { return found }
            }
            return nil
        }
    }
}
