// SPDX-License-Identifier: MIT

public import CameraCore
public import CameraEncoders
public import CameraOutputs

/// What to record, for ``Camera/startRecordings(_:)``.
public struct RecordingRequest: Sendable {
    /// A path, a template where `splitting` is given, or an output of the user's.
    public var output: OutputTarget
    /// The format; nil for the one that the file's name tells.
    public var format: MediaFormat?
    /// The camera's stream to record, 0 for the main one.
    public var stream: Int
    /// The size to scale to; nil for the camera's own.
    public var resize: Resolution?
    /// The port that tells recordings of a camera apart.
    public var splitterPort: Int
    /// When to go on in the next file.
    public var splitting: SplitRule?
    /// The number of the first file of `splitting`, which then replaces files that have these numbers; nil to go on behind
    /// the highest number that there is, so that nothing is replaced.
    public var firstCounter: Int?
    /// Gives the files their places where recordings share a series, as one that goes on after an interruption; a template
    /// then names files without `splitting` too.
    package var series: FileSeries?
    /// The number of pictures after which the recording ends by itself, 1 or more; nil for no end.
    ///
    /// Frames that are dropped or cannot be decoded do not count.
    public var frameLimit: Int?
    /// When files that are opened for it go to the disk.
    public var sync: SyncPolicy
    /// Where motion vectors go, a record for each picture as ``MotionField`` describes it; a template where `splitting` is
    /// given, or one file for all.
    public var motionOutput: OutputTarget?
    /// What receives each picture once more to write down what is known about it, such as a ``PTSOutput``; a path, or a
    /// template as that of `motionOutput`, becomes a ``MetadataOutput``.
    public var metadataOutput: OutputTarget?
    /// Where the pictures' times go, for mkvmerge; a path, or a template as that of `motionOutput`, becomes a ``PTSOutput``.
    public var timesOutput: OutputTarget?
    /// Bit rate, quality and the rest.
    public var options: EncoderOptions
    /// Makes the encoder; nil for the one that fits the format.
    public var encoder: (@Sendable (EncoderConfiguration) throws -> VideoEncoder)?

    /// Describes a recording.
    public init(
        to output: OutputTarget, format: MediaFormat? = nil, stream: Int = 0, resize: Resolution? = nil,
        splitterPort: Int = 1, splitting: SplitRule? = nil, sync: SyncPolicy = .none, motionOutput: OutputTarget? = nil,
        metadataOutput: OutputTarget? = nil, options: EncoderOptions = EncoderOptions(),
        encoder: (@Sendable (EncoderConfiguration) throws -> VideoEncoder)? = nil
    ) {
        self.output = output
        self.format = format
        self.stream = stream
        self.resize = resize
        self.splitterPort = splitterPort
        self.splitting = splitting
        self.sync = sync
        self.motionOutput = motionOutput
        self.metadataOutput = metadataOutput
        self.options = options
        self.encoder = encoder
    }
}

extension Camera {
    /// Starts recording into a file.
    ///
    /// - Parameters:
    ///   - path: The file; with `splitting`, a template such as "hall-{counter:04d}.h264".
    ///   - format: The format; nil for the one that the file's name tells.
    ///   - resize: The size to scale to; nil for the camera's own.
    ///   - splitterPort: Tells recordings of a camera apart.
    ///   - splitting: When to go on in the next file.
    ///   - sync: When the files go to the disk.
    ///   - motionOutput: Where motion vectors go; see ``RecordingRequest/motionOutput``.
    ///   - metadataOutput: What writes down what is known about each picture; see ``RecordingRequest/metadataOutput``.
    ///   - options: Bit rate, quality and the rest.
    ///   - encoder: Makes the encoder; nil for the one that fits the format.
    /// - Returns: The recording, which may be let go of.
    /// - Throws: `.alreadyRecording` when the port is in use, `.invalidFormat`, `.unknownOption`, `.invalidValue`,
    ///   `.output` when the file cannot be opened, `.sourceEnded`.
    @discardableResult
    public func startRecording(
        to path: String, format: MediaFormat? = nil, resize: Resolution? = nil, splitterPort: Int = 1,
        splitting: SplitRule? = nil, sync: SyncPolicy = .none, motionOutput: OutputTarget? = nil,
        metadataOutput: OutputTarget? = nil, options: EncoderOptions = EncoderOptions(),
        encoder: (@Sendable (EncoderConfiguration) throws -> VideoEncoder)? = nil
    ) throws(CameraError) -> Recording {
        try startRecordings([
            RecordingRequest(
                to: .path(path), format: format, resize: resize, splitterPort: splitterPort, splitting: splitting,
                sync: sync, motionOutput: motionOutput, metadataOutput: metadataOutput, options: options,
                encoder: encoder)
        ])[0]
    }

