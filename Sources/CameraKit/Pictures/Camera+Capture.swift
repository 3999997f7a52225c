// SPDX-License-Identifier: MIT

public import CameraCore
public import CameraEncoders
public import CameraOutputs

extension Camera {
    /// Takes a picture.
    ///
    /// The picture is the camera's next frame. Recordings go on undisturbed.
    ///
    /// - Parameters:
    ///   - output: The path of a file, or an output of the user's, which is flushed, never closed.
    ///   - format: The format; nil for the one that the name of the file or the output tells.
    ///   - stream: The camera's stream that the picture is taken from, 0 for the main one.
    ///   - resize: The size to scale to; nil for the camera's own.
    ///   - splitterPort: A port that no recording uses.
    ///   - timeout: The longest time to wait for the picture; nil for ``captureTimeout``.
    ///   - sync: ``SyncPolicy/none`` lets the system write the file to the disk when it likes; with any other policy the file
    ///     is on the disk when the call returns.
    ///   - options: Quality and the rest.
    ///   - encoder: Makes the encoder; nil for the one that fits the format.
    /// - Throws: `.invalidFormat`, `.invalidValue`, `.output`, `.timedOut`, `.sourceEnded`; no file is left then.
    public func capture(
        to output: OutputTarget, format: MediaFormat? = nil, stream: Int = 0, resize: Resolution? = nil,
        splitterPort: Int = 0, timeout: Duration? = nil, sync: SyncPolicy = .none,
        options: EncoderOptions = EncoderOptions(),
        encoder: ((EncoderConfiguration) throws -> OneImageEncoder)? = nil
    ) throws(CameraError) {
        let format = try imageFormat(format, of: output, isCustom: encoder != nil)
        let settings = CaptureSettings(
            format: format, stream: stream, resize: resize, port: splitterPort, timeout: timeout, sync: sync,
            options: options)
        try capture(output, settings, encoder)
    }

    /// Takes pictures into a series of files.
    ///
    /// - Parameters:
    ///   - paths: The files; item n+1 is asked for when picture n is written.
    ///   - format: The format; nil for the one that the first file's name tells.
    ///   - useVideoPort: Whether one encoder takes all pictures, at the camera's rate; otherwise each has its own encoder.
    ///   - resize: The size to scale to; nil for the camera's own.
    ///   - splitterPort: A port that no recording uses.
    ///   - timeout: The longest time to wait for each picture; nil for ``captureTimeout``.
    ///   - sync: ``SyncPolicy/none`` lets the system write files to the disk when it likes; with any other policy each file is
    ///     on the disk before the next picture is taken.
    ///   - options: Quality and the rest.
    ///   - encoder: Makes the encoder for `useVideoPort`; nil for the one that fits the format.
    /// - Throws: What `capture` throws; the pictures before the one that failed are there.
    public func captureSequence(
        to paths: some Sequence<String>, format: MediaFormat? = nil, useVideoPort: Bool = false,
        resize: Resolution? = nil, splitterPort: Int = 0, timeout: Duration? = nil,
        sync: SyncPolicy = .none, options: EncoderOptions = EncoderOptions(),
        encoder: ((EncoderConfiguration) throws -> MultiImageEncoder)? = nil
    ) throws(CameraError) {
        try captureSeries(
            paths.lazy.map { .path($0) }, format, useVideoPort, resize, splitterPort, timeout, sync, options, encoder)
    }

    /// Takes pictures into a series of outputs of the user's.
    ///
    /// Without a format, the ``Output/name`` of the first output tells it; where that output has no name, pictures are JPEG, as
    /// in picamera.
    ///
    /// - Throws: What `capture` throws; the pictures before the one that failed were written.
    public func captureSequence(
        to outputs: some Sequence<any Output>, format: MediaFormat? = nil, useVideoPort: Bool = false,
        resize: Resolution? = nil, splitterPort: Int = 0, timeout: Duration? = nil,
        sync: SyncPolicy = .none, options: EncoderOptions = EncoderOptions(),
        encoder: ((EncoderConfiguration) throws -> MultiImageEncoder)? = nil
    ) throws(CameraError) {
        try captureSeries(
            outputs.lazy.map { .output($0) }, format, useVideoPort, resize, splitterPort, timeout, sync, options,
            encoder)
    }

