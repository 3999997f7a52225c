// SPDX-License-Identifier: MIT

internal import ArgumentParser
internal import CameraCommands
internal import CameraKit

/// Records video.
struct Record: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        abstract: "Records video.",
        discussion: """
            Examples:
              camera record clip.mp4 --duration 10s
              camera record 'hall-{counter:03d}.mp4' --split 60s --keep-free 10%
              camera record test.mkv --camera test --size 1080p --text '{timestamp:%T}'

            OUTPUT is a file, '-' for standard output, or with --split or --circular a template such as \
            clip-{counter:03d}.h264 or {timestamp:%H-%M-%S}.h264, which replaces no file: the counter goes on behind the \
            highest number that is there, and a time that gives a name again gets -2. The time is that of the file's first \
            picture. Recording ends after --duration or --frames, with its source, or by SIGINT, SIGTERM or SIGHUP; \
            every file is finished then.

            When the camera is unplugged, its files are finished and the recording ends with an error. With \
            --on-disconnect wait it goes on in the next file when the camera is back in its port; --duration and --frames \
            count what is recorded in all, without the time between.

            With --circular nothing is written until the recording ends, SIGUSR1 comes or Enter is pressed: then OUTPUT \
            receives at least the time that was asked for, from a key frame on. A template gives each of these a file of \
            its own; a plain OUTPUT is replaced by each, and left alone at the end if one came. With --after each of \
            these is an event, whose file goes on for that time; another event meanwhile prolongs it, and nothing is \
            written at the end but what was begun. The ring holds 128 MB at most, unless it is given in bytes; what that \
            is too little for is told.
            """)

    @Argument(help: ArgumentHelp("What to write.", valueName: "OUTPUT"), completion: .file())
    var output: String

    @OptionGroup(title: "Source") var source: SourceOptions

    @Option(
        help: ArgumentHelp("Record this long, by the camera's clock.", valueName: "10s"),
        transform: parsing(Parse.duration))
    var duration: Duration?

    @Option(
        help: ArgumentHelp("Record exactly so many frames.", valueName: "N"),
        transform: parsing(Parse.count))
    var frames: Int?

    @OptionGroup(title: "Encoding") var encoding: EncodingOptions
    @OptionGroup(title: "Pictures") var style: StyleOptions

    @Option(
        help: ArgumentHelp("Go on in the next file after so much.", valueName: "60s|1800frames|100MB"),
        transform: parsing(SplitRule.init(parsing:)))
    var split: SplitRule?

    @Option(
        help: ArgumentHelp("Keep only the last of the recording, in memory.", valueName: "20s|600frames|100MB"),
        transform: parsing(Parse.ringExtent))
    var circular: CircularOutput.Extent?

    @Option(
        help: ArgumentHelp(
            "With --circular, let each file go on for so long after its event, which is SIGUSR1 or Enter.",
            valueName: "30s"),
        transform: parsing(Parse.duration))
    var after: Duration?

    @Flag(help: "With --after, take movement in the pictures for an event, too.")
    var onMotion = false

    @OptionGroup(title: "What is kept, with --split or --circular") var retention: RetentionOptions

    @Option(
        help: ArgumentHelp(
            "Write the same pictures to another file or '-' as well; may be given several times.",
            discussion: "It is one file for the whole recording, and one that fails is closed while the others go on.",
            valueName: "OUTPUT"), completion: .file())
    var also: [String] = []

    @Option(
        help: ArgumentHelp(
            "Run a command for each finished file, one after the other.",
            discussion: """
                The shell runs it with the file's path in CAMERA_FILE, its pictures in CAMERA_FRAMES, its bytes in \
                CAMERA_BYTES, its seconds in CAMERA_DURATION, and the times of its first and last picture in \
                CAMERA_START and CAMERA_END (seconds since 1970). What it prints goes to standard error.
                """,
            valueName: "COMMAND"))
    var onFile: String?

    @Option(
        help: ArgumentHelp(
            "Begin the counter in the names of files here, and replace what is there; else it goes on behind.",
            valueName: "N"),
        transform: parsing(Parse.counter))
    var counter: Int?

    @Option(
        help: ArgumentHelp(
            "Write each picture's time to FILE (mkvmerge's timestamp format v2).",
            discussion: "With --split or --circular it is a template, with a file for each file of the recording.",
            valueName: "FILE"), completion: .file())
    var savePts: String?

    @Option(
        help: ArgumentHelp(
            "Write each picture's motion vectors to FILE, in picamera's layout.",
            discussion: "With --split it is a template, with a file for each file of the recording.",
            valueName: "FILE"), completion: .file())
    var motion: String?

    @Option(
        help: ArgumentHelp(
            "Write a line of JSON about each picture to FILE.",
            discussion: "With --split or --circular it is a template, with a file for each file of the recording.",
            valueName: "FILE"), completion: .file())
    var metadata: String?

    @Option(
        help: ArgumentHelp("Write the final statistics as JSON.", valueName: "FILE.json"), completion: .file())
    var stats: String?

    @Option(
        help: ArgumentHelp(
            "When files go to the disk: when the system likes, at each file's end, or every so often.",
            valueName: "none|split|SECONDS"),
        completion: .list(["none", "split"]), transform: parsing(Parse.syncPolicy))
    var sync: SyncPolicy?

    @Option(
        help: ArgumentHelp(
            "When the camera goes away: end with an error, or wait for it and go on in the next file.",
            valueName: "fail|wait"),
        completion: .words(of: OnDisconnect.self), transform: parsing(Parse.word))
    var onDisconnect = OnDisconnect.fail

    @Flag(help: "Tell of troubles alone, not of the start, of each file and of the totals.")
    var quiet = false

    @Option(
        name: .customLong("trace-v4l2"),
        help: ArgumentHelp(
            "Write every call to V4L2 devices to FILE as text, for a report about them.", valueName: "FILE"),
        completion: .file())
    var traceV4L2: String?

    @Flag(help: "Write a summary as a line of JSON to standard output, or to standard error if OUTPUT is '-'.")
    var json = false

    @Option(
        help: ArgumentHelp("How long finishing the files may take.", visibility: .hidden),
        transform: parsing(Parse.duration))
    var stopTimeout: Duration?

    /// Whether OUTPUT is a template of the names of what the camera gives without a ring.
    var isSeries: Bool { split != nil || onDisconnect == .wait }

    func validate() throws {
        let format = try mediaFormat
        let isSeries = try asUsage { try FileTemplate(output).isSeries }
        if output == "-" {
            if split != nil { throw ValidationError("--split needs a template of files, not standard output") }
            if circular != nil { throw ValidationError("--circular needs a file to write to, not standard output") }
        }
        if split != nil, circular != nil {
            throw ValidationError("--split and --circular exclude each other")
        }
        if split == nil && circular == nil || !isSeries, let option = retention.given.first {
            throw ValidationError(
                "\(option) deletes whole files, the oldest first: it needs --split or --circular, and a template with "
                    + "{counter:03d} or {timestamp}")
        }
        try validateEvents(isSeries: isSeries)
        if split != nil, !isSeries {
            throw ValidationError(
                "with --split each file needs a name of its own; put {counter:03d} or {timestamp} into '\(output)'")
        }
        if onDisconnect == .wait {
            guard isSeries, circular == nil else {
                throw ValidationError(
                    "--on-disconnect wait goes on in another file: OUTPUT must be a template with {counter:03d} or "
                        + "{timestamp}, without --circular")
            }
            guard source.isCamera else {
                throw ValidationError("--on-disconnect wait is for cameras that can be unplugged: /dev/videoN or auto")
            }
        } else if split == nil, circular == nil, isSeries {
            throw ValidationError("'\(output)' is a template, which needs --split or --circular")
        }
        if circular != nil, format.hasKeyFrames, encoding.keyframeInterval == 0 {
            throw ValidationError("--circular needs key frames to begin with; leave out --keyframe-interval 0")
        }
        if split != nil {
            try asUsage {
                try OutputTarget.path(output).refusePlaylist(
                    "using --split", "leave out --split, or give the playlist by --also")
            }
        }
        if circular != nil {
            try asUsage {
                try OutputTarget.path(output).refusePlaylist("using --circular", "write the ring to an .mp4")
            }
        }
        if output != "-" { try asUsage { try OutputTarget.path(output).check(for: format, "starting the recording") } }
        try validateAlso(format)
        try validateSidecars(isSeries: isSeries)
    }

    private func validateEvents(isSeries: Bool) throws {
        if onMotion, after == nil {
            throw ValidationError("--on-motion needs --after: how long a file goes on when nothing moves any more")
        }
        guard after != nil else { return }
        guard circular != nil else {
            throw ValidationError("--after needs --circular: what is before an event comes from the ring")
        }
        guard isSeries else {
            throw ValidationError(
                "with --after each event needs a file of its own; put {counter:03d} or {timestamp} into '\(output)'")
        }
    }

    private func validateAlso(_ format: MediaFormat) throws {
        if circular != nil, !also.isEmpty {
            throw ValidationError("--also and --circular exclude each other: the ring keeps what is written later")
        }
        for (index, path) in also.enumerated() {
            if ([output] + also[..<index]).contains(path) {
                throw ValidationError("'\(path)' is to be written twice; give each output a name of its own")
            }
            if path != "-" { try asUsage { try OutputTarget.path(path).checkAdding(to: format) } }
        }
    }

    private func validateSidecars(isSeries: Bool) throws {
        let options = [
            ("--save-pts", savePts), ("--motion", motion), ("--metadata", metadata), ("--stats", stats),
            ("--trace-v4l2", traceV4L2),
        ]
        var names: [String: String] = [output: "OUTPUT"]
        for path in also { names[path] = "--also" }
        for case (let option, let path?) in options {
            if path == "-" { throw ValidationError("\(option) needs a file, not standard output") }
            if let other = names[path] { throw ValidationError("\(other) and \(option) need different files") }
            names[path] = option
        }
        for case (let option, let path?) in options.prefix(3) {
            if try asUsage({ try !FileTemplate(path).isSeries }), isSeries {
                throw ValidationError("the files of \(option) need a {counter} as those of OUTPUT do")
            }
        }
        if motion != nil, circular != nil {
            throw ValidationError("--motion and --circular exclude each other: the ring keeps only the pictures")
        }
    }

    /// The format of the recording.
    var mediaFormat: MediaFormat {
        get throws {
            try MediaFormat(
                chosenBy: encoding.format, for: output, among: MediaFormat.video,
                comesFromDevice: source.isCamera || encoding.namesDevice)
        }
    }

    /// The camera's format that needs no encoder for what is asked; nil where one is asked for.
    var passThroughFormat: PixelFormat? {
        get throws {
            let format = try mediaFormat
            guard style.isPlain, encoding.resize == nil, encoding.encoderOptions.namesSet.isEmpty, !encoding.namesDevice
            else {
                return nil
            }
            return [.mjpeg: .mjpeg, .h264: .h264, .h265: .h265][format]
        }
    }

    func run() throws {
        try Recorder(self).run()
    }
}
