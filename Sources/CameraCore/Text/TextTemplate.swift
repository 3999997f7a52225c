// SPDX-License-Identifier: MIT

internal import Glibc

/// A text with places for a number and the time: "clip-{counter:03d}.h264", "{frame} {timestamp:%H:%M:%S}".
///
/// The place of the number takes a width as `{counter:04d}`; `{timestamp}` takes a pattern of `strftime(3)` in local time,
/// with `%f` for microseconds. Two braces stand for one.
package struct TextTemplate: Hashable, Sendable {
    private(set) var pieces: [Piece] = []

    /// What a template is made of.
    enum Piece: Hashable {
        case text(String)
        case number(width: Int, zeros: Bool)
        case timestamp(String)
    }

    /// Reads a template.
    ///
    /// - Parameters:
    ///   - text: The text with its places.
    ///   - number: What the place of the number is called: "counter", "frame".
    ///   - operation: What reading is called in errors.
    /// - Throws: `.invalidValue` for a place that is not known or not closed.
    package init(_ text: String, number: String, operation: String) throws(CameraError) {
        let reader = Reader(text: text, number: number, operation: operation)
        var rest = Substring(text)
        var literal = ""
        while let character = rest.popFirst() {
            if (character == "{" || character == "}"), rest.first == character {
                literal.append(character)
                rest.removeFirst()
            } else if character == "{" {
                guard let end = rest.firstIndex(of: "}") else { throw reader.error("a '{' is not closed") }
                if !literal.isEmpty { pieces.append(.text(literal)) }
                literal = ""
                pieces.append(try reader.piece(rest[..<end]))
                rest = rest[rest.index(after: end)...]
            } else if character == "}" {
                throw reader.error("a '}' has no '{' before it")
            } else {
                literal.append(character)
            }
        }
        if !literal.isEmpty { pieces.append(.text(literal)) }
        let placeCount = pieces.count { if case .text = $0 { false } else { true } }
        guard placeCount <= Self.mostPlaces else {
            throw reader.error("it has \(placeCount) places; \(Self.mostPlaces) are enough")
        }
    }

    /// The places that a template may have: with more, to find the number in a name would take too long.
    private static let mostPlaces = 16

    /// Takes a text as it is, braces included.
    package init(literal text: String) {
        if !text.isEmpty { pieces = [.text(text)] }
    }

    /// Whether there is any place to fill.
    package var hasPlaces: Bool {
        pieces.contains { if case .text = $0 { false } else { true } }
    }

    /// Whether there is a place for the number.
    package var hasNumber: Bool {
        pieces.contains { if case .number = $0 { true } else { false } }
    }

    /// Whether there is a place for the time.
    package var hasTimestamp: Bool {
        pieces.contains { if case .timestamp = $0 { true } else { false } }
    }

    /// The text with its places filled.
    ///
    /// - Parameters:
    ///   - number: What stands in the place of the number.
    ///   - time: The moment that `{timestamp}` shows.
    /// - Returns: The text.
    package func filled(number: some BinaryInteger, at time: WallTime) -> String {
        pieces.map { piece in
            switch piece {
            case .text(let text): text
            case .number(let width, let zeros): Self.text(of: number, width: width, zeros: zeros)
            case .timestamp(let pattern): Self.format(time, pattern)
            }
        }.joined()
    }

    /// The text whose places are filled as in another text that goes with it; nil when that has not all of them.
    package func filled(as match: Match) -> String? {
        var text = ""
        for piece in pieces {
            switch piece {
            case .text(let literal): text += literal
            case .number(let width, let zeros):
                guard let number = match.number else { return nil }
                text += Self.text(of: number, width: width, zeros: zeros)
            case .timestamp(let pattern):
                guard let time = match.times[pattern] else { return nil }
                text += time
            }
        }
        return text
    }

    /// The patterns of its times.
    package var timePatterns: Set<String> {
        Set(pieces.compactMap { if case .timestamp(let pattern) = $0 { pattern } else { nil } })
    }

    private static func text(of number: some BinaryInteger, width: Int, zeros: Bool) -> String {
        let digits = "\(number)"
        return String(repeating: zeros ? "0" : " ", count: max(0, width - digits.count)) + digits
    }

    /// Reads the places of one text.
    private struct Reader {
        let text: String
        let number: String
        let operation: String

        func piece(_ content: Substring) throws(CameraError) -> Piece {
            let parts = content.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let pattern = parts.count == 2 ? String(parts[1]) : ""
            switch parts[0] {
            case number[...]:
                var digits = Substring(pattern)
                if digits.last == "d" { digits.removeLast() }
                guard let width = Int(digits.isEmpty ? "0" : digits), (0...32).contains(width) else {
                    throw error("write the \(number) as {\(number)} or {\(number):04d}")
                }
                return .number(width: width, zeros: digits.first == "0")
            case "timestamp":
                return .timestamp(pattern.isEmpty ? "%Y-%m-%d %H:%M:%S.%f" : pattern)
            default:
                throw error("'{\(content)}' is neither {\(number)} nor {timestamp}")
            }
        }

        func error(_ reason: String) -> CameraError {
            CameraError(.invalidValue, operation, subject: text, reason: reason)
        }
    }

    static func format(_ time: WallTime, _ pattern: String) -> String {
        let (seconds, nanoseconds) = time.parts
        let microseconds = (nanoseconds / 1000).zeroPadded(to: 6)
        // "%%f" is a percent sign and a letter.
        let parts = pattern.split(separator: "%%", omittingEmptySubsequences: false)
        let filled = parts.map { replace("%f", by: microseconds, in: $0) }.joined(separator: "%%")
        var moment = time_t(seconds)
        var fields = tm()
        localtime_r(&moment, &fields)
        return text(of: &fields, filled)
    }

    /// What strftime(3) makes of a moment's parts.
    static func text(of fields: inout tm, _ pattern: String) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1024) { buffer in
            guard let start = buffer.baseAddress else { return "" }
            let count = strftime(start, buffer.count, pattern, &fields)
            return String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
        }
    }

    private static func replace(_ mark: String, by value: String, in text: Substring) -> String {
        text.split(separator: mark, omittingEmptySubsequences: false).joined(separator: value)
    }
}
