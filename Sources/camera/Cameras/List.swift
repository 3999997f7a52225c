// SPDX-License-Identifier: MIT

internal import ArgumentParser
internal import CameraCommands
internal import CameraKit

/// Lists the cameras with their modes and controls.
struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists cameras, their modes and controls.",
        discussion: """
            Examples:
              camera list
              camera list --json
            """)

    @Flag(help: "One line of JSON per camera.") var json = false

    func run() throws {
        var failure: CameraError?
        do throws(CameraError) {
            for camera in try CameraListing.all() { try show(camera) }
        } catch {
            failure = error
        }
        // It is there for everybody.
        try show(.test)
        if let failure { throw failure }
    }

    private func show(_ camera: CameraListing) throws(CameraError) {
        Console.output(json ? try JSON.line(camera) : camera.text)
    }
}
