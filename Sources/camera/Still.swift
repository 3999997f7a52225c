// SPDX-License-Identifier: MIT

internal import ArgumentParser
internal import CameraKit

/// Takes one picture.
struct Still: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Takes one picture.")

    @Argument(help: ArgumentHelp("The file, or '-' for standard output.", valueName: "OUTPUT"))
    var output: String

    @OptionGroup(title: "Source") var source: SourceOptions
    @OptionGroup(title: "Picture") var picture: PictureOptions
    @OptionGroup(title: "Changes") var style: StyleOptions

    @Option(
        help: ArgumentHelp("Let the camera run this long before, so that its exposure settles.", valueName: "1s"),
        transform: parsing(Parse.duration))
    var delay: Duration?

    func validate() throws {
        _ = try mediaFormat
    }

    func run() throws {
        let shutter = try Shutter(source, style)
        defer { shutter.close() }
        if let delay { try shutter.wait(until: .now + delay) }
        try shutter.take(
            output == "-" ? .output(PipeOutput.standardOutput()) : .path(output), format: try mediaFormat, picture)
    }

    private var mediaFormat: MediaFormat {
        get throws { try MediaFormat(chosenBy: picture.format, for: output, among: MediaFormat.image) }
    }
}
