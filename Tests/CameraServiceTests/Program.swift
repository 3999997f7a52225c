// SPDX-License-Identifier: MIT

import Foundation
import TestSupport

/// The built programs, which lie beside the tests' own.
enum Program {
    private static let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent()

    static let camera = folder.appendingPathComponent("camera").path
    static let service = folder.appendingPathComponent("camera-service").path
}

/// `camera serve CONFIG.yaml` while it runs.
final class RunningService {
    private let process = Process()
    private let errors = Pipe()
    private let output = Pipe()

    init(_ arguments: [String], in folder: TemporaryFolder) throws {
        process.executableURL = URL(fileURLWithPath: Program.camera)
        process.arguments = ["serve"] + arguments
        process.currentDirectoryURL = folder.url
        process.standardOutput = output
        process.standardError = errors
        process.standardInput = FileHandle.nullDevice
        // Where the tests were started so that they ignore a signal, the program would inherit that.
        for number in [SIGHUP, SIGINT] { signal(number, SIG_DFL) }
        try process.run()
    }

    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// The first line of its standard output.
    func firstLine() -> String {
        var text = ""
        while !text.contains("\n") {
            let bytes = output.fileHandleForReading.availableData
            if bytes.isEmpty { break }
            text += String(decoding: bytes, as: UTF8.self)
        }
        return text.split(separator: "\n").first.map(String.init) ?? ""
    }

    /// Its standard error up to a line that has the words.
    func errors(upTo words: String) -> String {
        while !told.contains(words) {
            let bytes = errors.fileHandleForReading.availableData
            if bytes.isEmpty { break }
            told += String(decoding: bytes, as: UTF8.self)
        }
        return told
    }

    private var told = ""

    /// Waits for its end: the exit status, and all that it wrote to standard error.
    func end() -> (status: Int32, errors: String) {
        told += String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, told)
    }
}