    /// Starts recording into an output of the user's, which is flushed at the end, never closed.
    ///
    /// - Parameters:
    ///   - output: Where the pictures go.
    ///   - format: The format; nil for the one that the output's ``Output/name`` tells.
    ///   - resize: The size to scale to; nil for the camera's own.
    ///   - splitterPort: Tells recordings of a camera apart.
    ///   - motionOutput: Where motion vectors go; see ``RecordingRequest/motionOutput``.
    ///   - metadataOutput: What writes down what is known about each picture; see ``RecordingRequest/metadataOutput``.
    ///   - options: Bit rate, quality and the rest.
    ///   - encoder: Makes the encoder; nil for the one that fits the format.
    /// - Returns: The recording, which may be let go of.
    /// - Throws: `.alreadyRecording` when the port is in use, `.invalidFormat`, `.unknownOption`, `.invalidValue`,
    ///   `.sourceEnded`.
    @discardableResult
    public func startRecording(
        to output: any Output, format: MediaFormat? = nil, resize: Resolution? = nil, splitterPort: Int = 1,
        motionOutput: OutputTarget? = nil, metadataOutput: OutputTarget? = nil,
        options: EncoderOptions = EncoderOptions(),
        encoder: (@Sendable (EncoderConfiguration) throws -> VideoEncoder)? = nil
    ) throws(CameraError) -> Recording {
        try startRecordings([
            RecordingRequest(
                to: .output(output), format: format, resize: resize, splitterPort: splitterPort,
                motionOutput: motionOutput, metadataOutput: metadataOutput, options: options, encoder: encoder)
        ])[0]
    }

    /// Starts several recordings, all at the same frame; none is started when one cannot be.
    ///
    /// - Parameter requests: What to record, each on a port of its own.
    /// - Returns: The recordings, in the order of the requests.
    /// - Throws: What ``startRecording(to:format:resize:splitterPort:splitting:sync:motionOutput:metadataOutput:options:encoder:)`` throws.
    @discardableResult
    public func startRecordings(_ requests: [RecordingRequest]) throws(CameraError) -> [Recording] {
        try checkOpen("starting the recording")
        return try Self.startRecordings(requests.map { (self, $0) })
    }

    /// Goes on in another file at the next frame, which becomes a key frame; no frame is lost or repeated.
    ///
    /// - Parameters:
    ///   - path: The file to go on in; nil to go on in the same one and to redirect only what goes beside it.
    ///   - splitterPort: The recording's port.
    ///   - motionOutput: Where motion vectors go from there on; nil for where they went before.
    ///   - metadataOutput: What writes down what is known about each picture; nil for what did before.
    /// - Returns: The first picture of the new file.
    /// - Throws: See ``VideoEncoder/split(to:motionOutput:metadataOutput:)``; the recording goes on in the old file then, unless the error
    ///   is the recording's own.
    @discardableResult
    public func splitRecording(
        to path: String?, splitterPort: Int = 1, motionOutput: OutputTarget? = nil,
        metadataOutput: OutputTarget? = nil
    ) throws(CameraError) -> VideoFrame {
        try recording(splitterPort, "splitting the recording").split(
            to: path.map { .path($0) }, motionOutput: motionOutput, metadataOutput: metadataOutput)
    }

