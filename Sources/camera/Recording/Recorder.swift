// SPDX-License-Identifier: MIT

internal import ArgumentParser
internal import CameraCommands
internal import CameraKit
internal import CameraServer
internal import Glibc

extension Camera {
    /// Closes the camera.
    ///
    /// - Returns: The error of a device that did not let itself be closed.
    func closeTellingFailure() -> CameraError? {
        let hadFailed = router.failure != nil
        close()
        return hadFailed ? nil : router.failure
    }
}

/// One run of `camera record`, from opening the camera to the account of what was written.
final class Recorder {
    private let command: Record
    private let format: MediaFormat
    private let requests = Monitor(Requests())
    private var ring: RingWriter?
    private var commands: FileCommands?
    private var status = StatusLine()
    /// Whether start, files and end are told: with JSON off a terminal, that is the account.
    private let narrates: Bool
    /// Whether the line about the present state is shown.
    private let showsStatus: Bool
    private let stopTimeout: Duration
    private let series: FileSeries

    /// What other threads want of the main one.
    private struct Requests {
        var signal: Int32?
        /// Requests to write the ring.
        var copies = 0
        var hasEnded = false

        var areNone: Bool { signal == nil && copies == 0 && !hasEnded }
    }

    private struct Summary: Encodable {
        let camera: String
        let format: String
        let size: String
        let frameRate: String
        let files: [FileSummary]
        let removed: [EventLog.Removal]
        let interruptions: [EventLog.Interruption]
        let statistics: Statistics
    }

    /// The splitter port of the one recording.
    static let port = 1

    init(_ command: Record) throws {
        self.command = command
        format = try command.mediaFormat
        stopTimeout = command.stopTimeout ?? .seconds(15)
        narrates = !command.quiet && (!command.json || Console.isWatched)
        showsStatus = !command.quiet && Console.isWatched
        series = try FileSeries(firstCounter: command.counter, onTaken: EventLog.tellTaken)
    }

    /// Records until the limit, the source's end, a failure or a signal.
    ///
    /// - Throws: `ExitCode` after a signal, or what went wrong.
    func run() throws {
        let signals = command.circular == nil ? [] : [SIGUSR1]
        let watch = try SignalWatch(signals, stopTimeout: stopTimeout) { [requests] number in
            requests.update { requests in
                if number == SIGUSR1 { requests.copies += 1 } else { requests.signal = requests.signal ?? number }
            }
        }
        // What is played back and what is drawn must not be written to, whichever is opened first.
        let claims = try command.source.claims() + command.style.claims()
        defer { withExtendedLifetime(claims) {} }
        let statistics = try command.stats.map { try StatisticsFile(path: $0, timeout: stopTimeout) }
        // Before the first device is opened.
        if let path = command.traceV4L2 { try V4L2Trace.begin(path: path) }
        let source = try command.source.open(preferring: try command.passThroughFormat)
        let camera = try Camera(holding: source, stallLimit: command.source.stall, stopTimeout: stopTimeout)
        defer { camera.close() }
        try command.style.apply(to: camera)
        let events = camera.events
        commands = try command.onFile.map { try FileCommands($0) }
        let log = EventLog(
            events, keepsFiles: command.json, tellsFiles: narrates, tellsLosses: true, tellsRemovals: !command.quiet
        ) { [commands] in commands?.run(for: $0) }
        let recording = try start(camera, log)
        for path in command.also { try recording.add(Self.target(path)) }
        // From here on, so that the camera's first frame is the recording's.
        try camera.startFrames()
        watch.begin()
        if command.circular != nil { try watchKeys() }
        let waiter = try WorkerThread("record-wait") { [requests] in
            // Stopping throws the same error.
            _ = try? recording.wait()
            requests.update { $0.hasEnded = true }
        }
        let signal = watchOver(camera)
        var failure = finish(recording)
        let closingFailure = camera.closeTellingFailure()
        failure = failure ?? closingFailure
        waiter.join(until: .now + .seconds(1))
        log.finish()
        do throws(CameraError) {
            try commands?.finish(within: stopTimeout * 4)
        } catch {
            failure = failure ?? error
        }
        do throws(CameraError) {
            try statistics?.write(camera.statistics, within: stopTimeout)
            try V4L2Trace.end()
        } catch {
            failure = failure ?? error
        }
        let totals = RecordingTotals(camera.statistics)
        if let failure { throw FailedRun(cause: failure, totals: "Recorded: \(totals.text)") }
        if command.json {
            try printSummary(camera, log)
        } else if !command.quiet {
            Console.print("camera: recorded \(totals.text)")
        }
        if let signal { throw ExitCode(exitStatus(after: signal)) }
    }

    private func start(_ camera: Camera, _ log: EventLog) throws -> Recording {
        var options = command.encoding.encoderOptions
        var target = Self.target(command.output)
        if let extent = command.circular {
            if format.hasKeyFrames, !isPassedThrough(camera), options.keyFrameInterval == nil {
                // A key frame per second: little more has to be kept than was asked for.
                options.keyFrameInterval = max(Int(camera.frameRate.framesPerSecond.rounded()), 1)
            }
            let ring = try RingWriter(
                extent, frameRate: camera.frameRate, for: command, series: series, patience: stopTimeout
            ) { [log] in log.note($0) }
            self.ring = ring
            if let text = ring.shortage(at: bytesPerSecond(options, camera)) { Console.print("camera: \(text)") }
            target = .output(ring.ring)
        }
        var request = RecordingRequest(
            to: target, format: format, resize: command.encoding.resize, splitterPort: Self.port,
            splitting: command.split, sync: command.sync ?? .none, options: options)
        request.frameLimit = command.frames
        request.durationLimit = command.duration
        request.onDisconnect = command.onDisconnect
        let isSeries = command.isSeries
        if isSeries { request.series = series }
        request.firstCounter = command.counter
        if let ring {
            request.motionOutput = ring.motion.map { .output($0) }
        } else {
            request.retention = command.retention.retention
            request.motionOutput = try sidecar(command.motion, isSeries: isSeries)
            request.metadataOutput = try sidecar(command.metadata, isSeries: isSeries)
            request.timesOutput = try sidecar(command.savePts, isSeries: isSeries)
        }
        let recording = try camera.startRecordings([request])[0]
        if narrates {
            Console.print(
                "camera: recording \(camera.name), \(camera.resolution) at \(camera.frameRate) frames per second, "
                    + "as \(format)\(codecNote(camera)) to \(command.output)")
        }
        status = StatusLine(length: length(of: camera))
        let order = camera.router.source.streams[0].fieldOrder
        if order != .progressive, format != .h264 {
            Console.print("camera: the pictures are \(order), which \(format) does not tell; it is for you to know")
        }
        return recording
    }

