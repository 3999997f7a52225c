// SPDX-License-Identifier: MIT

package import CameraCore

extension FileTemplate {
    /// What stands in the places of a file's name.
    struct Match: Hashable {
        var places: TextTemplate.Match
        /// Which file with these places it is, from 1.
        var repetition = 1
    }

    /// What stands in the places of a name; nil for one that this template never gives to a file.
    func match(_ name: String) -> Match? {
        if let places = template.match(name) { return Match(places: places) }
        guard let (first, repetition) = Self.withoutRepetition(name), !hasCounter, isSeries else { return nil }
        return template.match(first).map { Match(places: $0, repetition: repetition) }
    }

    /// The moment that stands in the name of a file; nil where the name has no date with it.
    package func moment(in name: String) -> WallTime? { match(name).flatMap { template.moment(of: $0.places) } }

    /// The name of the file beside another one; nil where the other's name does not tell it.
    func name(as match: Match) -> String? {
        template.filled(as: match.places).map { repeating($0, match.repetition) }
    }

    /// Whether the names of another template's files tell those of this one's that go with them.
    func isTold(by other: FileTemplate) -> Bool {
        hasCounter == other.hasCounter && template.timePatterns.isSubset(of: other.template.timePatterns)
    }

    /// Whether the counter of a file tells which is older, rather than that of a folder or moment.
    ///
    /// In folders that are named by the time, each run counts anew.
    var counterTellsOrder: Bool { hasCounter && !foldersHaveTime }

    private var foldersHaveTime: Bool {
        let parts = template.pathParts.dropLast()
        return hasTimestamp && parts.contains { $0.literal == nil }
    }

    /// The parts of the names between their slashes.
    var parts: [TextTemplate.PathPart] { template.pathParts }

    /// A name as it was before the series added "-2" or the like, and that number; nil for others.
    static func withoutRepetition(_ name: String) -> (name: String, repetition: Int)? {
        let text = Array(name.utf8)
        let start = text.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
        let file = text[start...]
        let dot = file.dropFirst().lastIndex(of: UInt8(ascii: ".")) ?? file.endIndex
        let digits = file[..<dot].reversed().prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        let dash = dot - digits.count - 1
        guard dash > start, text[dash] == UInt8(ascii: "-") else { return nil }
        let number = String(decoding: digits.reversed(), as: UTF8.self)
        guard let repetition = Int(number), repetition > 1, "\(repetition)" == number else { return nil }
        return (String(decoding: text[..<dash] + text[dot...], as: UTF8.self), repetition)
    }
}
