// SPDX-License-Identifier: MIT

internal import ArgumentParser
internal import CLinux
internal import CameraCommands
internal import CameraKit
internal import CameraServer
internal import Glibc

/// `camera serve`: the live page, the API and RTSP.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Shows cameras to browsers and other programs: a live page, an API, RTSP.",
        discussion: """
            Examples:
              camera serve --camera test
              camera serve --camera hall=/dev/video0 --camera yard=/dev/video2
              camera serve camera.yaml --check

            Serves this machine alone unless --address says otherwise. A camera that cannot be opened, or fails, is tried \
            again. SIGINT and SIGTERM finish every recording.

            With CONFIG, a file that describes cameras, recordings and the rest, the program camera-service takes over. It \
            reads the file again on SIGHUP; cameras that did not change in it lose no frame. Of the options, those of the \
            network go before what the file has, and others have no place beside it. --keys tells what can stand in the file.
            """)

    @Argument(
        help: ArgumentHelp("The file that describes the service.", valueName: "CONFIG.yaml"),
        completion: .file(extensions: ["yaml", "yml"]))
    var config: String?

    @Flag(help: "Say what CONFIG means, or what is wrong with it, and serve nothing.") var check = false

    @Flag(help: "Print every key that CONFIG can have.") var keys = false

    @Option(
        help: ArgumentHelp(
            "A camera, as 'camera record' takes it, with its name on the page in front; may be given several times.",
            valueName: "[NAME=]auto|test|/dev/videoN|libcamera[:ID]|FILE"),
        completion: .cameras)
    var camera: [String] = []

    @Option(
        help: ArgumentHelp("The size of the frames.", valueName: "WxH"), completion: .sizes,
        transform: parsing(Resolution.init(parsing:)))
    var size: Resolution?

    @Option(help: ArgumentHelp("Frames per second.", valueName: "N"), transform: parsing(FrameRate.init(parsing:)))
    var fps: FrameRate?

    @OptionGroup(title: "Network") var network: NetworkOptions
    @OptionGroup(title: "Recordings") var recordings: ServedRecordingOptions
    @OptionGroup(title: "What is kept, with --record or --circular") var retention: RetentionOptions
    @OptionGroup(title: "Encoding") var encoding: EncodingOptions

    func validate() throws {
        if config != nil || keys, let option = givenInPlaceOfFile.first {
            throw ValidationError("\(option) has no place beside a file: write it there")
        }
        if check, config == nil { throw ValidationError("--check needs the file to look at") }
        try asUsage { _ = try format }
        if encoding.resize != nil { throw ValidationError("--resize is not for live pictures; give --size") }
        if recordings.record == nil, recordings.circular == nil, let option = retention.given.first {
            throw ValidationError("\(option) is for recordings: give --record or --circular")
        }
    }

    func run() throws {
        if let arguments = serviceArguments { throw ServiceProgram.replaceThisProgram(arguments) }
        clinux_keep_memory_small()
        let cameras = try served()
        var options = CameraServer.Options()
        options.password = NetworkOptions.passwordOfEnvironment
        try network.apply(to: &options)
        options.keepsEarlyNews = true
        let done = Monitor<Int32?>(nil)
        let watch = try SignalWatch { number in done.update { $0 = $0 ?? number } }
        let server = try CameraServer(cameras, options: options)
        watch.begin()
        Console.output("\(server.address)")
        for camera in cameras {
            if let address = server.rtspAddress { Console.output("\(address)\(camera.name)") }
        }
        let events = server.events
        server.forgetEarlyNews()
        let isTold = Monitor(false)
        Task.ofServer {
            for await event in events { if let line = event.line { Console.print(line, event.level) } }
            isTold.update { $0 = true }
        }
        let service = try ServiceWatch.ofEnvironment(server) { Console.print("camera: \($0)", .warning) }
        let signal = done.wait { $0 }
        service?.isStopping()
        try server.stop()
        _ = isTold.wait(until: .now + .seconds(1)) { $0 ? true : nil }
        throw ExitCode(exitStatus(after: signal))
    }

    /// Options that say what the file says.
    private var givenInPlaceOfFile: [String] {
        var names = camera.isEmpty ? [] : ["--camera"]
        if size != nil { names.append("--size") }
        if fps != nil { names.append("--fps") }
        names += recordings.given + retention.given
        if encoding.isGiven { names.append("an option of encoding") }
        return names
    }

    /// The arguments of the program that serves what a file describes; nil where this one serves.
    private var serviceArguments: [String]? {
        guard config != nil || keys else { return nil }
        return programArguments.drop { $0 != Self.configuration.commandName }.dropFirst().map(\.self)
    }

    private var format: MediaFormat {
        get throws { try MediaFormat(named: encoding.format ?? "h264", among: [.h264, .h265]) }
    }

    /// The cameras with their names and what is wanted of them.
    private func served() throws -> [ServedCamera] {
        let words = camera.isEmpty ? ["auto"] : camera
        return try words.map { word in
            let (name, source) = Self.named(word)
            var arguments = ["--camera", source]
            if let size { arguments += ["--size", "\(size.width)x\(size.height)"] }
            if let fps { arguments += ["--fps", "\(fps.numerator)/\(fps.denominator)"] }
            let options = try SourceOptions.parse(arguments)
            let format = try format
            let encoder = encoding.encoderOptions
            var served = ServedCamera(name, options)
            served.format = format
            served.options = encoder
            try recordings.apply(to: &served, retention.retention)
            return served
        }
    }

    /// The name of a camera and what opens it: "hall=/dev/video0", or a name that the source gives.
    static func named(_ word: String) -> (name: String, source: String) {
        if let equals = word.firstIndex(of: "="), !word[..<equals].contains("/") {
            return (String(word[..<equals]), String(word[word.index(after: equals)...]))
        }
        var plain = word.split(separator: "/").last ?? "camera"
        if let colon = plain.firstIndex(of: ":"), plain.hasPrefix("libcamera") {
            plain = plain[plain.index(after: colon)...]
        }
        if let colon = plain.firstIndex(of: ":") { plain = plain[..<colon] }
        if word == "auto" { plain = "camera" }
        let name = plain.map { ($0.isASCII && ($0.isLetter || $0.isNumber)) || "-_".contains($0) ? $0 : "-" }
        return (String(name.prefix(64)), word)
    }
}
