// SPDX-License-Identifier: MIT

internal import ArgumentParser
internal import CameraKit
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

/// What ended a recording, and what there is of it.
struct RecordingFailure: Error, CustomStringConvertible {
    let cause: CameraError
    let totals: String

    /// The error and the totals on one line.
    var description: String {
        let text = "\(cause)"
        return "\(text)\(text.hasSuffix(".") ? "" : ".") Recorded: \(totals)."
    }
}

/// One run of `camera record`, from opening the camera to the account of what was written.
final class Recorder {
    private let command: Record
    private let format: MediaFormat
    private let news = Monitor(News())
    private var files: [FileSummary] = []
    private var ring: RingWriter?
    private var status = StatusLine()
    private let stopTimeout: Duration
    private var totals = RecordingTotals()
    private let series: FileSeries

    /// What other threads tell the main one.
    private struct News {
        var signal: Int32?
        /// Requests to write the ring.
        var copies = 0
        var hasEnded = false
        var finished: [FileSummary] = []

        var isSilent: Bool { signal == nil && copies == 0 && !hasEnded && finished.isEmpty }
    }

    private struct Summary: Encodable {
        let camera: String
        let format: String
        let size: String
        let frameRate: String
        let files: [FileSummary]
        let interruptions: [RecordingTotals.Interruption]
        let statistics: Statistics
    }

    /// The splitter port of the one recording.
    static let port = 1

    init(_ command: Record) throws {
        self.command = command
        format = try command.mediaFormat
        stopTimeout = command.stopTimeout ?? .seconds(15)
        series = try FileSeries(firstCounter: command.counter, onTaken: EventLog.tellTaken)
    }

    /// Records until the limit, the source's end, a failure or a signal; through a camera's absence if that was asked for.
    ///
    /// - Throws: `ExitCode` after a signal, or what went wrong.
    func run() throws {
        let absence = CameraReturn()
        let requests = command.circular == nil ? [] : [SIGUSR1]
        let watch = try SignalWatch(requests, stopTimeout: stopTimeout) { [news] number in
            news.update { news in
                if number == SIGUSR1 { news.copies += 1 } else { news.signal = news.signal ?? number }
            }
            if number != SIGUSR1 { absence.interrupt() }
        }
        // What is played back and what is drawn must not be written to, whichever is opened first.
        let claims = try command.source.claims() + command.style.claims()
        defer { withExtendedLifetime(claims) {} }
        let statistics = try command.stats.map(StatisticsFile.init(path:))
        // Before the first device is opened.
        if let path = command.traceV4L2 { try V4L2Trace.begin(path: path) }
        let source = try command.source.open(preferring: try command.passThroughFormat)
        if command.onDisconnect == .wait { try absence.begin(source) }
        var (signal, failure): (Int32?, CameraError?)
        do {
            (signal, failure) = try record(source, watch)
        } catch let error as CameraError where isAbsence(error) {
            failure = error
        }
        while let error = failure, isAbsence(error), signal == nil, !isComplete {
            (signal, failure) = goOn(absence, after: error, watch)
        }
        do throws(CameraError) {
            try statistics?.write(totals.statistics, within: stopTimeout)
            try V4L2Trace.end()
        } catch {
            failure = failure ?? error
        }
        if let failure { throw RecordingFailure(cause: failure, totals: totals.text) }
        if command.json {
            try printSummary()
        } else if !command.quiet {
            Console.print("camera: recorded \(totals.text)")
        }
        if let signal { throw ExitCode(exitStatus(after: signal)) }
    }

    /// Records from a source until the limit, its end, a failure or a signal.
    private func record(
        _ source: any VideoSource, _ watch: SignalWatch
    ) throws -> (signal: Int32?, failure: CameraError?) {
        let gate = FrameGate(source, duration: command.duration.map { $0 - totals.duration })
        let camera = try Camera(.source(gate), stallLimit: command.source.stall, stopTimeout: stopTimeout)
        defer { camera.close() }
        try command.style.apply(to: camera)
        let events = camera.events
        try start(camera)
        watch.begin()
        let countsBefore = camera.statistics.source
        gate.open()
        let log = EventLog(events, needsAllFrames: true)
        let waiter = try WorkerThread("record-wait") { [news] in
            // Stopping throws the same error.
            _ = try? camera.waitRecording()
            news.update { $0.hasEnded = true }
        }
        let signal = watchOver(camera)
        let failure = finish(camera)
        let closingFailure = camera.closeTellingFailure()
        waiter.join(until: .now + .seconds(1))
        log.finish()
        news.withLock { $0.hasEnded = false }
        totals.add(camera, gate, resize: command.encoding.resize, since: countsBefore)
        return (signal, failure ?? closingFailure)
    }

    /// Waits for the camera's return and goes on recording.
    private func goOn(
        _ absence: CameraReturn, after error: CameraError, _ watch: SignalWatch
    ) -> (signal: Int32?, failure: CameraError?) {
        Console.print("camera: \(error) Waiting for it to return.")
        let start = Timestamp.now
        do {
            guard let path = try absence.wait() else { return (news.withLock(\.signal), nil) }
            let source = try command.source.open(at: path, preferring: try command.passThroughFormat)
            Console.print("camera: it is back as '\(path)'")
            totals.noteInterruption(lasting: .now - start)
            return try record(source, watch)
        } catch {
            totals.failedReturns += 1
            return (nil, CameraError(wrapping: error, as: .device, "going on with the recording"))
        }
    }

    /// Whether an error means that the camera may come back, and that it is worth waiting for it.
    private func isAbsence(_ error: CameraError) -> Bool {
        command.onDisconnect == .wait && [.deviceLost, .notFound].contains(error.code)
            // One that is there but fails again and again will not be mended by opening it once more.
            && totals.failedReturns < Self.failedReturnLimit
    }

