// SPDX-License-Identifier: MIT

internal import ArgumentParser
internal import CameraCommands
internal import CameraKit

/// Takes one picture.
struct Still: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "still", abstract: "Takes one picture.",
        discussion: """
            Examples:
              camera still now.jpg
              camera still 'door-{timestamp:%H-%M-%S}.jpg' --delay 1s --quality 95
              camera still now.png --camera test --text 'Hall {timestamp:%T}'
            """)

    @Argument(
        help: ArgumentHelp(
            "The file, or '-' for standard output.",
            discussion: """
                {counter:04d} in its name goes on behind the pictures that there are; {timestamp:%H-%M-%S} is the time, \
                with -2 behind it where that is there already. A file is replaced when the new picture is complete.
                """,
            valueName: "OUTPUT"), completion: .file())
    var output: String

    @OptionGroup(title: "Source") var source: SourceOptions
    @OptionGroup(title: "Picture") var picture: PictureOptions
    @OptionGroup(title: "Changes") var style: StyleOptions

    @Option(
        help: ArgumentHelp("Let the camera run this long before, so that its exposure settles.", valueName: "1s"),
        transform: parsing(Parse.duration))
    var delay: Duration?

    @Option(
        help: ArgumentHelp("A symbolic link that names the picture from then on.", valueName: "LINK"),
        completion: .file())
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
        let camera = shutter.camera
        // A file's time does not pass by waiting.
        if let delay, !camera.router.source.canWait {
            try shutter.perform { () throws(CameraError) in try camera.wait(delay) }
        }
        let format = try mediaFormat
        guard output != "-" else {
            let pipe = PipeOutput.standardOutput()
            return try shutter.perform { () throws(CameraError) in
                try camera.capture(to: .output(pipe), format: format, picture)
            }
        }
        let names = try FileTemplate(output)
        let series = try FileSeries(firstCounter: picture.counter, onTaken: EventLog.tellTaken)
        let path = try shutter.perform { () throws(CameraError) in
            try series.make(names) { path throws(CameraError) in
                try camera.capture(to: .path(path), format: format, picture)
            }
        }
        if !picture.quiet { Console.print("camera: \(PictureSummary(path, picture.resize ?? shutter.size).text)") }
        try latest.map { path throws(CameraError) in try LatestLink(path) }?.point(to: path)
    }

    private var mediaFormat: MediaFormat {
        get throws { try MediaFormat(chosenBy: picture.format, for: output, among: MediaFormat.image) }
    }
}

extension Camera {
    /// Takes a picture as the options have it.
    fileprivate func capture(
        to output: OutputTarget, format: MediaFormat, _ options: PictureOptions
    ) throws(CameraError) {
        try capture(
            to: output, format: format, resize: options.resize, sync: options.sync ?? .none,
            options: options.encoderOptions)
    }
}
