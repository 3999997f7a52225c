// SPDX-License-Identifier: MIT

import Foundation
import Testing

/// A page of the documentation, and the blocks of code in it.
struct DocumentedPage: Sendable, CustomTestStringConvertible {
    /// A fenced block.
    struct Block: Sendable {
        /// The page, from the root of the package on.
        let page: String
        /// The line of the page that its first line is.
        let line: Int
        /// What stands behind the fence: "swift", "sh", "yaml"; empty where nothing does.
        let language: String
        /// Its lines.
        let lines: [String]
        /// What a comment in front of it, `<!-- given: let ring = … -->`, says that the reader has already.
        let given: String

        var text: String { lines.joined(separator: "\n") + "\n" }
    }

    /// The root of the package.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// README and all pages of Docs, but for the recipes: their page shows files of Samples, which has a test of that.
    static let all: [DocumentedPage] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: "Docs").path)) ?? []
        let pages = names.sorted().filter { $0.hasSuffix(".md") && $0 != "Recipes.md" }.map { "Docs/\($0)" }
        return (["README.md"] + pages).compactMap { DocumentedPage($0) }
    }()

    /// The blocks of one language on all pages.
    static func blocks(of language: String) -> [Block] {
        all.flatMap(\.blocks).filter { $0.language == language }
    }

    let name: String
    let text: String
    let blocks: [Block]

    var testDescription: String { name }

    init?(_ name: String) {
        guard let text = try? String(contentsOf: Self.root.appending(path: name), encoding: .utf8) else { return nil }
        self.name = name
        self.text = text
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var blocks: [Block] = []
        var start: Int?
        for (index, line) in lines.enumerated() where line.hasPrefix("```") {
            if let first = start {
                let comment = first >= 2 ? lines[first - 2] : ""
                let given = comment.wholeMatch(of: /<!-- given: (.*) -->/).map { String($0.1) } ?? ""
                blocks.append(
                    Block(
                        page: name, line: first + 1, language: String(lines[first - 1].dropFirst(3)),
                        lines: Array(lines[first..<index]), given: given))
                start = nil
            } else {
                start = index + 1
            }
        }
        self.blocks = blocks
    }
}
