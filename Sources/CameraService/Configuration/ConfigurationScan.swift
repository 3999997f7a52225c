// SPDX-License-Identifier: MIT

/// Looks through the text of a configuration before the parser does, in one pass: for what the parser would take long for, or
/// would name by words that help nobody.
///
/// It knows quotes, comments and the brackets of flow style, and takes the text of block scalars for YAML.
struct ConfigurationScan {
    /// Nothing that a configuration has lies deeper.
    private static let deepest = 12

    private var place = ConfigurationFault.Place(line: 1, column: 1)
    private var quote: Character?
    private var isComment = false
    private var isEscaped = false
    /// Whether a value can begin here.
    private var canBegin = true
    /// Whether nothing but white space has come on this line.
    private var isIndentation = true
    private var hasTab: ConfigurationFault.Place?
    private var hasSpaceBefore = false
    private var depth = 0
    private var dashes = 0

    /// What is wrong with a text that the parser should not see; nil for nothing.
    static func fault(in text: String) -> ConfigurationFault? {
        var scan = ConfigurationScan()
        var characters = text.makeIterator()
        var next = characters.next()
        while let character = next {
            next = characters.next()
            if let fault = scan.take(character, before: next) { return fault }
            scan.advance(over: character)
        }
        return nil
    }

    private mutating func advance(over character: Character) {
        if character.isNewline {
            place = ConfigurationFault.Place(line: place.line + 1, column: 1)
            (isComment, isIndentation, hasTab, dashes) = (false, true, nil, 0)
            if quote == nil { canBegin = true }
        } else {
            place = ConfigurationFault.Place(line: place.line, column: place.column + 1)
        }
    }

    private mutating func take(_ character: Character, before next: Character?) -> ConfigurationFault? {
        if isComment || character.isNewline { return nil }
        if let quote { return takeQuoted(character, quote) }
        let isSpaceNext = next.map { $0.isWhitespace } ?? true
        if character == "\t", isIndentation { hasTab = hasTab ?? place }
        if character.isWhitespace { return nil }
        // Behind white space, or at a line's beginning.
        if character == "#", isIndentation || hasSpaceBefore {
            isComment = true
            return nil
        }
        defer { hasSpaceBefore = next.map { $0 == " " || $0 == "\t" } ?? false }
        if let tab = hasTab, isIndentation {
            return ConfigurationFault(place: tab, text: "a tab indents this line; YAML takes spaces alone")
        }
        isIndentation = false
        switch character {
        case "\"" where canBegin, "'" where canBegin: quote = character
        case "&" where canBegin && !isSpaceNext, "*" where canBegin && !isSpaceNext:
            return ConfigurationFault(
                place: place,
                text: "anchors and aliases are not taken; what cameras share stands in 'defaults:', and a text that "
                    + "begins with \(character) stands in quotes")
        case "[", "{":
            if !canBegin { break }
            depth += 1
            return depthFault
        case "]", "}":
            depth = max(depth - 1, 0)
        case ",": canBegin = depth > 0 || canBegin
        case "-" where canBegin && isSpaceNext, "?" where canBegin && isSpaceNext:
            dashes += 1
            return depthFault
        case ":" where isSpaceNext || depth > 0: canBegin = true
        default: canBegin = false
        }
        return nil
    }

    private mutating func takeQuoted(_ character: Character, _ quote: Character) -> ConfigurationFault? {
        if isEscaped {
            isEscaped = false
        } else if character == "\\", quote == "\"" {
            isEscaped = true
        } else if character == quote {
            self.quote = nil
            canBegin = false
        }
        return nil
    }

    private var depthFault: ConfigurationFault? {
        guard depth + dashes > Self.deepest else { return nil }
        return ConfigurationFault(
            place: place, text: "lists and maps lie more than \(Self.deepest) deep here; no key has such a value")
    }
}
