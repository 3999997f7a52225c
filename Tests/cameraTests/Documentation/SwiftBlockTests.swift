// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// Whether what the documentation shows in Swift compiles.
///
/// A block that imports something is a program or a file of its own, and has to compile as it is. Another one is a part of a
/// program that has imported CameraKit and has an open `camera` with a `recording`; what it needs besides stands in a comment in
/// front of it. Blocks of a package's description are read by SwiftPM.
@Suite(.serialized, .enabled(if: Toolchain.hasCompiler, "there is no swiftc")) struct SwiftBlockTests {
    private static let blocks = DocumentedPage.blocks(of: "swift")
    private static let descriptions = blocks.filter { $0.text.contains(".package(") }
    private static let programs = blocks.filter { $0.imports && !$0.text.contains(".package(") }
    private static let parts = blocks.filter { !$0.imports && !$0.text.contains(".package(") }

    @Test func everyKindIsThere() {
        #expect(Self.descriptions.count >= 3 && Self.programs.count >= 8 && Self.parts.count >= 20)
    }

    @Test(arguments: programs) func programCompiles(_ block: DocumentedPage.Block) throws {
        let folder = try TemporaryFolder()
        try compile(block.located, as: "main.swift", in: folder)
    }

    /// One call of the compiler for all: each part becomes a function, whose name tells where it comes from.
    @Test func partsCompile() throws {
        var text = "import CameraKit\n"
        for (number, block) in Self.parts.enumerated() {
            let effects = block.text.contains("await ") ? "async throws" : "throws"
            text += "func part\(number)(camera: Camera, recording: Recording) \(effects) {\n"
            text += "#sourceLocation(file: \"\(block.page)\", line: \(max(block.line - 2, 1)))\n"
            text += "\(block.given)\n\(block.located)}\n"
        }
        try compile(text, as: "Parts.swift", in: TemporaryFolder())
    }

    @Test(arguments: descriptions) func packageDescriptionIsRead(_ block: DocumentedPage.Block) throws {
        let folder = try TemporaryFolder()
        let head = "// swift-tools-version: 6.2\nimport PackageDescription\nlet package = Package(name: \"example\",\n"
        let text = block.imports ? block.text : "\(head)\(block.text))\n"
        try Data(text.utf8).write(to: folder.file("Package.swift"))
        let result = try run("swift", ["package", "dump-package"], in: folder.url)
        #expect(result.status == 0, "\(block.page):\(block.line)\n\(result.errors)\(result.text)")
        // Products and traits are those of this package.
        let own = try String(contentsOf: DocumentedPage.root.appending(path: "Package.swift"), encoding: .utf8)
        for product in block.text.matches(of: /\.product\(name: ("\w+"), package: "swift-camera"\)/) {
            #expect(own.contains(".library(name: \(product.1)"), "\(block.page):\(block.line)")
        }
        for traits in block.text.matches(of: /traits: \[([^\]]*)\]/) {
            for trait in traits.1.matches(of: /"\w+"/) {
                #expect(own.contains(".trait(name: \(trait.0)") || own.contains("name: \(trait.0),\n"), "\(trait.0)")
            }
        }
    }

    private func compile(_ text: String, as name: String, in folder: TemporaryFolder) throws {
        try Data(text.utf8).write(to: folder.file(name))
        var arguments = try ["-typecheck", "-swift-version", "6", name] + Toolchain.flagsForModules()
        // Parts may well leave a value unused that the reader goes on with.
        arguments.append(name == "main.swift" ? "-warnings-as-errors" : "-parse-as-library")
        let result = try run("swiftc", arguments, in: folder.url)
        #expect(result.status == 0, "\(result.errors)")
    }
}

extension DocumentedPage.Block: CustomTestStringConvertible {
    var testDescription: String { "\(page):\(line)" }

    /// Whether it is a file of its own.
    fileprivate var imports: Bool { lines.contains { $0.hasPrefix("import ") } }

    /// Its text, with the compiler told where that stands.
    fileprivate var located: String { "#sourceLocation(file: \"\(page)\", line: \(line))\n\(text)#sourceLocation()\n" }
}
