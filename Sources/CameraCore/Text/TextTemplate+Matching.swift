// SPDX-License-Identifier: MIT

extension TextTemplate {
    /// What stands in the places of a text that a template made.
    package struct Match: Hashable, Sendable {
        /// The number; nil where the template has no place for it.
        package var number: Int?
        /// The texts of times, by their patterns.
        package var times: [String: String] = [:]

        /// Puts it together.
        package init(number: Int? = nil, times: [String: String] = [:]) {
            self.number = number
            self.times = times
        }
    }

    /// The number that a filled template shows; nil for a text that was not made of this template, or has no number.
    ///
    /// Any text stands for a time. Numbers near the largest one are nobody's: a series could not go on behind them.
    package func number(in text: String) -> Int? {
        var search = Search(text: Array(text.utf8), pieces: pieces, isStrict: false)
        return search.found()?.number
    }

    /// What stands in the places of a text; nil for one that this template can never make.
    ///
    /// Only what its pattern makes at some moment stands for a time. Times in languages that have digits of their own are not
    /// recognised.
    package func match(_ text: String) -> Match? {
        let bytes = Array(text.utf8)
        var search = Search(text: bytes, pieces: pieces, isStrict: true)
        guard let found = search.found() else { return nil }
        var match = Match(number: found.number)
        var start = 0
        for (piece, end) in zip(pieces, found.ends.reversed()) {
            defer { start = end }
            guard case .timestamp(let pattern) = piece else { continue }
            match.times[pattern] = String(decoding: bytes[start..<end], as: UTF8.self)
        }
        // One moment has one text, and a number its own width.
        return filled(as: match) == text ? match : nil
    }

    /// The ways in which the pieces of a template can make a text, tried one after the other.
    private struct Search {
        /// How far the text is explained, and the number that it showed until there.
        struct Place: Hashable {
            var piece: Int
            var byte: Int
            var known: Int?
        }

        /// A text that is explained to its end: its number, and where each piece ends, the last one first.
        struct Found {
            var number: Int?
            var ends: [Int] = []
        }

        let text: [UInt8]
        let pieces: [Piece]
        /// Where nothing was found: the time that is needed would else double with each place of the template.
        private var failed: Set<Place> = []
        private let lastNumber: Int
        /// How many bytes the text of each piece has at this moment, if it is a time.
        private var usualLengths: [Int] = []
        /// What each piece can look like, if it is a time and only such texts stand for it.
        private var shapes: [TimeShape?] = []
        /// The widest place that a number may have.
        private static let mostDigits = 32

        init(text: [UInt8], pieces: [Piece], isStrict: Bool) {
            self.text = text
            self.pieces = pieces
            lastNumber = pieces.lastIndex { if case .number = $0 { true } else { false } } ?? -1
            let now = WallTime.now
            for piece in pieces {
                guard case .timestamp(let pattern) = piece else {
                    usualLengths.append(0)
                    shapes.append(nil)
                    continue
                }
                usualLengths.append(isStrict ? 0 : TextTemplate.format(now, pattern).utf8.count)
                shapes.append(isStrict ? TimeShape(pattern) : nil)
            }
        }

        mutating func found() -> Found? {
            search(from: Place(piece: 0, byte: 0, known: nil))
        }

        private mutating func search(from place: Place) -> Found? {
            guard place.piece < pieces.count else {
                return place.byte == text.count ? Found(number: place.known) : nil
            }
            var key = place
            // The number makes no difference where none follows that must be the same.
            if place.piece > lastNumber, place.known != nil { key.known = 0 }
            guard !failed.contains(key) else { return nil }
            if let found = find(at: place) { return found }
            failed.insert(key)
            return nil
        }

        /// Explains the rest of the text, whose next piece ends at a byte.
        private mutating func rest(of place: Place, endingAt end: Int, known: Int?) -> Found? {
            guard var found = search(from: Place(piece: place.piece + 1, byte: end, known: known)) else { return nil }
            found.ends.append(end)
            return found
        }

        private mutating func find(at place: Place) -> Found? {
            switch pieces[place.piece] {
            case .text(let literal):
                guard text[place.byte...].starts(with: literal.utf8) else { return nil }
                return rest(of: place, endingAt: place.byte + literal.utf8.count, known: place.known)
            case .timestamp:
                for end in timeEnds(at: place) {
                    if let found = rest(of: place, endingAt: end, known: place.known) { return found }
                }
                return nil
            case .number(let width, let zeros):
                return findNumber(at: place, width: width, zeros: zeros)
            }
        }

        /// Where the text of a time can end, the likeliest first.
        private func timeEnds(at place: Place) -> [Int] {
            if let shape = shapes[place.piece] { return shape.ends(in: text, from: place.byte) }
            // As long as this moment's text first: digits that follow it are the number's. A pattern may make no text at
            // all: "%p" where mornings have no name, or what strftime(3) finds too long.
            let usual = place.byte + usualLengths[place.piece]
            let others = (place.byte...text.count).filter { $0 != usual }
            return usual <= text.count ? [usual] + others : others
        }

        private mutating func findNumber(at place: Place, width: Int, zeros: Bool) -> Found? {
            let digits = text[place.byte...].drop { $0 == UInt8(ascii: " ") && !zeros }
                .prefix(Self.mostDigits).prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            // The longest first; digits that follow the place belong to what the template has there.
            for count in stride(from: digits.count, to: 0, by: -1) {
                let end = digits.startIndex + count
                guard end - place.byte >= width else { return nil }
                guard let value = Int(String(decoding: digits.prefix(count), as: UTF8.self)), value <= .max / 2,
                    place.known == nil || place.known == value
                else { continue }
                if let found = rest(of: place, endingAt: end, known: value) { return found }
            }
            return nil
        }
    }
}