    /// Takes pictures one by one, each when `next()` of the series is called.
    ///
    /// - Parameters:
    ///   - template: The files' names: "lapse-{counter:04d}.jpg"; see ``FileTemplate``.
    ///   - interval: The time from one picture to the next, which `next()` waits for; nil for none. Picture k
    ///     is taken at k times the interval after the first, so that delays never add up.
    ///   - firstCounter: The number of the first picture, from which on existing files are replaced; nil to start after the
    ///     highest existing number, so that nothing is replaced.
    ///   - latest: A symbolic link that always names the newest picture; nil for none.
    ///   - format: The format; nil for the one that the name tells.
    ///   - resize: The size to scale to; nil for the camera's own.
    ///   - splitterPort: A port that no recording uses.
    ///   - timeout: The longest time to wait for each picture; nil for ``captureTimeout``.
    ///   - sync: ``SyncPolicy/none`` lets the system write files to the disk when it likes; with any other policy each file is
    ///     on the disk before the next picture is taken.
    ///   - options: Quality and the rest.
    /// - Returns: The series, which takes the pictures.
    /// - Throws: `.invalidFormat`, `.invalidValue` for the template or an option.
    public func captureContinuous(
        to template: String, every interval: Duration? = nil, firstCounter: Int? = nil, latest: String? = nil,
        format: MediaFormat? = nil, resize: Resolution? = nil, splitterPort: Int = 0, timeout: Duration? = nil,
        sync: SyncPolicy = .none, options: EncoderOptions = EncoderOptions()
    ) throws(CameraError) -> CaptureSeries {
        let names = try FileTemplate(template)
        let format = try imageFormat(format, of: .path(template), isCustom: false)
        try checkCapture(splitterPort)
        let schedule = try interval.map { interval throws(CameraError) in try ShotSchedule(every: interval) }
        let link = try latest.map { path throws(CameraError) in try LatestLink(path) }
        let settings = CaptureSettings(
            format: format, resize: resize, port: splitterPort, timeout: timeout, sync: sync, options: options)
        return CaptureSeries(
            camera: self, settings, names: names, series: try makeSeries(from: firstCounter), schedule: schedule,
            latest: link)
    }

    /// The default time limit for taking a picture: 60 seconds, or the camera's stall limit where that is longer.
    public static var captureTimeout: Duration { .seconds(60) }

    package var defaultCaptureTimeout: Duration {
        max(Self.captureTimeout, router.source.canWait ? .zero : router.stallLimit)
    }

    // MARK: Shared by the forms above

    private func captureSeries(
        _ targets: some Sequence<OutputTarget>, _ format: MediaFormat?, _ useVideoPort: Bool, _ resize: Resolution?,
        _ port: Int, _ timeout: Duration?, _ sync: SyncPolicy, _ options: EncoderOptions,
        _ makeEncoder: ((EncoderConfiguration) throws -> MultiImageEncoder)?
    ) throws(CameraError) {
        try checkCapture(port)
        // Item 1 is asked for before there is an encoder, since its name may tell the format.
        var rest = targets.makeIterator()
        var head = rest.next()
        let isNamed = if case .output(let output) = head { output.name != nil } else { head != nil }
        let format = try imageFormat(
            format ?? (isNamed ? nil : .jpeg), of: head ?? "", isCustom: makeEncoder != nil)
        let targets = AnyIterator { head.take() ?? rest.next() }
        guard useVideoPort || makeEncoder != nil else {
            let settings = CaptureSettings(
                format: format, resize: resize, port: port, timeout: timeout, sync: sync, options: options)
            for target in targets { try capture(target, settings) }
            return
        }
        var configuration = EncoderConfiguration(
            parent: open.parent, splitterPort: port, format: format, resize: resize,
            options: withTags(options, for: format))
        configuration.sync = sync
        let encoder: MultiImageEncoder
        do {
            encoder =
                try makeEncoder?(configuration)
                ?? (format.isRaw ? RawMultiImageEncoder(configuration) : CookedMultiImageEncoder(configuration))
        } catch {
            throw CameraError(wrapping: error, as: .codec, "making the encoder")
        }
        try finish(encoder, timeout: timeout) { () throws(CameraError) in try encoder.start(series: targets) }
    }

