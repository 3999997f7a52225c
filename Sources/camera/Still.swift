// SPDX-License-Identifier: MIT

internal import ArgumentParser
internal import CameraKit

/// Takes one picture.
struct Still: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "still", abstract: "Takes one picture.")

    @Argument(
        help: ArgumentHelp(
            "The file, or '-' for standard output.",
            discussion: """
                {counter:04d} in its name goes on behind the pictures that there are; {timestamp:%H-%M-%S} is the time, \
                with -2 behind it where that is there already. A file is replaced when the new picture is complete.
                """,
            valueName: "OUTPUT"))
    var output: String

    @OptionGroup(title: "Source") var source: SourceOptions
    @OptionGroup(title: "Picture") var picture: PictureOptions
    @OptionGroup(title: "Changes") var style: StyleOptions

    @Option(
        help: ArgumentHelp("Let the camera run this long before, so that its exposure settles.", valueName: "1s"),
        transform: parsing(Parse.duration))
    var delay: Duration?

    @Option(
        help: ArgumentHelp("A symbolic link that names the picture from then on.", valueName: "LINK"))
    var latest: String?

    func validate() throws {
        _ = try mediaFormat
        _ = try asUsage { try FileTemplate(output) }
    }

    func run() throws {
        // What is played back and what is drawn must not be replaced by the picture.
        let claims = try source.claims() + style.claims()
        defer { withExtendedLifetime(claims) {} }
        let shutter = try Shutter(source, style)
        defer { shutter.close() }
        if let delay { try shutter.wait(until: .now + delay) }
        guard output != "-" else {
            try shutter.take(PipeOutput.standardOutput(), format: try mediaFormat, picture)
            return
        }
        let names = try FileTemplate(output)
        let series = try FileSeries(firstCounter: picture.counter, onTaken: EventLog.tellTaken)
        let format = try mediaFormat
        let path = try shutter.take(series, names, format: format, picture).path
        try latest.map { path throws(CameraError) in try LatestLink(path) }?.point(to: path)
    }

    private var mediaFormat: MediaFormat {
        get throws { try MediaFormat(chosenBy: picture.format, for: output, among: MediaFormat.image) }
    }
}
