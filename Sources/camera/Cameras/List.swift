// SPDX-License-Identifier: MIT

internal import ArgumentParser
internal import CameraCommands
internal import CameraKit

/// Lists the cameras with their modes and controls.
struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists cameras, their modes and controls.")

    @Flag(help: "One line of JSON per camera.") var json = false

    func run() throws {
        for camera in try CameraListing.all() { Console.output(json ? try JSON.line(camera) : camera.text) }
        Console.output(json ? try JSON.line(CameraListing.test) : CameraListing.test.text)
    }
}
