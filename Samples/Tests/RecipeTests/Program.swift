// SPDX-License-Identifier: MIT

import Foundation

/// Programs that tests run to their end, without holding a thread meanwhile.
enum Program {
    /// What a program left behind.
    struct Outcome {
        let status: Int32
        /// What it wrote to standard output and standard error.
        let text: String
    }

    /// The program of the recipes, beside the one that runs the tests.
    static let recipes = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "recipes").path

    /// Runs a program in a folder, for a minute at most.
    static func run(_ words: [String], in folder: URL) async throws -> Outcome {
        let log = folder.appending(path: "log-\(UUID().uuidString)")
        try Data().write(to: log)
        defer { try? FileManager.default.removeItem(at: log) }
        let file = try FileHandle(forWritingTo: log)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["timeout", "60"] + words
        process.currentDirectoryURL = folder
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = file
        process.standardError = file
        let status: Int32 = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do {
                try process.run()
            } catch {
                continuation.resume(throwing: error)
            }
        }
        return Outcome(status: status, text: String(decoding: try Data(contentsOf: log), as: UTF8.self))
    }
}
