// SPDX-License-Identifier: MIT

internal import ArgumentParser
internal import CameraKit

/// Takes pictures at equal intervals.
struct Timelapse: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "timelapse",
        abstract: "Takes pictures at equal intervals.",
        discussion: """
            TEMPLATE has a place for the picture's number, or for the time: lapse-{counter:04d}.jpg. The number starts at 1, \
            or goes on behind the pictures that there are, so that a new run overwrites nothing. \
            Picture k is taken at k times the interval after the first, by the camera's clock, so that delays do not add \
            up; one whose moment passes while another is being written, or for which the camera gives no frame, is reported \
            and left out.
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

    @Option(
        help: ArgumentHelp("A symbolic link that always names the newest picture.", valueName: "LINK"))
    var latest: String?

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
        guard interval > .zero else { throw ValidationError("--interval must be longer than 0") }
        guard try asUsage({ try FileTemplate(template).isSeries }) else {
            throw ValidationError(
                "each picture needs a name of its own; put {counter:04d} or {timestamp} into '\(template)'")
        }
    }

    func run() throws {
        let names = try FileTemplate(template)
        let format = try mediaFormat
        let link = try latest.map { path throws(CameraError) in try LatestLink(path) }
        var schedule = try ShotSchedule(every: interval)
        let claims = try source.claims() + style.claims()
        defer { withExtendedLifetime(claims) {} }
        let shutter = try Shutter(source, style)
        defer { shutter.close() }
        let series = try FileSeries(firstCounter: picture.counter, onTaken: EventLog.tellTaken)
        var taken = 0
        while taken < count ?? .max {
            let (shot, due) = (schedule.shot, schedule.due)
            if let due { try shutter.wait(until: due) }
            var time = Timestamp.now
            do {
                let path: String
                (path, time) = try shutter.take(series, names, format: format, picture, from: due, patience: interval)
                taken += 1
                point(link, to: path)
                try tell(path, shot, time - (schedule.start ?? time))
            } catch let error as CameraError where error.code == .sourceEnded {
                return
            } catch let error as CameraError where error.mayPass && (shutter.isLive || error.code != .timedOut) {
                Console.print("camera: \(EventLog.missed(1, error))")
                time = shutter.fileTime ?? time
            }
            let missed = schedule.advance(takenAt: time, now: shutter.isLive ? .now : nil)
            if missed > 0 { Console.print("camera: \(EventLog.missed(missed, nil))") }
        }
    }

    /// Lets the link name the newest picture; where that fails it names an older one, and the series goes on.
    private func point(_ link: LatestLink?, to path: String) {
        do throws(CameraError) {
            try link?.point(to: path)
        } catch {
            Console.print("camera: \(error)")
        }
    }

    private func tell(_ path: String, _ shot: Int, _ time: Duration) throws {
        guard json else { return Console.tell(path) }
        Console.output(try JSON.line(Shot(path: path, shot: shot, time: time.inSeconds)))
    }

    private var mediaFormat: MediaFormat {
        get throws { try MediaFormat(chosenBy: picture.format, for: template, among: MediaFormat.image) }
    }
}