    /// Takes a picture by an encoder of its own.
    ///
    /// - Parameters:
    ///   - target: Where it goes.
    ///   - settings: How it is made.
    ///   - makeEncoder: Makes the encoder; nil for the one that fits the format.
    /// - Returns: The device's time of the picture.
    /// - Throws: What ``capture(to:format:stream:resize:splitterPort:timeout:sync:options:encoder:)`` throws.
    @discardableResult
    func capture(
        _ target: OutputTarget, _ settings: CaptureSettings,
        _ makeEncoder: ((EncoderConfiguration) throws -> OneImageEncoder)? = nil
    ) throws(CameraError) -> Timestamp? {
        try checkCapture(settings.port)
        var configuration = EncoderConfiguration(
            parent: open.parent, splitterPort: settings.port, format: settings.format, stream: settings.stream,
            resize: settings.resize, options: withTags(settings.options, for: settings.format))
        configuration.sync = settings.sync
        configuration.notBefore = settings.notBefore
        let encoder: OneImageEncoder
        do {
            encoder =
                try makeEncoder?(configuration)
                ?? (settings.format.isRaw
                    ? RawOneImageEncoder(configuration) : CookedOneImageEncoder(configuration))
        } catch {
            throw CameraError(wrapping: error, as: .codec, "making the encoder")
        }
        try finish(encoder, timeout: settings.timeout) { () throws(CameraError) in try encoder.start(target) }
        return encoder.latestTime
    }

    /// Runs an image encoder to its end.
    private func finish(
        _ encoder: ImageEncoder, timeout: Duration?, start: () throws(CameraError) -> Void
    ) throws(CameraError) {
        let timeout = timeout ?? defaultCaptureTimeout
        do throws(CameraError) {
            try start()
            let state = try encoder.wait(timeout: timeout)
            guard state == .ended else {
                throw CameraError(
                    .timedOut, "taking a picture", reason: "none was finished within \(timeout)")
            }
            guard encoder.isComplete else {
                throw CameraError(.sourceEnded, "taking a picture", subject: router.source.name)
            }
        } catch {
            // The first error counts; it is the one that closing would throw again.
            try? encoder.close()
            guard let damage = encoder.damage, error.underlying == nil else { throw error }
            // Why there was nothing but waiting.
            throw CameraError(
                error.code, error.operation, subject: error.subject, reason: error.reason,
                systemError: error.systemError, underlying: damage)
        }
        try encoder.close()
    }

    private func checkCapture(_ port: Int) throws(CameraError) {
        try checkOpen("taking a picture")
        if recordingPorts.contains(port) {
            throw CameraError(
                .alreadyRecording, "taking a picture", reason: "splitter port \(port) is used by a recording")
        }
    }

    private func imageFormat(
        _ format: MediaFormat?, of target: OutputTarget, isCustom: Bool
    ) throws(CameraError) -> MediaFormat {
        // An encoder of the user's may write what this package does not know.
        if let format, isCustom { return format }
        if let format { return try MediaFormat(named: format.rawValue, among: MediaFormat.image) }
        return try target.format(among: MediaFormat.image)
    }
}
