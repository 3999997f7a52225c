// SPDX-License-Identifier: MIT

import Foundation

/// Programs that tests run to their end, without holding a thread meanwhile.
enum Program {
    /// What a program left behind.
    struct Outcome {
        let status: Int32
        /// What it wrote to standard output.
        let text: String
        /// What it wrote to standard error.
        let errors: String
    }

    /// The program of the recipes, beside the one that runs the tests.
    static let recipes = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "recipes").path

    /// Runs a program in a folder, for a minute at most.
    static func run(_ words: [String], in folder: URL) async throws -> Outcome {
        let output = try scratch(in: folder)
        let errors = try scratch(in: folder)
        defer { for file in [output, errors] { try? FileManager.default.removeItem(at: file) } }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["timeout", "60"] + words
        process.currentDirectoryURL = folder
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        let status: Int32 = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do {
                try process.run()
            } catch {
                continuation.resume(throwing: error)
            }
        }
        return Outcome(
            status: status, text: try String(contentsOf: output, encoding: .utf8),
            errors: try String(contentsOf: errors, encoding: .utf8))
    }

    private static func scratch(in folder: URL) throws -> URL {
        let file = folder.appending(path: "scratch-\(UUID().uuidString)")
        try Data().write(to: file)
        return file
    }
}
