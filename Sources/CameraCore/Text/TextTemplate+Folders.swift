// SPDX-License-Identifier: MIT

extension TextTemplate {
    /// A part of a path between two slashes: a text, or what the names of files or folders must look like.
    package struct PathPart: Hashable, Sendable {
        /// The text, where the part has no place.
        package var literal: String?
        fileprivate var elements: [TimeShape.Element]

        /// Whether the template could give this name to a file or folder there; the whole path decides.
        package func admits(_ name: String) -> Bool {
            let text = Array(name.utf8)
            return TimeShape.ends(of: elements[...], in: text, from: 0).first == text.count
        }
    }

    /// The parts of the paths that the template makes; a slash in the pattern of a time parts them too.
    package var pathParts: [PathPart] {
        var elements: [TimeShape.Element] = []
        for piece in pieces {
            switch piece {
            case .text(let text): elements += text.utf8.map { .byte($0) }
            case .timestamp(let pattern): elements += TimeShape(pattern).elements
            case .number: elements.append(.number(widths: 1...32, values: 0...(.max), blanks: true))
            }
        }
        let parts = elements.split(separator: .byte(UInt8(ascii: "/")), omittingEmptySubsequences: false)
        return parts.map { part in
            let bytes = part.compactMap { if case .byte(let byte) = $0 { byte } else { nil } }
            let isLiteral = bytes.count == part.count
            return PathPart(
                literal: isLiteral ? String(decoding: bytes, as: UTF8.self) : nil, elements: Array(part))
        }
    }
}
