// SPDX-License-Identifier: MIT

public import Foundation

/// What a program left behind when it ended.
public struct ProgramResult: Sendable {
    /// The exit status; negative for the signal that ended it.
    public let status: Int32
    /// What it wrote to standard output.
    public let output: Data
    /// What it wrote to standard error.
    public let errors: String

    /// Standard output as text.
    public var text: String { String(decoding: output, as: UTF8.self) }
}

/// Runs another program to its end.
///
/// - Parameters:
///   - name: The program, searched in PATH unless it has a slash.
///   - arguments: Its arguments.
///   - input: What it reads from standard input.
///   - folder: Where it runs; nil for the present folder.
///   - environment: Its environment; nil for this program's.
/// - Returns: What it left behind.
/// - Throws: When it cannot be started.
public func run(
    _ name: String, _ arguments: [String], input: Data? = nil, in folder: URL? = nil,
    environment: [String: String]? = nil
) throws -> ProgramResult {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: name.contains("/") ? name : "/usr/bin/env")
    process.arguments = name.contains("/") ? arguments : [name] + arguments
    if let folder { process.currentDirectoryURL = folder }
    if let environment { process.environment = environment }
    // Files instead of pipes: nothing can fill up and block.
    let scratch = try TemporaryFolder()
    let outputFile = scratch.file("output")
    let errorFile = scratch.file("errors")
    let inputFile = scratch.file("input")
    for (file, data) in [(outputFile, Data()), (errorFile, Data()), (inputFile, input ?? Data())] {
        try data.write(to: file)
    }
    process.standardOutput = try FileHandle(forWritingTo: outputFile)
    process.standardError = try FileHandle(forWritingTo: errorFile)
    process.standardInput = try FileHandle(forReadingFrom: inputFile)
    try process.run()
    process.waitUntilExit()
    let status = process.terminationStatus
    return ProgramResult(
        status: process.terminationReason == .uncaughtSignal ? -status : status,
        output: try Data(contentsOf: outputFile),
        errors: String(decoding: try Data(contentsOf: errorFile), as: UTF8.self))
}
