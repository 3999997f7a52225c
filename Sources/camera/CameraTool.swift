// SPDX-License-Identifier: MIT

internal import ArgumentParser
internal import CameraCommands
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

    static func main() {
        Console.claimDescriptors()
        do {
            var command = try parseAsRoot(programArguments)
            try command.run()
        } catch let failure as FailedRun {
            Console.print("camera: \(failure)", .error)
            Glibc.exit(failure.cause.isWrongUsage ? EX_USAGE : EXIT_FAILURE)
        } catch {
            endProgram(with: error)
        }
    }
}
