// SPDX-License-Identifier: MIT

public import CameraCore
internal import Glibc

/// A file name with places for a counter and the time: "clip-{counter:03d}.h264", "{timestamp:%H-%M-%S}.jpg".
///
/// `{counter}` takes a width as `{counter:04d}`; `{timestamp}` takes a pattern of `strftime(3)` in local time, with `%f`
/// for microseconds as picamera has it. Two braces stand for one.
public struct FileTemplate: Hashable, Sendable {
    private var pieces: [Piece] = []

    private enum Piece: Hashable {
        case text(String)
        case counter(width: Int, zeros: Bool)
        case timestamp(String)
    }

    /// Reads a template.
    ///
    /// - Throws: `.invalidValue` for a place that is not known or not closed.
    public init(_ text: String) throws(CameraError) {
        var rest = Substring(text)
        var literal = ""
        while let character = rest.popFirst() {
            if (character == "{" || character == "}"), rest.first == character {
                literal.append(character)
                rest.removeFirst()
            } else if character == "{" {
                guard let end = rest.firstIndex(of: "}") else { throw Self.error(text, "a '{' is not closed") }
                if !literal.isEmpty { pieces.append(.text(literal)) }
                literal = ""
                pieces.append(try Self.piece(rest[..<end], of: text))
                rest = rest[rest.index(after: end)...]
            } else if character == "}" {
                throw Self.error(text, "a '}' has no '{' before it")
            } else {
                literal.append(character)
            }
        }
        if !literal.isEmpty { pieces.append(.text(literal)) }
    }

    /// Whether each file gets a name of its own.
    public var isSeries: Bool {
        pieces.contains { if case .text = $0 { false } else { true } }
    }

    /// The name of one file.
    ///
    /// - Parameters:
    ///   - counter: The file's number; the first one has 1.
    ///   - time: The moment that `{timestamp}` shows.
    /// - Returns: The name with its places filled.
    public func name(counter: Int, at time: WallTime = .now) -> String {
        pieces.map { piece in
            switch piece {
            case .text(let text): return text
            case .counter(let width, let zeros):
                let digits = "\(counter)"
                return String(repeating: zeros ? "0" : " ", count: max(0, width - digits.count)) + digits
            case .timestamp(let pattern): return Self.format(time, pattern)
            }
        }.joined()
    }

    private static func piece(_ content: Substring, of text: String) throws(CameraError) -> Piece {
        let parts = content.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let pattern = parts.count == 2 ? String(parts[1]) : ""
        switch parts[0] {
        case "counter":
            var digits = Substring(pattern)
            if digits.last == "d" { digits.removeLast() }
            guard let width = Int(digits.isEmpty ? "0" : digits), (0...32).contains(width) else {
                throw error(text, "write the counter as {counter} or {counter:04d}")
            }
            return .counter(width: width, zeros: digits.first == "0")
        case "timestamp":
            return .timestamp(pattern.isEmpty ? "%Y-%m-%d %H:%M:%S.%f" : pattern)
        default:
            throw error(text, "'{\(content)}' is neither {counter} nor {timestamp}")
        }
    }

    private static func format(_ time: WallTime, _ pattern: String) -> String {
        let (seconds, nanoseconds) = time.nanosecondsSince1970.quotientAndRemainder(dividingBy: 1_000_000_000)
        let digits = "\(nanoseconds / 1000)"
        let microseconds = String(repeating: "0", count: 6 - digits.count) + digits
        // "%%f" is a percent sign and a letter.
        let parts = pattern.split(separator: "%%", omittingEmptySubsequences: false)
        let filled = parts.map { replace("%f", by: microseconds, in: $0) }.joined(separator: "%%")
        var moment = time_t(seconds)
        var fields = tm()
        localtime_r(&moment, &fields)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1024) { buffer in
            let count = strftime(buffer.baseAddress, buffer.count, filled, &fields)
            return String(decoding: buffer[..<count].lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }

    private static func replace(_ mark: String, by value: String, in text: Substring) -> String {
        text.split(separator: mark, omittingEmptySubsequences: false).joined(separator: value)
    }

    private static func error(_ text: String, _ reason: String) -> CameraError {
        CameraError(.invalidValue, "reading the file name", subject: text, reason: reason)
    }
}
