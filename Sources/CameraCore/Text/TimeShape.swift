// SPDX-License-Identifier: MIT

internal import Glibc

/// The texts that a pattern of strftime(3) makes, whatever the moment is.
struct TimeShape {
    /// What a conversion of the pattern becomes.
    enum Element: Hashable {
        case byte(UInt8)
        /// Digits; with blanks in front, where these are allowed, when the number has fewer than the width.
        case number(widths: ClosedRange<Int>, values: ClosedRange<Int>, blanks: Bool = false)
        case words(Set<[UInt8]>)
        /// "+0100".
        case offset
        /// "CEST", "+03".
        case zone
        /// Any text without a slash, at least one byte of it.
        case anything
    }

    let elements: [Element]

    /// Reads a pattern, whose `%f` is the microsecond.
    init(_ pattern: String) {
        elements = Self.elements(of: Array(pattern.utf8), depth: 0)
    }

    /// Where a time that begins at a byte of a text can end, the longest first.
    func ends(in text: [UInt8], from start: Int) -> [Int] { Self.ends(of: elements[...], in: text, from: start) }

    /// Where elements that follow each other can end.
    static func ends(of elements: ArraySlice<Element>, in text: [UInt8], from start: Int) -> [Int] {
        var places: Set<Int> = [start]
        for element in elements {
            places = places.reduce(into: []) { $0.formUnion(element.ends(in: text, from: $1)) }
            if places.isEmpty { return [] }
        }
        return places.sorted(by: >)
    }

    // MARK: Reading patterns

    private static func elements(of pattern: [UInt8], depth: Int) -> [Element] {
        var elements: [Element] = []
        var rest = pattern[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%"), let next = rest.popFirst() else {
                elements.append(.byte(byte))
                continue
            }
            if let known = conversion(next, depth: depth) {
                elements += known
                continue
            }
            // Flags, a width or a modifier of the C library's, up to the letter: what they make is not looked at closely.
            var letter: UInt8? = next
            while let present = letter, "_-0^#+123456789EO".utf8.contains(present) { letter = rest.popFirst() }
            elements.append(letter == nil ? .byte(byte) : .anything)
        }
        return elements
    }

    /// What a conversion makes; nil for one that is not known.
    private static func conversion(_ letter: UInt8, depth: Int) -> [Element]? {
        let character = Character(Unicode.Scalar(letter))
        if let number = number(character) { return [number] }
        if let other = compounds[character] { return elements(of: Array(other.utf8), depth: depth + 1) }
        switch character {
        case "%": return [.byte(letter)]
        case "n": return [.byte(UInt8(ascii: "\n"))]
        case "t": return [.byte(UInt8(ascii: "\t"))]
        case "z": return [.offset]
        case "Z": return [.zone]
        case "a", "A", "b", "B", "h", "p", "P": return [.words(words(of: character))]
        default: break
        }
        guard let item = localItems[character], depth < 3, let text = nl_langinfo(item) else { return nil }
        return elements(of: Array(String(cString: text).utf8), depth: depth + 1)
    }

    /// What a conversion makes that is a number; nil for others.
    private static func number(_ letter: Character) -> Element? {
        switch letter {
        case "Y", "G": .number(widths: 4...4, values: 0...9999)
        case "C", "y", "g": .number(widths: 2...2, values: 0...99)
        case "m", "I": .number(widths: 2...2, values: 1...12)
        case "d": .number(widths: 2...2, values: 1...31)
        case "e": .number(widths: 2...2, values: 1...31, blanks: true)
        case "H": .number(widths: 2...2, values: 0...23)
        case "k": .number(widths: 2...2, values: 0...23, blanks: true)
        case "l": .number(widths: 2...2, values: 1...12, blanks: true)
        case "M": .number(widths: 2...2, values: 0...59)
        case "S": .number(widths: 2...2, values: 0...60)
        case "j": .number(widths: 3...3, values: 1...366)
        case "U", "W": .number(widths: 2...2, values: 0...53)
        case "V": .number(widths: 2...2, values: 1...53)
        case "u": .number(widths: 1...1, values: 1...7)
        case "w": .number(widths: 1...1, values: 0...6)
        case "s": .number(widths: 1...19, values: 0...Int.max)
        case "f": .number(widths: 6...6, values: 0...999_999)
        default: nil
        }
    }

    private static let compounds: [Character: String] = [
        "F": "%Y-%m-%d", "T": "%H:%M:%S", "R": "%H:%M", "D": "%m/%d/%y",
    ]

    /// Conversions whose pattern the language of the program chooses.
    private static let localItems: [Character: nl_item] = [
        "c": nl_item(D_T_FMT), "x": nl_item(D_FMT), "X": nl_item(T_FMT), "r": nl_item(T_FMT_AMPM),
    ]

    /// The names of all months, days or halves of the day.
    private static func words(of letter: Character) -> Set<[UInt8]> {
        let names = (0..<24).map { index in
            var fields = tm()
            fields.tm_mday = 1
            fields.tm_mon = Int32(index % 12)
            fields.tm_wday = Int32(index % 7)
            fields.tm_hour = Int32(index)
            return Array(TextTemplate.text(of: &fields, "%\(letter)").utf8)
        }
        return Set(names)
    }
}

extension TimeShape.Element {
    /// Where the element can end that begins at a byte of a text.
    fileprivate func ends(in text: [UInt8], from start: Int) -> Set<Int> {
        let rest = text[start...]
        switch self {
        case .byte(let byte): return rest.first == byte ? [start + 1] : []
        case .number(let widths, let values, let blanks):
            let fitting = widths.filter { width in
                let bytes = rest.prefix(width)
                let digits = blanks ? bytes.drop { $0 == UInt8(ascii: " ") } : bytes
                return bytes.count == width && Self.isNumber(digits, values)
            }
            return Set(fitting.map { start + $0 })
        case .words(let words): return Set(words.filter(rest.starts).map { start + $0.count })
        case .offset:
            guard rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") else { return [] }
            let digits = rest.dropFirst().prefix(4)
            return digits.count == 4 && Self.isNumber(digits, 0...9999) ? [start + 5] : []
        case .zone:
            let count = rest.prefix { Self.isDigit($0) || Self.isLetter($0) || "+-".utf8.contains($0) }.count
            return Set((start..<start + count).map { $0 + 1 })
        case .anything:
            let count = rest.prefix { $0 != UInt8(ascii: "/") }.count
            return Set((start..<start + count).map { $0 + 1 })
        }
    }

    private static func isNumber(_ digits: ArraySlice<UInt8>, _ values: ClosedRange<Int>) -> Bool {
        guard !digits.isEmpty, digits.allSatisfy(isDigit) else { return false }
        return Int(String(decoding: digits, as: UTF8.self)).map(values.contains) ?? false
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
