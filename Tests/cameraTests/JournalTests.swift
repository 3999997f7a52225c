// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// What the tool writes to systemd's journal.
@Suite struct JournalTests {
    /// Runs a command that fails, its standard error in a file, which the environment may call the journal's stream.
    private func log(_ stream: String) throws -> String {
        let folder = try TemporaryFolder()
        let words = "JOURNAL_STREAM=\(stream) '\(Tool.path)' record --camera /dev/video99 clip.mp4 2>log"
        #expect(try TestSupport.run("sh", ["-c", words], in: folder.url).status == 1)
        return try String(contentsOf: folder.file("log"), encoding: .utf8)
    }

    @Test func linesOfTheJournalHaveTheirLevel() throws {
        #expect(try log("$(touch log; stat -c %d:%i log)").hasPrefix("<3>camera: "))
    }

    @Test func otherLinesHaveNone() throws {
        // The stream of whoever started the program, whose standard error this is not.
        #expect(try log("1:2").hasPrefix("camera: "))
        #expect(try log("").hasPrefix("camera: "))
    }
}
