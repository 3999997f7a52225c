// SPDX-License-Identifier: MIT

internal import ArgumentParser
internal import CameraCommands
internal import CameraKit
internal import CameraServer

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
        refuseUnknownVerb()
        do {
            var command = try parseAsRoot(programArguments)
            try command.run()
        } catch let failure as FailedRun {
            endProgram(saying: "\(failure)", isWrongUsage: failure.cause.isWrongUsage)
        } catch {
            endProgram(with: error)
        }
    }

    /// Ends the program where its first word is no verb: the parser would take all words for arguments too many.
    private static func refuseUnknownVerb() {
        guard let word = programArguments.first(where: { $0 != "help" }), !word.hasPrefix("-"), !verbs.contains(word)
        else { return }
        let suggestion = word.suggestion(among: verbs)
        let list = suggestion.isEmpty ? "; the verbs are \(verbs.joined(separator: ", "))" : ""
        endProgram(saying: "there is no verb '\(word)'\(suggestion)\(list)", isWrongUsage: true)
    }
}
