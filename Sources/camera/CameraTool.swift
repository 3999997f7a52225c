// SPDX-License-Identifier: MIT

internal import ArgumentParser
internal import CameraKit
internal import CameraServer
internal import Glibc

/// The `camera` program: one verb per job.
@main
struct CameraTool: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "camera",
        abstract: "Records video and takes pictures with the cameras of this machine.",
        discussion: """
            Exit status: 0 done, 64 wrong usage, 1 failed, 129, 130 and 143 ended by SIGHUP, SIGINT and SIGTERM after every \
            file was finished; a second signal within a second ends at once.
            """,
        // Each tells its own name: to make one of the type's takes a millisecond when the program starts.
        subcommands: [
            List.self, Doctor.self, Record.self, Still.self, Timelapse.self, Controls.self, Repair.self, Serve.self,
        ])

    @Flag(help: "Shows the version, and what is compiled in under which licences.") var version = false

    func run() throws {
        guard version else { throw CleanExit.helpRequest(self) }
        Console.output(Licenses.text)
    }

    /// The arguments, byte for byte: names of files need not be UTF-8.
    private static var arguments: [String] {
        (1..<max(Int(CommandLine.argc), 1)).compactMap { CommandLine.unsafeArgv[$0] }.map { String(cFileName: $0) }
    }

    static func main() {
        Console.claimDescriptors()
        do {
            var command = try parseAsRoot(arguments)
            try command.run()
        } catch let code as ExitCode {
            Glibc.exit(code.rawValue)
        } catch let error as CameraError {
            Console.print("camera: \(error)", .error)
            Glibc.exit(error.isWrongUsage ? EX_USAGE : EXIT_FAILURE)
        } catch let failure as FailedRun {
            Console.print("camera: \(failure)", .error)
            Glibc.exit(failure.cause.isWrongUsage ? EX_USAGE : EXIT_FAILURE)
        } catch  where exitCode(for: error) == .validationFailure {
            // It has several lines where it lists what there is.
            let message = message(for: error).split(whereSeparator: \.isNewline).joined(separator: " ")
            Console.print("camera: \(message) ('camera --help' tells more)", .error)
            Glibc.exit(EX_USAGE)
        } catch {
            // Help and version go to standard output, with the status 0.
            exit(withError: error)
        }
    }
}

extension CameraError {
    /// Whether other arguments are the remedy.
    fileprivate var isWrongUsage: Bool { [.invalidValue, .invalidFormat, .unknownOption].contains(code) }
}
