// SPDX-License-Identifier: MIT

import Foundation
import Testing

/// Whether everybody is told of the same Debian packages: who reads README, who runs `make`, and who asks SwiftPM.
@Suite struct PackageListTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private func text(of name: String) throws -> String {
        try String(contentsOf: Self.root.appending(path: name), encoding: .utf8)
    }

    /// The words after `start` up to the first line that does not end in a backslash.
    private func words(after start: String, in name: String) throws -> Set<String> {
        let text = try text(of: name)
        let begin = try #require(text.range(of: start)?.upperBound, "\(name) has no “\(start)”")
        var words: Set<String> = []
        for line in text[begin...].split(separator: "\n", omittingEmptySubsequences: false) {
            words.formUnion(line.split(whereSeparator: { " \t\\".contains($0) }).map(String.init))
            guard line.hasSuffix("\\") else { break }
        }
        return words
    }

    @Test(arguments: ["README.md", "Docs/GettingStarted.md"])
    func readersInstallWhatMakeInstalls(page: String) throws {
        let make = try words(after: "\nLIBRARIES =", in: "Makefile")
        #expect(make.count > 10)
        #expect(try words(after: "sudo apt install", in: page) == make)
    }

    @Test func thePackageDescriptionNamesNoOther() throws {
        let make = try words(after: "\nLIBRARIES =", in: "Makefile")
        let description = try text(of: "Package.swift")
        let named = description.matches(of: /\.apt\(\[([^\]]*)\]\)/).flatMap { match in
            match.1.matches(of: /"([^"]+)"/).map { String($0.1) }
        }
        #expect(named.count > 8)
        #expect(Set(named).subtracting(make) == [])
        // What the traits say that they bring.
        let brought = description.matches(of: /lib[a-z0-9]+-dev/).map { String($0.0) }
        #expect(Set(brought).subtracting(make) == [])
    }

    @Test func theTableOfTraitsNamesNoOther() throws {
        let make = try words(after: "\nLIBRARIES =", in: "Makefile")
        let lines = try text(of: "README.md").split(separator: "\n")
        let rows = lines.filter { $0.hasPrefix("| `") && $0.contains("-dev`") }
        let named = rows.flatMap { row in row.matches(of: /`([a-z0-9]+-dev)`/).map { String($0.1) } }
        #expect(rows.count == 6)
        #expect(Set(named).subtracting(make) == [])
    }
}
