// SPDX-License-Identifier: MIT

internal import ArgumentParser

/// Holds the place of the live page, which this version does not have.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Shows a live page.", shouldDisplay: false)

    @Argument(parsing: .captureForPassthrough) var arguments: [String] = []

    func validate() throws {
        throw ValidationError("the live page comes with a later version")
    }
}
