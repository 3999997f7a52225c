// SPDX-License-Identifier: MIT

internal import CameraContainers
public import CameraCore
public import CameraEncoders
public import CameraOutputs

extension Camera {
    /// Starts recording.
    ///
    /// - Parameters:
    ///   - output: A path; with `splitting` or `onDisconnect: .wait` a template such as "hall-{counter:04d}.h264"; or an
    ///     output of the user's, which is flushed at the end, never closed.
    ///   - format: The format; nil for the one that the name of the file or the output tells.
    ///   - resize: The size to scale to; nil for the camera's own.
    ///   - splitterPort: Tells recordings of a camera apart.
    ///   - splitting: When to go on in the next file.
    ///   - retention: How much of the files is kept, where `splitting` is given; nil to keep all.
    ///   - frameLimit: The number of pictures after which the recording ends by itself; nil for no limit.
    ///   - durationLimit: The time after which the recording ends by itself; nil for no limit.
    ///   - onDisconnect: What happens to the recording when the camera goes away.
    ///   - sync: When the files go to the disk.
    ///   - motionOutput: The output for motion vectors; see ``RecordingRequest/motionOutput``.
    ///   - metadataOutput: The output for what is known about each picture; see ``RecordingRequest/metadataOutput``.
    ///   - options: Bit rate, quality and the rest.
    ///   - encoder: Makes the encoder; nil for the one that fits the format.
    /// - Returns: The recording, which goes on when this value is discarded.
    /// - Throws: `.alreadyRecording` when the port is in use, `.invalidFormat`, `.unknownOption`, `.invalidValue`,
    ///   `.output` when the file cannot be opened, `.sourceEnded`; `.unsupported` for what the camera or the codec cannot do.
    @discardableResult
    public func startRecording(
        to output: OutputTarget, format: MediaFormat? = nil, resize: Resolution? = nil, splitterPort: Int = 1,
        splitting: SplitRule? = nil, retention: Retention? = nil, frameLimit: Int? = nil,
        durationLimit: Duration? = nil, onDisconnect: OnDisconnect = .fail, sync: SyncPolicy = .none,
        motionOutput: OutputTarget? = nil, metadataOutput: OutputTarget? = nil,
        options: EncoderOptions = EncoderOptions(),
        encoder: (@Sendable (EncoderConfiguration) throws -> VideoEncoder)? = nil
    ) throws(CameraError) -> Recording {
        var request = RecordingRequest(
            to: output, format: format, resize: resize, splitterPort: splitterPort, splitting: splitting, sync: sync,
            motionOutput: motionOutput, metadataOutput: metadataOutput, options: options, encoder: encoder)
        request.retention = retention
        request.frameLimit = frameLimit
        request.durationLimit = durationLimit
        request.onDisconnect = onDisconnect
        return try startRecordings([request])[0]
    }

    /// Starts several recordings, all at the same frame; none is started when one cannot be.
    ///
    /// - Parameter requests: What to record, each on a port of its own.
    /// - Returns: The recordings, in the order of the requests.
    /// - Throws: What ``startRecording(to:format:resize:splitterPort:splitting:retention:frameLimit:durationLimit:onDisconnect:sync:motionOutput:metadataOutput:options:encoder:)`` throws.
    @discardableResult
    public func startRecordings(_ requests: [RecordingRequest]) throws(CameraError) -> [Recording] {
        try checkOpen("starting the recording")
        return try Self.startRecordings(requests.map { (self, $0) })
    }

    /// Goes on in another output at the next frame, which becomes a key frame; no frame is lost or repeated.
    ///
    /// - Parameters:
    ///   - output: The new output; nil to keep the present one and to change only outputs beside it.
    ///   - splitterPort: The recording's port.
    ///   - motionOutput: The new output for motion vectors; nil to keep the present one.
    ///   - metadataOutput: The new output for what is known about each picture; nil to keep the present one.
    /// - Returns: The first picture of the new output.
    /// - Throws: What ``VideoEncoder/split(to:motionOutput:metadataOutput:)`` throws; the recording then goes on in the old
    ///   output, unless it has failed itself.
    @discardableResult
    public func splitRecording(
        to output: OutputTarget?, splitterPort: Int = 1, motionOutput: OutputTarget? = nil,
        metadataOutput: OutputTarget? = nil
    ) throws(CameraError) -> VideoFrame {
        try recording(splitterPort, "splitting the recording").split(
            to: output, motionOutput: motionOutput, metadataOutput: metadataOutput)
    }

    /// Begins a split without waiting for it; may be called on a callback thread.
    ///
    /// - Returns: What the split can be waited for with, on another thread.
    /// - Throws: What is wrong with the new output; `.notRecording`; what the recording failed with.
    public func beginSplit(
        to output: OutputTarget?, splitterPort: Int = 1, motionOutput: OutputTarget? = nil,
        metadataOutput: OutputTarget? = nil
    ) throws(CameraError) -> PendingSplit {
        try recording(splitterPort, "splitting the recording").beginSplit(
            to: output, motionOutput: motionOutput, metadataOutput: metadataOutput)
    }

    /// Makes the next frame a key frame; does not wait, and may be called from any thread.
    ///
    /// - Throws: `.notRecording`; what the recording failed with.
    public func requestKeyFrame(splitterPort: Int = 1) throws(CameraError) {
        try recording(splitterPort, "requesting a key frame").requestKeyFrame()
    }

