// SPDX-License-Identifier: MIT

internal import ArgumentParser
internal import CameraCommands
internal import CameraKit

/// `camera doctor`: why a camera is not found or does not record, and the commands that mend it.
struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Tells what stands in the way of recording, and the commands that mend it.",
        discussion: """
            Examples:
              camera doctor
              camera doctor /media/usb

            Looks at the cameras, who may open them and who has them open, the USB, the libraries that are loaded when they are \
            needed, the disk, the clock and the memory. Changes nothing. Exit status: 0 where nothing stands in the way, else 1.
            """)

    @Argument(
        help: ArgumentHelp("The folder that recordings are to go to.", valueName: "FOLDER"), completion: .directory)
    var folder = "."

    @Flag(help: "JSON, with the field isFine and a list of findings.") var json = false

    func run() throws {
        let diagnosis = Diagnosis.ofThisMachine(recordingTo: folder)
        Console.output(json ? try JSON.line(diagnosis) : diagnosis.findings.map(Self.text(of:)).joined(separator: "\n"))
        if !diagnosis.isFine { throw ExitCode.failure }
    }

    /// A line, and one for the command.
    private static func text(of finding: Finding) -> String {
        let mark =
            switch finding.verdict {
            case .fine: "fine     "
            case .note: "note     "
            case .trouble: "TROUBLE  "
            }
        return mark + finding.message + (finding.remedy.map { "\n           $ \($0)" } ?? "")
    }
}
