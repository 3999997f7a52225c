// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// What is read is never written to, whatever leads to it, and two never write to one file.
@Suite struct InputFileTests {
    private let folder: TemporaryFolder
    private let input: Data
    private static let raw = ["--raw-format", "yuv420", "--size", "64x48", "--pace", "none", "--format", "yuv420"]

    init() throws {
        folder = try TemporaryFolder()
        input = Data((0..<20).flatMap { [UInt8](repeating: UInt8(20 + 10 * $0), count: 64 * 48 * 3 / 2) })
        try input.write(to: folder.file("in-2.yuv420"))
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("soft.yuv420"), withDestinationPath: "in-2.yuv420")
        try FileManager.default.linkItem(atPath: folder.path("in-2.yuv420"), toPath: folder.path("hard.yuv420"))
    }

    private var names: [String] { ["hard.yuv420", "in-2.yuv420", "soft.yuv420"] }

    @Test(arguments: [
        ["record", "in-2.yuv420"], ["record", "soft.yuv420"], ["record", "hard.yuv420"],
        ["record", "./../$FOLDER/in-2.yuv420"],
        ["record", "new.yuv420", "--save-pts", "in-2.yuv420"], ["record", "new.yuv420", "--metadata", "hard.yuv420"],
        ["record", "new.yuv420", "--motion", "soft.yuv420"], ["record", "new.yuv420", "--stats", "in-2.yuv420"],
        ["record", "new.yuv420", "--trace-v4l2", "hard.yuv420"], ["record", "in-2.yuv420", "--circular", "10frames"],
        ["record", "new.yuv420", "--circular", "10frames", "--save-pts", "in-2.yuv420"],
        ["still", "in-2.yuv420"], ["still", "soft.yuv420"],
    ])
    func whatIsPlayedBackIsRefusedAsAnOutput(_ words: [String]) throws {
        let words = words.map { $0.replacing("$FOLDER", with: folder.url.lastPathComponent) }
        var options = Self.raw
        if words[0] == "still" { options.removeAll { $0 == "--pace" || $0 == "none" } }
        let result = try Tool.run(words + ["--camera", "in-2.yuv420"] + options, in: folder)
        #expect(result.status == 1, "\(result.errors)")
        #expect(result.errors.contains("by this program") || result.errors.contains("this program reads"))
        #expect(try Data(contentsOf: folder.file("in-2.yuv420")) == input)
        #expect(folder.names == names)
    }

    /// By another name of it, and from the shell's side: what is written would be read again, without end.
    @Test func standardOutputIsNotTheFileThatIsRead() throws {
        let words = ([Tool.path, "record", "-", "--camera", "soft.yuv420"] + Self.raw).joined(separator: " ")
        let result = try TestSupport.run("sh", ["-c", "\(words) >> hard.yuv420"], in: folder.url)
        #expect(result.status == 1, "\(result.errors)")
        #expect(try Data(contentsOf: folder.file("in-2.yuv420")) == input)
    }

    /// A later file of a split leaves the name out, wherever its counter begins.
    @Test(arguments: [[], ["--counter", "1"], ["--counter", "2"]]) func aSplitPassesOverWhatItReads(_ options: [String])
        throws
    {
        let arguments =
            ["record", "in-{counter}.yuv420", "--split", "5frames", "--camera", "in-2.yuv420"] + options + Self.raw
        let result = try Tool.run(arguments, in: folder)
        #expect(result.status == 0, "\(result.errors)")
        #expect(try Data(contentsOf: folder.file("in-2.yuv420")) == input)
        // Of four files the second would be the input.
        let numbers: [Int] = options.last == "1" ? [1, 3, 4, 5] : [3, 4, 5, 6]
        let written = numbers.map { "in-\($0).yuv420" }
        #expect(folder.names == (names + written).sorted(), "\(folder.names)")
        let bytes = try written.map { try Data(contentsOf: folder.file($0)).count }
        #expect(bytes.allSatisfy { $0 == 5 * 64 * 48 * 3 / 2 })
    }

    /// What is drawn is read as well.
    @Test func theFontThatIsUsedIsNoOutput() throws {
        let font = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
        try FileManager.default.copyItem(atPath: font, toPath: folder.path("font.ttf"))
        let before = try Data(contentsOf: folder.file("font.ttf"))
        let result = try Tool.run(
            ["record", "font.ttf", "--format", "yuv420", "--frames", "2", "--text", "A", "--font", "font.ttf"]
                + Tool.fastCamera, in: folder)
        #expect(result.status == 1, "\(result.errors)")
        #expect(try Data(contentsOf: folder.file("font.ttf")) == before)
    }

    // MARK: Two programs

    @Test(arguments: [["shared.yuv420"], ["other.yuv420", "--metadata", "shared.yuv420"]])
    func twoProgramsDoNotWriteToOneFile(_ outputs: [String]) throws {
        let first = try RunningTool(
            ["record", "shared.yuv420", "--camera", "test", "--size", "64x48"], in: folder)
        #expect(eventually { folder.hasBytes("shared.yuv420") })
        let second = try Tool.run(["record"] + outputs + ["--frames", "3"] + Tool.fastCamera, in: folder)
        #expect(second.status == 1)
        #expect(second.errors.contains("process \(first.processIdentifier) (camera)"), "\(second.errors)")
        first.send(SIGTERM)
        let end = first.end()
        #expect(end.status == 143)
        #expect(try Data(contentsOf: folder.file("shared.yuv420")).count % (64 * 48 * 3 / 2) == 0)
        #expect(!folder.names.contains("other.yuv420"))
        // The lock goes with the program.
        #expect(try Tool.run(["record", "shared.yuv420", "--frames", "3"] + Tool.fastCamera, in: folder).status == 0)
    }

    @Test func twoProgramsWithOneTemplateTakeDifferentNumbers() throws {
        let words = ["record", "h-{counter}.yuv420", "--split", "10s", "--camera", "test", "--size", "64x48"]
        let first = try RunningTool(words, in: folder)
        #expect(eventually { folder.hasBytes("h-1.yuv420") })
        let second = try RunningTool(words, in: folder)
        #expect(eventually { folder.hasBytes("h-2.yuv420") })
        for tool in [first, second] {
            tool.send(SIGINT)
            #expect(tool.end().status == 130)
        }
    }
}