    /// Waits while a recording goes on.
    ///
    /// - Parameters:
    ///   - timeout: The longest time to wait; nil to wait until the recording ends or fails, zero to return at once.
    ///   - splitterPort: The recording's port.
    /// - Returns: `.ended` when the recording ended by itself, with its source or by a limit; `.running` after the time-out.
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

    /// Records into one file after the other, each for as long as the closure runs.
    ///
    /// - Parameters:
    ///   - paths: The files, asked for one at a time.
    ///   - format: The format; nil for the one that the first file's name tells.
    ///   - resize: The size to scale to; nil for the camera's own.
    ///   - splitterPort: Tells recordings of a camera apart.
    ///   - options: Bit rate, quality and the rest.
    ///   - body: Called with each path once the recording writes to that file; the next file begins when it returns.
    /// - Throws: What recording or `body` throws; the recording is stopped in any case.
    public func recordSequence(
        to paths: some Sequence<String>, format: MediaFormat? = nil, resize: Resolution? = nil, splitterPort: Int = 1,
        options: EncoderOptions = EncoderOptions(), _ body: (String) throws -> Void
    ) throws(CameraError) {
        try recordSequence(
            to: paths, as: { .path($0) }, format: format, resize: resize, splitterPort: splitterPort, options: options,
            body)
    }

    /// Records into one output of the program after the other, each for as long as the closure runs.
    ///
    /// Without a format, the ``Output/name`` of the first output tells it; where that output has no name, the format is H.264,
    /// as in picamera.
    ///
    /// - Throws: What recording or the closure throws; the recording is stopped in any case.
    public func recordSequence(
        to outputs: some Sequence<any Output>, format: MediaFormat? = nil, resize: Resolution? = nil,
        splitterPort: Int = 1, options: EncoderOptions = EncoderOptions(), _ body: (any Output) throws -> Void
    ) throws(CameraError) {
        try recordSequence(
            to: outputs, as: { .output($0) }, format: format, resize: resize, splitterPort: splitterPort,
            options: options, body)
    }

    private func recordSequence<Item>(
        to items: some Sequence<Item>, as target: (Item) -> OutputTarget, format: MediaFormat?, resize: Resolution?,
        splitterPort: Int, options: EncoderOptions, _ body: (Item) throws -> Void
    ) throws(CameraError) {
        var recording: Recording?
        do {
            for item in items {
                let target = target(item)
                if let recording {
                    try recording.split(to: target)
                } else {
                    // As picamera has it where no name tells.
                    let isNamed = if case .output(let output) = target { output.name != nil } else { true }
                    recording = try startRecording(
                        to: target, format: format ?? (isNamed ? nil : .h264), resize: resize,
                        splitterPort: splitterPort, options: options)
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
    func makeEncoder(
        _ request: RecordingRequest, _ keeper: RetentionKeeper?
    ) throws(CameraError) -> VideoEncoder {
        var configuration = EncoderConfiguration(
            parent: open.parent, splitterPort: request.splitterPort, format: try videoFormat(request),
            stream: request.stream,
            resize: request.resize, options: request.options)
        configuration.sync = request.sync
        try request.checkLimits()
        configuration.frameLimit = request.frameLimit
        configuration.durationLimit = request.durationLimit
        configuration.onDisconnect = request.onDisconnect
        configuration.keeper = keeper
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
        let video = MediaFormat.video
        let format =
            if let name = request.format?.rawValue {
                try MediaFormat(named: name, among: video)
            } else {
                try request.output.format(among: video)
            }
        try request.output.check(for: format, "starting the recording")
        return format
    }

    /// Opens the output of a recording and gets it ready.
    func prepare(
        _ request: RecordingRequest, _ encoder: VideoEncoder, _ keeper: RetentionKeeper?
    ) throws(CameraError) -> CameraEncoder.PreparedStart {
        let targets = request.outputs
        let rule = try request.splitting?.validated()
        guard rule != nil || request.onDisconnect == .wait else { return try encoder.prepareStart(targets) }
        guard case .path(let path) = request.output else {
            throw CameraError(
                .invalidValue, "naming the recording's files", reason: "it needs a file template, not an output")
        }
        try request.output.refusePlaylist(
            "naming the recording's files",
            "record to it without splitting, or add it to a recording that is split")
        var templates: [OutputKey: FileTemplate] = [:]
        for case (let key, .path(let path)) in targets { templates[key] = try FileTemplate(path) }
        // A template without a place names one file for the whole recording.
        let named = templates.filter(\.value.isSeries)
        guard named[.frame] != nil else {
            throw CameraError(
                .invalidValue, "naming the recording's files", subject: path,
                reason: "each file needs a name of its own; put {counter} or {timestamp} into it")
        }
        let plain = templates.filter { !$0.value.isSeries }.mapValues { OutputTarget.path($0.name(counter: 0)) }
        let others = targets.filter { named[$0.key] == nil }.merging(plain) { $1 }
        let series: FileSeries
        if let given = request.series { series = given } else { series = try makeSeries(from: request.firstCounter) }
        let names = RecordingNames(named, series: series, keeper: keeper)
        let start = try encoder.prepareStart(others, rule: rule, names: names)
        // With a first counter those that are there are to be replaced.
        if request.firstCounter == nil, let template = named[.frame] {
            InterruptedFiles.repair(template, port: request.splitterPort) { [hub = open.hub] in hub.send($0) }
        }
        return start
    }

    /// A series that tells of names that are taken.
    func makeSeries(from firstCounter: Int?) throws(CameraError) -> FileSeries {
        try FileSeries(firstCounter: firstCounter) { [hub = open.hub] name, instead in
            hub.send(.nameTaken(name: name, instead: instead))
        }
    }
}
