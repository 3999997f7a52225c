// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import TestSupport
import Testing

/// The program without the descriptors that all programs have, and names that are no plain text.
@Suite struct DescriptorTests {
    /// The picture's file must not become the descriptor that messages, or a summary, are written to.
    @Test(arguments: ["2>&-", ">&-", "<&-", "<&- >&- 2>&-"])
    func writesNoMessageIntoTheFootage(_ closing: String) throws {
        let folder = try TemporaryFolder()
        // The second file cannot be opened, which is a message while the first one is written.
        try FileManager.default.createDirectory(at: folder.file("2.yuv420"), withIntermediateDirectories: true)
        let options = "--counter 1 --split 2frames --frames 9 --camera test --size 64x48 --fps 30"
        let result = try run(
            "sh", ["-c", "'\(Tool.path)' record '{counter}.yuv420' \(options) \(closing)"], in: folder.url)
        #expect(result.status == 1)
        let size = try Data(contentsOf: folder.file("1.yuv420")).count
        #expect(size > 0 && size % (64 * 48 * 3 / 2) == 0)
        if !closing.contains("2>") { #expect(result.errors.contains("2.yuv420")) }
    }

    @Test(arguments: ["2>&-", ">&-", "<&-"]) func writesNoMessageIntoAPicture(_ closing: String) throws {
        let folder = try TemporaryFolder()
        let command = "'\(Tool.path)' still a.jpg --camera test --size 64x48 --latest missing/link \(closing)"
        #expect(try run("sh", ["-c", command], in: folder.url).status == 1)
        #expect(try run("djpeg", ["-outfile", "/dev/null", folder.path("a.jpg")]).errors.isEmpty)
        let bytes = try Data(contentsOf: folder.file("a.jpg"))
        #expect(bytes.suffix(2) == Data([0xFF, 0xD9]))
    }

    /// What is asked to go to a descriptor that is not there does not vanish.
    @Test func tellsThatStandardOutputIsClosed() throws {
        let folder = try TemporaryFolder()
        let line = (["record", "-", "--format", "yuv420", "--frames", "3"] + Tool.fastCamera).joined(separator: " ")
        let result = try run("sh", ["-c", "'\(Tool.path)' \(line) >&-"], in: folder.url)
        #expect(result.status == 1)
        #expect(result.errors.contains("standard output"), "\(result.errors)")
    }

    @Test func escapesControlCharacters() throws {
        let folder = try TemporaryFolder()
        let name = "no\u{1B}[31m\u{07}\nfolder\u{9B}\u{202E}/a.yuv420"
        let result = try Tool.run(["record", name, "--frames", "3"] + Tool.fastCamera, in: folder)
        #expect(result.status == 1)
        let lines = result.errors.split(separator: "\n")
        #expect(lines.count == 1)
        #expect(!result.errors.dropLast().unicodeScalars.contains { $0.properties.generalCategory == .control })
        #expect(result.errors.contains("no\\u{1B}[31m\\u{7}\\nfolder\\u{9B}\\u{202E}/a.yuv420"), "\(result.errors)")
    }

    /// A wrong argument is a message too.
    @Test func escapesControlCharactersOfArguments() throws {
        let folder = try TemporaryFolder()
        let result = try Tool.run(["record", "a.yuv420", "--size", "\u{1B}]0;x\u{07}"], in: folder)
        #expect(result.status == 64)
        #expect(!result.errors.dropLast().unicodeScalars.contains { $0.properties.generalCategory == .control })
        #expect(result.errors.contains("\\u{1B}]0;x\\u{7}"), "\(result.errors)")
    }
}
