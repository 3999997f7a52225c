// SPDX-License-Identifier: MIT

internal import ArgumentParser
internal import CameraKit

/// Takes pictures at equal intervals.
struct Timelapse: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Takes pictures at equal intervals.",
        discussion: """
            TEMPLATE has a place for the picture's number, which starts at 1, or for the time: lapse-{counter:04d}.jpg. \
            Picture k is taken at k times the interval after the first, by the camera's clock, so that delays do not add \
            up; one whose moment passes while another is being written is reported and left out.
            """)

    @Argument(help: ArgumentHelp("The files' names.", valueName: "TEMPLATE"))
    var template: String

    @Option(
        help: ArgumentHelp("The time from one picture to the next.", valueName: "10s"),
        transform: parsing(Parse.duration))
    var interval: Duration

    @Option(
        help: ArgumentHelp("End after so many pictures.", valueName: "N"), transform: parsing(Parse.count))
    var count: Int?

    @OptionGroup(title: "Source") var source: SourceOptions
    @OptionGroup(title: "Picture") var picture: PictureOptions
    @OptionGroup(title: "Changes") var style: StyleOptions

    @Flag(help: "One line of JSON per picture.") var json = false

    private struct Shot: Encodable {
        let path: String
        /// Its number by the interval, from 0.
        let shot: Int
        /// Seconds after the first picture.
        let time: Double
    }

    func validate() throws {
        _ = try mediaFormat
        guard try asUsage({ try FileTemplate(template).isSeries }) else {
            throw ValidationError(
                "each picture needs a name of its own; put {counter:04d} or {timestamp} into '\(template)'")
        }
    }

    func run() throws {
        let names = try FileTemplate(template)
        let format = try mediaFormat
        let shutter = try Shutter(source, style)
        defer { shutter.close() }
        var start: Timestamp?
        var shot = 0
        for taken in 1...(count ?? .max) {
            if let start { shot = nextShot(after: shot, start: start, isLive: shutter.isLive) }
            let due = start.map { $0 + interval * shot }
            if let due { try shutter.wait(until: due) }
            let path = names.name(counter: taken)
            let time: Timestamp
            do {
                time = try shutter.take(.path(path), format: format, picture, from: due, patience: interval)
            } catch let error as CameraError where error.code == .sourceEnded {
                return
            }
            let first = start ?? time
            start = first
            if json {
                Console.output(try JSON.line(Shot(path: path, shot: shot, time: (time - first).inSeconds)))
            } else {
                Console.tell(path)
            }
        }
    }

    /// The next shot whose moment has not passed.
    private func nextShot(after shot: Int, start: Timestamp, isLive: Bool) -> Int {
        guard isLive else { return shot + 1 }
        let present = Int((Timestamp.now - start).nanoseconds / interval.nanoseconds)
        guard present > shot else { return shot + 1 }
        Console.print(
            "camera: \(present - shot) shots missed: taking one takes longer than the interval of \(interval)")
        return present + 1
    }

    private var mediaFormat: MediaFormat {
        get throws { try MediaFormat(chosenBy: picture.format, for: template, among: MediaFormat.image) }
    }
}
