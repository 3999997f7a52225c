// SPDX-License-Identifier: MIT

internal import ArgumentParser
internal import CameraCommands
internal import CameraKit

/// Takes pictures at equal intervals.
struct Timelapse: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "timelapse",
        abstract: "Takes pictures at equal intervals.",
        discussion: """
            Examples:
              camera timelapse 'lapse-{counter:04d}.jpg' --interval 10s --count 100
              camera timelapse '{timestamp:%d-%H-%M}.jpg' --interval 5m --latest now.jpg

            TEMPLATE has a place for the picture's number, or for the time: lapse-{counter:04d}.jpg. The number starts at 1, \
            or goes on behind the pictures that there are, so that a new run overwrites nothing. \
            Picture k is taken at k times the interval after the first, by the camera's clock, so that delays do not add \
            up; one whose moment passes while another is being written, or for which the camera gives no frame, is reported \
            and left out.
            """)

    @Argument(help: ArgumentHelp("The files' names.", valueName: "TEMPLATE"), completion: .file())
    var template: String

    @Option(
        help: ArgumentHelp("The time from one picture to the next.", valueName: "10s"),
        transform: parsing(Parse.duration))
    var interval: Duration

    @Option(
        help: ArgumentHelp("End after so many pictures.", valueName: "N"), transform: parsing(Parse.count))
    var count: Int?

    @Option(
        help: ArgumentHelp("A symbolic link that always names the newest picture.", valueName: "LINK"),
        completion: .file())
    var latest: String?

    @OptionGroup(title: "Source") var source: SourceOptions
    @OptionGroup(title: "Picture") var picture: PictureOptions
    @OptionGroup(title: "Changes") var style: StyleOptions

    @Flag(help: "One line of JSON per picture.") var json = false

    private struct Shot: Encodable {
        let path: String
        let bytes: Int
        /// Its number by the interval, from 0.
        let shot: Int
        /// Seconds after the first picture.
        let time: Double
    }

    func validate() throws {
        _ = try mediaFormat
        guard interval > .zero else { throw ValidationError("--interval must be longer than 0") }
        guard try asUsage({ try FileTemplate(template).isSeries }) else {
            throw ValidationError(
                "each picture needs a name of its own; put {counter:04d} or {timestamp} into '\(template)'")
        }
    }

    func run() throws {
        let format = try mediaFormat
        let claims = try source.claims() + style.claims()
        defer { withExtendedLifetime(claims) {} }
        let shutter = try Shutter(source, style)
        defer { shutter.close() }
        let series = try shutter.camera.captureContinuous(
            to: template, every: interval, firstCounter: picture.counter, latest: latest, format: format,
            resize: picture.resize, sync: picture.sync ?? .none, options: picture.encoderOptions)
        do {
            try takeShots(of: series, with: shutter)
        } catch let error as CameraError {
            throw FailedRun(cause: error, totals: "Taken: \(totals(of: series))")
        } catch {
            tellTotals(of: series)
            throw error
        }
        tellTotals(of: series)
    }

    private func takeShots(of series: CaptureSeries, with shutter: Shutter) throws {
        for _ in 0..<(count ?? .max) {
            guard try shutter.perform({ () throws(CameraError) in try series.next() }) != nil else { return }
            if let shot = series.lastShot { try tell(shot, picture.resize ?? shutter.size) }
        }
    }

    /// With `--json` the lines are the account.
    private func tellTotals(of series: CaptureSeries) {
        if !json, !picture.quiet { Console.print("camera: took \(totals(of: series))") }
    }

    private func totals(of series: CaptureSeries) -> String {
        let missed = series.shotsMissed
        let taken = series.shotsTaken == 1 ? "1 picture" : "\(series.shotsTaken) pictures"
        return "\(taken); \(missed == 0 ? "none" : "\(missed)") missed"
    }

    private func tell(_ shot: CaptureSeries.Shot, _ size: Resolution) throws {
        let summary = PictureSummary(shot.name, size)
        if json {
            let line = Shot(
                path: shot.name, bytes: summary.byteCount, shot: shot.number, time: shot.time.roundedSeconds)
            Console.output(try JSON.line(line))
        } else if !picture.quiet {
            Console.print("camera: \(summary.text)")
        }
    }

    private var mediaFormat: MediaFormat {
        get throws { try MediaFormat(chosenBy: picture.format, for: template, among: MediaFormat.image) }
    }
}
