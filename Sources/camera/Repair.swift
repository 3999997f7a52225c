// SPDX-License-Identifier: MIT

internal import ArgumentParser
internal import CameraCommands
internal import CameraKit

/// Makes ordinary MP4 files of those whose writer was interrupted.
struct Repair: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repair",
        abstract: "Makes ordinary MP4 files of those whose recording was killed or lost its power.",
        discussion: """
            Examples:
              camera repair clip.mp4
              camera repair /media/usb/*.mp4

            Such a file plays as it is; repaired, it can be searched in every player. It is repaired in place, no picture is \
            copied, and a file that is whole is left alone. The exit status is 1 when a file could not be repaired.
            """)

    @Argument(
        help: ArgumentHelp("The files, which `camera record` wrote.", valueName: "FILE"),
        completion: .file(extensions: ["mp4", "m4v", "mov"]))
    var files: [String]

    func run() throws {
        var hasFailed = false
        for file in files {
            do throws(CameraError) {
                switch try MP4.repair(file) {
                case .whole: Console.print("camera: \(file) is whole")
                case .repaired(let pictures): Console.print("camera: repaired \(file), \(Figures.frames(pictures))")
                }
            } catch {
                Console.print("camera: \(error)")
                hasFailed = true
            }
        }
        if hasFailed { throw ExitCode.failure }
    }
}