    private static func target(_ path: String) -> OutputTarget {
        path == "-" ? .output(PipeOutput.standardOutput()) : .path(path)
    }

    /// What the recording will take, as far as that can be known before.
    private func bytesPerSecond(_ options: EncoderOptions, _ camera: Camera) -> Double? {
        if let bitRate = options.bitRate { return Double(bitRate) / 8 }
        let size = command.encoding.resize ?? camera.resolution
        guard let picture = format.pixelFormat?.byteCount(of: size) else { return nil }
        return Double(picture) * camera.frameRate.framesPerSecond
    }

    /// How long the recording will be, as far as that is known.
    private func length(of camera: Camera) -> Duration? {
        let frames = command.frames.map { Duration.seconds(Double($0) / camera.frameRate.framesPerSecond) }
        let file = (camera.router.source as? PlaybackCamera)?.duration
        return [command.duration, frames, file].compactMap(\.self).min()
    }

    /// What is written beside the pictures: a template where each file of theirs has one, or one file.
    private func sidecar(_ path: String?, isSeries: Bool) throws -> OutputTarget? {
        guard let path, !isSeries else { return path.map { .path($0) } }
        let template = try FileTemplate(path)
        return .path(template.name(of: try series.place(for: [template])))
    }

    /// What makes the pictures, in brackets; nothing for raw formats.
    private func codecNote(_ camera: Camera) -> String {
        if isPassedThrough(camera) { return " (as it comes)" }
        return camera.statistics.encoders[Self.port]?.codec.map { " (by \($0))" } ?? ""
    }

    /// Whether the camera's own pictures are recorded, byte for byte.
    private func isPassedThrough(_ camera: Camera) -> Bool {
        command.style.isPlain
            && PassThroughCodec.fits(
                camera.router.source.streams[0], format: format, resize: command.encoding.resize,
                options: command.encoding.encoderOptions)
    }

    /// Waits for the end, and does what is asked for meanwhile.
    ///
    /// - Returns: The signal that ended the recording; nil when it ended otherwise.
    private func watchOver(_ camera: Camera) -> Int32? {
        var nextStatus = Timestamp.now + .seconds(1)
        while true {
            let requests = nextRequests(until: showsStatus ? nextStatus : nil)
            for _ in 0..<requests.copies { writeRing() }
            if requests.hasEnded || requests.signal != nil { return requests.signal }
            if showsStatus, .now >= nextStatus {
                nextStatus = nextStatus + .seconds(1)
                showStatus(camera)
            }
        }
    }

    /// What is wanted, at the latest at the deadline.
    private func nextRequests(until deadline: Timestamp?) -> Requests {
        requests.wait(until: deadline) { requests -> Requests? in
            guard !requests.areNone else { return nil }
            defer { requests.copies = 0 }
            return requests
        } ?? Requests()
    }

    private func writeRing() {
        do {
            try ring?.write()
        } catch {
            // The recording goes on, and may be asked again.
            Console.print("camera: \(error)", .error)
        }
    }

    /// Takes each line that is entered at a terminal as it takes SIGUSR1.
    private func watchKeys() throws {
        guard isatty(STDIN_FILENO) != 0 else { return }
        // In the background a read would stop the program; this way it fails, and keys have no effect from then on.
        signal(SIGTTIN, SIG_IGN)
        _ = try WorkerThread("keys") { [requests] in
            while readLine() != nil { requests.update { $0.copies += 1 } }
        }
        Console.tell("press Enter, or send SIGUSR1, to write what the ring keeps")
    }

    private func showStatus(_ camera: Camera) {
        let statistics = camera.statistics
        guard let encoder = statistics.encoders[Self.port] else { return }
        Console.showStatus(status.text(statistics, encoder))
    }

    /// Stops the recording and completes its files.
    ///
    /// - Returns: The first thing that went wrong.
    private func finish(_ recording: Recording) -> CameraError? {
        var failure: CameraError?
        func attempt(_ step: () throws(CameraError) -> Void) {
            do {
                try step()
            } catch {
                failure = failure ?? error
            }
        }
        attempt { () throws(CameraError) in try recording.stop() }
        attempt { () throws(CameraError) in try ring?.writeEnd() }
        if showsStatus { Console.clearStatus() }
        return failure
    }

    private func printSummary(_ camera: Camera, _ log: EventLog) throws {
        let line = try JSON.line(
            Summary(
                camera: camera.name, format: format.rawValue,
                size: "\(command.encoding.resize ?? camera.resolution)", frameRate: "\(camera.frameRate)",
                files: log.files, removed: log.removals, interruptions: log.interruptions,
                statistics: camera.statistics))
        if ([command.output] + command.also).contains("-") { Console.print(line) } else { Console.output(line) }
    }
}