    /// Whether all that was asked for is recorded, so that the camera is not needed any more.
    private var isComplete: Bool {
        if let frames = command.frames, totals.frames >= frames { return true }
        guard let duration = command.duration else { return false }
        return totals.duration >= duration - totals.interval / 2
    }

    /// Returns one after the other that give no frame, after which a recording ends.
    private static let failedReturnLimit = 5

    private func start(_ camera: Camera) throws {
        var options = command.encoding.encoderOptions
        var target: OutputTarget = command.output == "-" ? .output(PipeOutput.standardOutput()) : .path(command.output)
        let report: @Sendable (FileSummary) -> Void = { [news] summary in news.update { $0.finished.append(summary) } }
        if let extent = command.circular {
            let second = max(Int(camera.frameRate.framesPerSecond.rounded()), 1)
            var interval = options.keyFrameInterval ?? 1
            if isPassedThrough(camera), format.hasKeyFrames {
                // The camera's own interval is not known; ten seconds are longer than usual.
                interval = 10 * second
            } else if format.hasKeyFrames, options.keyFrameInterval == nil {
                // A key frame per second: little more has to be kept than was asked for.
                interval = second
                options.keyFrameInterval = second
            }
            let ring = try RingWriter(
                extent, keyFrameInterval: interval, frameRate: camera.frameRate, for: command, series: series,
                patience: stopTimeout, report: report)
            self.ring = ring
            if let text = ring.shortage(at: bytesPerSecond(options, camera)) { Console.print("camera: \(text)") }
            target = .output(ring.ring)
        }
        let accountsElsewhere = ring != nil
        var request = RecordingRequest(
            to: target, format: format, resize: command.encoding.resize, splitterPort: Self.port,
            splitting: command.split, sync: command.sync ?? .none, options: options
        ) { configuration in
            switch (configuration.format.isRaw, accountsElsewhere) {
            case (true, true): try RawVideoEncoder(configuration)
            case (true, false): try AccountedRawEncoder(configuration, report: report)
            case (false, true): try CookedVideoEncoder(configuration)
            case (false, false): try AccountedVideoEncoder(configuration, report: report)
            }
        }
        request.frameLimit = command.frames.map { $0 - totals.frames }
        let isSeries = command.isSeries
        if isSeries { request.series = series }
        if !accountsElsewhere {
            request.motionOutput = try sidecar(command.motion, isSeries: isSeries)
            request.metadataOutput = try sidecar(command.metadata, isSeries: isSeries)
            request.timesOutput = try sidecar(command.savePts, isSeries: isSeries)
        }
        try camera.startRecordings([request])
        Console.tell(
            "recording \(camera.router.source.name), \(camera.resolution) at \(camera.frameRate) frames per second, "
                + "as \(format)\(codecNote(camera)) to \(command.output)")
        let order = camera.router.source.streams[0].fieldOrder
        if order != .progressive, format != .h264 {
            Console.print("camera: the pictures are \(order), which \(format) does not tell; it is for you to know")
        }
    }

    /// What the recording will take, as far as that can be known before.
    private func bytesPerSecond(_ options: EncoderOptions, _ camera: Camera) -> Double? {
        if let bitRate = options.bitRate { return Double(bitRate) / 8 }
        let size = command.encoding.resize ?? camera.resolution
        guard let picture = format.pixelFormat?.byteCount(of: size) else { return nil }
        return Double(picture) * camera.frameRate.framesPerSecond
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
            let news = takeNews(until: Console.isWatched ? nextStatus : nil)
            for _ in 0..<news.copies { writeRing() }
            if news.hasEnded || news.signal != nil { return news.signal }
            if Console.isWatched, .now >= nextStatus {
                nextStatus = nextStatus + .seconds(1)
                showStatus(camera)
            }
        }
    }

    /// What is new, at the latest at the deadline.
    private func takeNews(until deadline: Timestamp?) -> News {
        let latest = news.wait(until: deadline) { news -> News? in
            guard !news.isSilent else { return nil }
            defer {
                news.copies = 0
                news.finished = []
            }
            return news
        }
        for file in latest?.finished ?? [] {
            Console.tell(file.text)
            if command.json { files.append(file) }
        }
        return latest ?? News()
    }

    private func writeRing() {
        do {
            try ring?.write()
        } catch {
            // The recording goes on, and may be asked again.
            Console.print("camera: \(error)")
        }
    }

    private func showStatus(_ camera: Camera) {
        var statistics = totals.statistics
        statistics.add(camera.statistics)
        guard let encoder = statistics.encoders[Self.port] else { return }
        let elapsed = (try? camera.frame)?.timestamp ?? .zero
        Console.showStatus(status.text(statistics, encoder, elapsed: totals.duration + elapsed))
    }

    /// Stops the recording and completes its files.
    ///
    /// - Returns: The first thing that went wrong.
    private func finish(_ camera: Camera) -> CameraError? {
        var failure: CameraError?
        func attempt(_ step: () throws(CameraError) -> Void) {
            do {
                try step()
            } catch {
                failure = failure ?? error
            }
        }
        attempt { () throws(CameraError) in try camera.stopRecording(splitterPort: Self.port) }
        attempt { () throws(CameraError) in try ring?.writeEnd() }
        if Console.isWatched { Console.clearStatus() }
        _ = takeNews(until: .now)
        return failure
    }

    private func printSummary() throws {
        let line = try JSON.line(
            Summary(
                camera: totals.camera, format: format.rawValue, size: totals.size, frameRate: totals.frameRate,
                files: files, interruptions: totals.interruptions, statistics: totals.statistics))
        if command.output == "-" { Console.print(line) } else { Console.output(line) }
    }
}
