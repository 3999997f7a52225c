// SPDX-License-Identifier: MIT

internal import ArgumentParser
internal import CameraKit

/// Takes pictures with a camera, one by one, until a signal ends that.
final class Shutter {
    private let camera: Camera
    private let gate: FrameGate
    private let log: EventLog
    private let signal: Monitor<Int32?>

    /// Opens the camera.
    init(_ source: SourceOptions, _ style: StyleOptions) throws {
        let signal = Monitor<Int32?>(nil)
        let opened = Monitor<FrameGate?>(nil)
        let watch = try SignalWatch { number in
            signal.update { $0 = $0 ?? number }
            opened.withLock { $0 }?.end()
        }
        let gate = FrameGate(try source.open())
        opened.withLock { $0 = gate }
        self.signal = signal
        self.gate = gate
        camera = try Camera(.source(gate), stallLimit: source.stall)
        log = EventLog(camera.events, needsAllFrames: false)
        do {
            try style.apply(to: camera)
        } catch {
            close()
            throw error
        }
        // Frames of a camera flow all the time; those of a file are let through one by one.
        if !gate.canWait { gate.open() }
        watch.begin()
        try checkSignal()
    }

    /// Closes the camera.
    func close() {
        let failure = camera.closeTellingFailure()
        log.finish()
        if let failure { Console.print("camera: \(failure)") }
    }

    /// Whether moments pass whether pictures are taken or not.
    var isLive: Bool { !gate.canWait }

    /// Waits for a moment of a live camera; a file's time passes with its frames.
    ///
    /// - Throws: `ExitCode` when a signal came.
    func wait(until moment: Timestamp) throws {
        guard isLive else { return }
        _ = signal.wait(until: moment) { $0 }
        try checkSignal()
    }

    /// Takes a picture into the next file of a series.
    ///
    /// - Parameters:
    ///   - series: Gives the file its place.
    ///   - names: Its name.
    ///   - format: Its format.
    ///   - options: How it is encoded.
    ///   - time: When it is due by a file's clock; nil for the next frame. A live camera gives its next frame.
    ///   - patience: How long the frame may take to come.
    /// - Returns: The file, and the time that it was taken at.
    /// - Throws: `ExitCode` when a signal came; `.sourceEnded` and what else taking the picture throws.
    func take(
        _ series: FileSeries, _ names: FileTemplate, format: MediaFormat, _ options: PictureOptions,
        from time: Timestamp? = nil, patience: Duration = .zero
    ) throws -> (path: String, time: Timestamp) {
        let start = Timestamp.now
        let path = try unlessSignalled { () throws(CameraError) in
            try series.make(names) { path throws(CameraError) in
                openGate(from: time)
                try camera.capture(
                    to: path, format: format, resize: options.resize, timeout: camera.defaultCaptureTimeout + patience,
                    sync: options.sync ?? .none, options: options.encoderOptions)
            }
        }
        return (path, fileTime ?? start)
    }

    /// Takes a picture into an output.
    ///
    /// - Throws: `ExitCode` when a signal came; `.sourceEnded` and what else taking the picture throws.
    func take(_ output: any Output, format: MediaFormat, _ options: PictureOptions) throws {
        try unlessSignalled { () throws(CameraError) in
            openGate(from: nil)
            try camera.capture(to: output, format: format, resize: options.resize, options: options.encoderOptions)
        }
    }

    /// A file's clock at the last frame that was taken; nil for a live camera, and before the first.
    var fileTime: Timestamp? { isLive ? nil : gate.lastTime }

    private func openGate(from time: Timestamp?) {
        if gate.canWait { gate.open(from: time) }
    }

    /// What a signal interrupts fails for its sake.
    private func unlessSignalled<Result>(_ body: () throws(CameraError) -> Result) throws -> Result {
        do throws(CameraError) {
            return try body()
        } catch {
            try checkSignal()
            throw error
        }
    }

    private func checkSignal() throws {
        if let number = signal.withLock({ $0 }) { throw ExitCode(exitStatus(after: number)) }
    }
}
