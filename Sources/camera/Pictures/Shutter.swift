// SPDX-License-Identifier: MIT

internal import ArgumentParser
internal import CameraCommands
internal import CameraKit
internal import CameraServer

/// A camera that pictures are taken with until a signal ends that.
final class Shutter {
    /// The camera.
    let camera: Camera
    /// The size of its pictures, turned as they are wanted.
    let size: Resolution
    private let log: EventLog
    private let signal: Monitor<Int32?>

    /// Opens the camera.
    init(_ source: SourceOptions, _ style: StyleOptions) throws {
        let signal = Monitor<Int32?>(nil)
        let opened = Monitor<Camera?>(nil)
        let watch = try SignalWatch { number in
            signal.update { $0 = $0 ?? number }
            guard let camera = opened.withLock({ $0 }) else { return }
            // What the main thread waits for ends with the camera; closing it may take longer than this thread may.
            _ = try? WorkerThread("close") { camera.close() }
        }
        let camera = try Camera(.source(try source.open()), stallLimit: source.stall)
        opened.withLock { $0 = camera }
        self.signal = signal
        self.camera = camera
        let isTurned = [90, 270].contains(style.rotation)
        size = isTurned ? Resolution(camera.resolution.height, camera.resolution.width) : camera.resolution
        log = EventLog(camera.events)
        do {
            try style.apply(to: camera)
            watch.begin()
            try checkSignal()
        } catch {
            close()
            throw error
        }
    }

    /// Closes the camera.
    func close() {
        let failure = camera.closeTellingFailure()
        log.finish()
        if let failure { Console.print("camera: \(failure)", .error) }
    }

    /// Does something that a signal interrupts.
    ///
    /// - Throws: `ExitCode` when a signal came; otherwise what `body` throws.
    func perform<Result>(_ body: () throws(CameraError) -> Result) throws -> Result {
        do throws(CameraError) {
            return try body()
        } catch {
            // It failed for the signal's sake.
            try checkSignal()
            throw error
        }
    }

    private func checkSignal() throws {
        if let number = signal.withLock({ $0 }) { throw ExitCode(exitStatus(after: number)) }
    }
}
