// SPDX-License-Identifier: MIT

import Foundation
import Testing

/// Docs/Recipes.md shows the recipes as they are.
@Suite struct RecipePageTests {
    private static let samples = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    private let page: String
    /// The recipes' files by their names without the extension.
    private var files: [String: String] = [:]

    init() throws {
        page = try String(contentsOf: Self.samples.appending(path: "../Docs/Recipes.md"), encoding: .utf8)
        let folder = Self.samples.appending(path: "Sources/recipes")
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            guard name.hasSuffix(".swift"), name != "main.swift", name != "Recipe.swift" else { continue }
            files[String(name.dropLast(6))] = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
        }
    }

    @Test func codeIsThatOfTheFiles() {
        let blocks = page.components(separatedBy: "```swift\n").dropFirst().map { block in
            block.components(separatedBy: "```")[0]
        }
        let codes = files.values.map { $0.replacingOccurrences(of: "// SPDX-License-Identifier: MIT\n\n", with: "") }
        #expect(blocks.sorted() == codes.sorted())
    }

    @Test func tableNamesEveryRecipeAndItsLines() throws {
        let row = /\| [^|]+ \| [^|]+ \| \[([^\]]+)\]\(\.\.\/Samples\/([^)]+)\) \| (\d+) \|/
        var named: Set<String> = []
        for match in page.matches(of: row) {
            let text = try String(contentsOf: Self.samples.appending(path: "\(match.2)"), encoding: .utf8)
            #expect(Int(match.3) == lines(of: text), "\(match.1)")
            named.insert(String(match.1))
        }
        // Two are what others are made with.
        #expect(named.isSuperset(of: Set(files.keys).subtracting(["Listener", "Background"])))
        #expect(named.isSuperset(of: ["timelapse", "motion-detector", "two-sizes"]))
        for (chapter, count) in [(1, 16), (2, 17)] {
            for number in 1...count { #expect(page.contains("\n| \(chapter).\(number) "), "\(chapter).\(number)") }
        }
    }

    @Test func programAndFilesHaveTheSameNames() {
        let names = (Expectation.basic + Expectation.advanced).map { $0.name.replacing("-", with: "") }
        let files = Set(files.keys.map { $0.lowercased() }).subtracting(["listener", "background"])
        #expect(Set(names) == files)
    }

    /// Lines that are neither blank nor comments.
    private func lines(of text: String) -> Int {
        text.split(separator: "\n").count { line in
            let words = line.drop { $0 == " " }
            return !words.isEmpty && !words.hasPrefix("//")
        }
    }
}