    /// Goes on in another output at the next frame, which becomes a key frame; no frame is lost or repeated.
    @discardableResult
    public func splitRecording(
        to output: any Output, splitterPort: Int = 1, motionOutput: OutputTarget? = nil,
        metadataOutput: OutputTarget? = nil
    ) throws(CameraError) -> VideoFrame {
        try recording(splitterPort, "splitting the recording").split(
            to: .output(output), motionOutput: motionOutput, metadataOutput: metadataOutput)
    }

    /// Begins a split without waiting for it; may be called on a callback thread.
    public func beginSplit(
        to output: OutputTarget?, splitterPort: Int = 1, motionOutput: OutputTarget? = nil,
        metadataOutput: OutputTarget? = nil
    ) throws(CameraError) -> PendingSplit {
        try recording(splitterPort, "splitting the recording").beginSplit(
            to: output, motionOutput: motionOutput, metadataOutput: metadataOutput)
    }

    /// Makes the next frame a key frame; does not wait.
    public func requestKeyFrame(splitterPort: Int = 1) throws(CameraError) {
        try recording(splitterPort, "requesting a key frame").requestKeyFrame()
    }

    /// Waits while a recording goes on.
    ///
    /// - Parameters:
    ///   - timeout: The longest to wait; nil until it ends or fails, zero to look only.
    ///   - splitterPort: The recording's port.
    /// - Returns: `.ended` when the recording ended by itself with its source, `.running` after the time-out.
    /// - Throws: What went wrong on the recording's threads, each time until it is stopped; `.notRecording`.
    @discardableResult
    public func waitRecording(_ timeout: Duration? = nil, splitterPort: Int = 1) throws(CameraError) -> RecordingState {
        try recording(splitterPort, "waiting for the recording").wait(timeout)
    }

    /// Ends a recording and finishes its file; frames that were taken are written.
    ///
    /// - Parameter splitterPort: The recording's port; it is free afterwards, also when this throws.
    /// - Throws: What went wrong during the recording or while finishing it; `.notRecording`.
    public func stopRecording(splitterPort: Int = 1) throws(CameraError) {
        try recording(splitterPort, "stopping the recording").stop()
    }

    /// Records into one output after the other; the closure decides how long each is.
    ///
    /// - Parameters:
    ///   - paths: The files, asked for one at a time.
    ///   - format: The format.
    ///   - resize: The size to scale to; nil for the camera's own.
    ///   - splitterPort: Tells recordings of a camera apart.
    ///   - options: Bit rate, quality and the rest.
    ///   - body: Called with each path once its recording runs.
    /// - Throws: What recording or `body` throws; the recording is stopped in any case.
    public func recordSequence(
        to paths: some Sequence<String>, format: MediaFormat = .h264, resize: Resolution? = nil, splitterPort: Int = 1,
        options: EncoderOptions = EncoderOptions(), _ body: (String) throws -> Void
    ) throws(CameraError) {
        try recordSequence(
            to: paths, as: { .path($0) }, format: format, resize: resize, splitterPort: splitterPort, options: options,
            body)
    }

    /// Records into one output of the user's after the other; the closure decides how long each is.
    public func recordSequence(
        to outputs: some Sequence<any Output>, format: MediaFormat = .h264, resize: Resolution? = nil,
        splitterPort: Int = 1, options: EncoderOptions = EncoderOptions(), _ body: (any Output) throws -> Void
    ) throws(CameraError) {
        try recordSequence(
            to: outputs, as: { .output($0) }, format: format, resize: resize, splitterPort: splitterPort,
            options: options, body)
    }

