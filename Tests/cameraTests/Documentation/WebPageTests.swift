// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// The documentation as web pages, which `Scripts/docs` makes without a warning.
@Suite(.serialized, .enabled(if: Toolchain.hasDocC, "there is no docc")) struct WebPageTests {
    @Test func pagesAreMadeWithoutAWarning() throws {
        let folder = try TemporaryFolder()
        let build = URL(filePath: Tool.path).deletingLastPathComponent().path
        let script = DocumentedPage.root.appending(path: "Scripts/docs").path
        let result = try run(script, [folder.path("pages"), build])
        #expect(result.status == 0, "\(result.errors)")
        // The first address leads on, to a page that is there.
        let first = try String(contentsOf: folder.file("pages/index.html"), encoding: .utf8)
        let target = try #require(first.firstMatch(of: /url=([^"]+)"/)).1
        #expect(FileManager.default.fileExists(atPath: folder.path("pages/\(target)index.html")))
        // Each article is among the contents at the side, and so are the three libraries.
        let contents = try String(contentsOf: folder.file("pages/index/index.json"), encoding: .utf8)
            .replacing("\\/", with: "/")
        var paths = ["camerakit", "cameraserver", "cameracatalog"]
        for page in DocumentedPage.all where page.name.hasPrefix("Docs/") && !page.text.hasPrefix("# ``") {
            paths.append("camerakit/\(page.name.dropFirst(5).dropLast(3).lowercased())")
        }
        for path in paths { #expect(contents.contains("\"/documentation/\(path)\""), "\(path)") }
        #expect(result.text.contains("http://localhost:8000/"))
        try expectSummaries(in: folder.file("pages/data/documentation"))
    }

    /// Each public symbol says in a line what it is.
    private func expectSummaries(in pages: URL) throws {
        struct Page: Decodable {
            struct Text: Decodable { let text: String? }
            let kind: String
            let abstract: [Text]?
        }
        let decoder = JSONDecoder()
        var count = 0
        for case let path as String in FileManager.default.enumerator(atPath: pages.path) ?? .init()
        where path.hasSuffix(".json") {
            let page = try decoder.decode(Page.self, from: Data(contentsOf: pages.appending(path: path)))
            guard page.kind == "symbol" else { continue }
            count += 1
            let summary = page.abstract ?? []
            #expect(!summary.isEmpty && summary[0].text != "No overview available.", "\(path)")
        }
        #expect(count > 1000)
    }
}
