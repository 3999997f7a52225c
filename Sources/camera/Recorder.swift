// SPDX-License-Identifier: MIT

internal import ArgumentParser
internal import CameraKit
internal import Glibc

/// One run of `camera record`, from opening the camera to the account of what was written.
final class Recorder {
    private let command: Record
    private let format: MediaFormat
    private let news = Monitor(News())
    private var files: [FileSummary] = []
    private var ring: RingWriter?
    private var status = StatusLine()

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
        let statistics: Statistics
    }

    /// The splitter port of the one recording.
    private static let port = 1

    init(_ command: Record) throws {
        self.command = command
        format = try command.mediaFormat
    }

    /// Records until the limit, the source's end, a failure or a signal.
    ///
    /// - Throws: `ExitCode` after a signal, or what went wrong.
    func run() throws {
        let stopTimeout = command.stopTimeout ?? .seconds(15)
        let requests = command.circular == nil ? [] : [SIGUSR1]
        let watch = try SignalWatch(requests, stopTimeout: stopTimeout) { [news] number in
            news.update { news in
                if number == SIGUSR1 { news.copies += 1 } else { news.signal = news.signal ?? number }
            }
        }
        let statistics = try command.stats.map(StatisticsFile.init(path:))
        let gate = FrameGate(
            try command.source.open(), limit: FrameGate.Limit(frames: command.frames, duration: command.duration))
        let camera = try Camera(.source(gate), stopTimeout: stopTimeout)
        defer { camera.close() }
        let events = camera.events
        let outputs = RecordedFiles(sync: command.sync ?? .none, times: try command.timesTemplate) { [news] summary in
            news.update { $0.finished.append(summary) }
        }
        try start(camera, outputs)
        watch.begin()
        gate.open()
        let log = EventLog(events, needsAllFrames: true)
        let waiter = try WorkerThread("record-wait") { [news] in
            // Stopping throws the same error.
            _ = try? camera.waitRecording()
            news.update { $0.hasEnded = true }
        }
        let signal = watchOver(camera)
        var failure = finish(camera, outputs, stopTimeout)
        camera.close()
        waiter.join(until: .now + .seconds(1))
        log.finish()
        do throws(CameraError) {
            try statistics?.write(camera.statistics)
        } catch {
            failure = failure ?? error
        }
        if let failure { throw failure }
        if command.json { try printSummary(camera) }
        if let signal { throw ExitCode(exitStatus(after: signal)) }
    }

    private func start(_ camera: Camera, _ outputs: RecordedFiles) throws {
        var options = command.encoding.encoderOptions
        var target: OutputTarget = command.output == "-" ? .output(PipeOutput.standardOutput()) : .path(command.output)
        if let extent = command.circular, let names = try command.template {
            if format.hasKeyFrames, options.keyFrameInterval == nil {
                // A key frame per second: little more has to be kept than was asked for.
                options.keyFrameInterval = max(Int(camera.frameRate.framesPerSecond.rounded()), 1)
            }
            let ring = try RingWriter(
                extent, keyFrameInterval: options.keyFrameInterval ?? 1, frameRate: camera.frameRate, names: names,
                files: outputs)
            self.ring = ring
            target = .output(ring.ring)
        }
        let accountsElsewhere = ring != nil
        try camera.startRecordings([
            RecordingRequest(
                to: target, format: format, resize: command.encoding.resize, splitterPort: Self.port,
                splitting: command.split, options: options
            ) { configuration in
                switch (configuration.format.isRaw, accountsElsewhere) {
                case (true, true): try RawVideoEncoder(configuration)
                case (true, false): try AccountedRawEncoder(configuration, files: outputs)
                case (false, true): try CookedVideoEncoder(configuration)
                case (false, false): try AccountedVideoEncoder(configuration, files: outputs)
                }
            }
        ])
        Console.tell(
            "recording \(camera.router.source.name), \(camera.resolution) at \(camera.frameRate) frames per second, "
                + "as \(format) to \(command.output)")
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
        let statistics = camera.statistics
        guard let encoder = statistics.encoders[Self.port] else { return }
        let elapsed = (try? camera.frame)?.timestamp ?? .zero
        Console.showStatus(status.text(statistics, encoder, elapsed: elapsed))
    }

    /// Stops the recording and completes its files.
    ///
    /// - Returns: The first thing that went wrong.
    private func finish(_ camera: Camera, _ outputs: RecordedFiles, _ timeout: Duration) -> CameraError? {
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
        attempt { () throws(CameraError) in try outputs.waitForSync(timeout: timeout) }
        if Console.isWatched { Console.clearStatus() }
        _ = takeNews(until: .now)
        return failure
    }

    private func printSummary(_ camera: Camera) throws {
        let line = try JSON.line(
            Summary(
                camera: camera.router.source.name, format: format.rawValue,
                size: "\(command.encoding.resize ?? camera.resolution)", frameRate: "\(camera.frameRate)", files: files,
                statistics: camera.statistics))
        if command.output == "-" { Console.print(line) } else { Console.output(line) }
    }
}
