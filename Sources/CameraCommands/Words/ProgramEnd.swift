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
        case let error as CameraError:
            Console.print("camera: \(error)", .error)
            Glibc.exit(error.isWrongUsage ? EX_USAGE : EXIT_FAILURE)
        case _ where exitCode(for: error) == .validationFailure:
            // It has several lines where it lists what there is.
            let message = message(for: error).split(whereSeparator: \.isNewline).joined(separator: " ")
            Console.print("camera: \(message) ('camera --help' tells more)", .error)
            Glibc.exit(EX_USAGE)
        // Help and version go to standard output, with the status 0.
        default: exit(withError: error)
        }
    }
}

extension CameraError {
    /// Whether other arguments are the remedy.
    package var isWrongUsage: Bool { [.invalidValue, .invalidFormat, .unknownOption].contains(code) }
}