    private func recordSequence<Item>(
        to items: some Sequence<Item>, as target: (Item) -> OutputTarget, format: MediaFormat, resize: Resolution?,
        splitterPort: Int, options: EncoderOptions, _ body: (Item) throws -> Void
    ) throws(CameraError) {
        var recording: Recording?
        do {
            for item in items {
                if let recording {
                    try recording.split(to: target(item))
                } else {
                    let request = RecordingRequest(
                        to: target(item), format: format, resize: resize, splitterPort: splitterPort, options: options)
                    recording = try startRecordings([request])[0]
                }
                try body(item)
            }
        } catch {
            try? recording?.stop()
            throw CameraError(wrapping: error, as: .output, "recording a sequence")
        }
        try recording?.stop()
    }

    /// Makes the encoder that a recording asks for.
    func makeEncoder(_ request: RecordingRequest) throws(CameraError) -> VideoEncoder {
        var configuration = EncoderConfiguration(
            parent: open.parent, port: request.splitterPort, format: try videoFormat(request), stream: request.stream,
            resize: request.resize, options: request.options)
        configuration.sync = request.sync
        if let limit = request.frameLimit, limit < 1 {
            throw CameraError(
                .invalidValue, "starting the recording", subject: "frameLimit \(limit)",
                reason: "it cannot end after fewer than 1 picture")
        }
        configuration.frameLimit = request.frameLimit
        do {
            if let make = request.encoder { return try make(configuration) }
            return configuration.format.isRaw
                ? try RawVideoEncoder(configuration) : try CookedVideoEncoder(configuration)
        } catch {
            throw CameraError(wrapping: error, as: .codec, "making the encoder")
        }
    }

    private func videoFormat(_ request: RecordingRequest) throws(CameraError) -> MediaFormat {
        // An encoder of the user's may write what this package does not know.
        if let format = request.format, request.encoder != nil { return format }
        if let format = request.format { return try MediaFormat(named: format.rawValue, among: MediaFormat.video) }
        return try request.output.format(among: MediaFormat.video)
    }

    /// Opens the output of a recording and gets it ready.
    func prepare(
        _ request: RecordingRequest, _ encoder: VideoEncoder
    ) throws(CameraError) -> Encoder.PreparedStart {
        let targets = request.outputs
        let rule = try request.splitting?.validated()
        guard rule != nil || request.series != nil else { return try encoder.prepareStart(targets) }
        guard case .path(let path) = request.output else {
            throw CameraError(.invalidValue, "splitting by a rule", reason: "it needs a file template, not an output")
        }
        var templates: [OutputKey: FileTemplate] = [:]
        for case (let key, .path(let path)) in targets { templates[key] = try FileTemplate(path) }
        // What has one name for all goes on in one file.
        let named = templates.filter(\.value.isSeries)
        guard named[.frame] != nil else {
            throw CameraError(
                .invalidValue, "splitting by a rule", subject: path,
                reason: "each file needs a name of its own; put {counter} or {timestamp} into it")
        }
        let plain = templates.filter { !$0.value.isSeries }.mapValues { OutputTarget.path($0.name(counter: 0)) }
        let others = targets.filter { named[$0.key] == nil }.merging(plain) { $1 }
        let series: FileSeries
        if let given = request.series { series = given } else { series = try makeSeries(from: request.firstCounter) }
        return try encoder.prepareStart(others, rule: rule, names: RecordingNames(named, series: series))
    }

    /// A series that tells of names that are taken.
    func makeSeries(from firstCounter: Int?) throws(CameraError) -> FileSeries {
        try FileSeries(firstCounter: firstCounter) { [hub = open.hub] name, instead in
            hub.send(.nameTaken(name: name, instead: instead))
        }
    }
}

extension RecordingRequest {
    /// All outputs, by what they receive.
    var outputs: [OutputKey: OutputTarget] {
        [.frame: output, .motion: motionOutput, .metadata: metadataOutput, .times: timesOutput].compactMapValues(\.self)
    }
}
