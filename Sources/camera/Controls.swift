// SPDX-License-Identifier: MIT

internal import ArgumentParser
internal import CameraKit

/// Shows a camera's controls, and sets them.
struct Controls: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Shows and sets the controls of a camera.")

    @OptionGroup var source: SourceOptions

    @Option(
        help: ArgumentHelp(
            "Set a control; may be given several times.",
            discussion: "Takes a number, on or off, or the name of a choice. What was set is shown afterwards.",
            valueName: "NAME=VALUE"),
        transform: parsing(Assignment.init(parsing:)))
    var set: [Assignment] = []

    @Flag(help: "One line of JSON per control.") var json = false

    /// A control and the value that it is to have.
    struct Assignment {
        let name: String
        let value: ControlValue

        @Sendable init(parsing text: String) throws(CameraError) {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw CameraError(
                    .invalidValue, "reading the control", subject: text, reason: "write it as brightness=50")
            }
            name = String(parts[0])
            value = Int64(parts[1]).map(ControlValue.integer) ?? .text(String(parts[1]))
        }
    }

    func run() throws {
        let device = try source.open()
        defer { device.close() }
        do {
            for assignment in set { try device.setControl(assignment.name, to: assignment.value) }
            let names = Set(set.map(\.name))
            for control in try device.controls() where names.isEmpty || names.contains(control.name) {
                let listing = ControlListing(control)
                Console.output(json ? try JSON.line(listing) : listing.text)
            }
        } catch {
            throw CameraError(wrapping: error, as: .device, "using the controls", subject: device.name)
        }
    }
}
