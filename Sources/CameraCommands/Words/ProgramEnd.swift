// SPDX-License-Identifier: MIT

package import ArgumentParser
package import CameraKit
internal import CameraServer
internal import Glibc

/// The program's arguments, byte for byte: names of files need not be UTF-8.
package var programArguments: [String] {
    (1..<max(Int(CommandLine.argc), 1)).compactMap { CommandLine.unsafeArgv[$0] }.map { String(cFileName: $0) }
}

extension ParsableCommand {
    /// Tells an error in one line, and ends the program with the status that belongs to it.
    package static func endProgram(with error: any Error) -> Never {
        switch error {
        case let code as ExitCode: Glibc.exit(code.rawValue)
        case let error as CameraError: endProgram(saying: "\(error)", isWrongUsage: error.isWrongUsage)
        case _ where exitCode(for: error) == .validationFailure:
            // It has several lines where it lists what there is.
            let message = message(for: error).split(whereSeparator: \.isNewline).joined(separator: " ")
            endProgram(saying: message, isWrongUsage: true)
        // Help and version go to standard output, with the status 0.
        default: exit(withError: error)
        }
    }

    /// Tells in one line what went wrong, and ends the program.
    ///
    /// - Parameters:
    ///   - message: What went wrong.
    ///   - isWrongUsage: Whether other arguments are the remedy: the line says then which command tells them.
    package static func endProgram(saying message: String, isWrongUsage: Bool) -> Never {
        let hint = isWrongUsage ? " ('\(helpCommand)' tells more)" : ""
        Console.print("camera: \(message)\(hint)", .error)
        Glibc.exit(isWrongUsage ? EX_USAGE : EXIT_FAILURE)
    }

    /// The names of the verbs.
    package static var verbs: [String] { configuration.subcommands.compactMap { $0.configuration.commandName } }

    /// What shows the options of the verb that was given, or else of the program.
    private static var helpCommand: String {
        let words = [configuration.commandName] + programArguments.prefix(1).filter(verbs.contains)
        return (words.compactMap(\.self) + ["--help"]).joined(separator: " ")
    }
}

extension CameraError {
    /// Whether other arguments are the remedy.
    package var isWrongUsage: Bool { [.invalidValue, .invalidFormat, .unknownOption].contains(code) }
}
