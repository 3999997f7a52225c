// SPDX-License-Identifier: MIT

public import CameraCore
internal import CameraEncoders
internal import SystemPackage

/// Pictures that are taken when they are asked for, or at equal intervals.
///
/// ```swift
/// let lapse = try camera.captureContinuous(to: "lapse-{counter:04d}.jpg", every: .seconds(60))
/// while let name = try lapse.next() { print(name) }
/// ```
public final class CaptureSeries: Sendable {
    /// A picture that was taken.
    public struct Shot: Hashable, Sendable {
        /// The name of the picture's file.
        public let name: String
        /// The picture's number in the series, from 0; missed pictures count too.
        public let number: Int
        /// The time from the first picture of the series to this one.
        public let time: Duration
    }

    private let camera: Camera
    private let settings: CaptureSettings
    private let names: FileTemplate
    private let series: FileSeries
    private let latest: LatestLink?
    private let state: Monitor<State>

    private struct State {
        /// Nil where pictures are taken when they are asked for.
        var schedule: ShotSchedule?
        var first: Timestamp?
        var taken = 0
        var missed = 0
        var lastShot: Shot?
        /// Whether a picture is being taken: one at a time, also after a task that waited for it was cancelled.
        var isShooting = false
    }

    init(
        camera: Camera, _ settings: CaptureSettings, names: FileTemplate, series: FileSeries,
        schedule: ShotSchedule?, latest: LatestLink?
    ) {
        self.camera = camera
        self.settings = settings
        self.names = names
        self.series = series
        self.latest = latest
        state = Monitor(State(schedule: schedule))
    }

    /// The last picture that was taken; nil before the first.
    public var lastShot: Shot? { state.withLock(\.lastShot) }

    /// How many pictures were taken.
    public var shotsTaken: Int { state.withLock(\.taken) }

    /// How many pictures were missed, each reported by ``CameraEvent/shotsMissed(count:_:)``.
    public var shotsMissed: Int { state.withLock(\.missed) }

    /// Takes the next picture; the time in the name of its file is the time just before the exposure.
    ///
    /// In a series with an interval, the call waits until the picture is due: by the machine's clock for a camera, by the times
    /// of the frames for a source that stands still until they are taken, such as a file. A picture is missed when its time has
    /// passed, when the camera gives no frame for it in time, or when the disk is full or fails to write it. It is left out
    /// then, and ``CameraEvent/shotsMissed(count:_:)`` reports it.
    ///
    /// - Returns: The name of the file, which is complete and closed; nil when the camera's source has ended.
    /// - Throws: What taking the picture throws; the next call tries the same number again.
    public func next() throws(CameraError) -> String? {
        while true {
            state.wait { $0.isShooting ? nil : () }
            if let pause = pauseBeforeShot { try camera.wait(pause) }
            if case .over(let name) = try shoot() { return name }
        }
    }

    /// Takes the next picture as the blocking method does; suspends the task until the picture is written.
    ///
    /// - Returns: The name of the file, which is complete and closed; nil when the camera's source has ended.
    /// - Throws: What the blocking method throws; `.cancelled` when the task is cancelled: before the picture is due none is
    ///   taken, later it is taken all the same.
    public func next() async throws(CameraError) -> String? {
        while true {
            _ = await state.suspend(until: nil) { $0.isShooting ? nil : () }
            try CameraError.checkCancellation("taking a picture")
            if let pause = pauseBeforeShot { try await camera.wait(pause) }
            let outcome = try await onThreadOfItsOwn("capture", "taking a picture") { () throws(CameraError) in
                try self.shoot()
            }
            if case .over(let name) = outcome { return name }
        }
    }

    /// What came of the moment of a picture.
    private enum Outcome {
        /// A picture, or none because the source has ended.
        case over(String?)
        /// None: the moment was missed, or another caller has taken it.
        case again
    }

    /// How long it is until the next picture is due; nil where a source stands still until its frame is taken.
    private var pauseBeforeShot: Duration? {
        guard !camera.source.canWait, let due = state.withLock({ $0.schedule?.due }), due > .now else { return nil }
        return due - .now
    }

    /// Takes the picture whose moment has come.
    private func shoot() throws(CameraError) -> Outcome {
        let isOurs = state.withLock { state in
            defer { state.isShooting = true }
            return !state.isShooting
        }
        guard isOurs else { return .again }
        defer { state.update { $0.isShooting = false } }
        if pauseBeforeShot != nil { return .again }
        let canWait = camera.source.canWait
        let schedule = state.withLock(\.schedule)
        let due = schedule?.due
        let start = Timestamp.now
        var time: Timestamp?
        let name: String
        do {
            name = try series.make(names) { name throws(CameraError) in
                time = try camera.capture(.path(name), settings(due: canWait ? due : nil, schedule))
            }
        } catch  where error.code == .sourceEnded {
            return .over(nil)
        } catch  where schedule != nil && error.mayPass && !(canWait && error.code == .timedOut) {
            miss(1, error)
            // A source that stands still would give the same frame again.
            advance(takenAt: canWait ? due ?? start : start, canWait)
            return .again
        }
        let taken = canWait ? time ?? start : start
        note(name, taken)
        advance(takenAt: taken, canWait)
        point(to: name)
        return .over(name)
    }

    /// How the picture is made that is due at a moment of the frames' own time.
    private func settings(due: Timestamp?, _ schedule: ShotSchedule?) -> CaptureSettings {
        guard let due, let schedule else { return settings }
        var settings = settings
        // The frame nearest to the moment: an earlier one is further from it than the frame that follows.
        settings.notBefore = due - camera.frameRate.interval / 2
        // The frames up to it take their time where they come at their rate.
        settings.timeout = (settings.timeout ?? camera.defaultCaptureTimeout) + schedule.interval
        return settings
    }

    private func note(_ name: String, _ time: Timestamp) {
        state.withLock { state in
            let first = state.first ?? time
            state.first = first
            state.lastShot = Shot(name: name, number: state.schedule?.shot ?? state.taken, time: time - first)
            state.taken += 1
        }
    }

    private func advance(takenAt time: Timestamp, _ canWait: Bool) {
        let missed = state.withLock { $0.schedule?.advance(takenAt: time, now: canWait ? nil : .now) } ?? 0
        if missed > 0 { miss(missed, nil) }
    }

    private func miss(_ count: Int, _ error: CameraError?) {
        state.withLock { $0.missed = $0.missed.saturatingAdd(count) }
        camera.report(.shotsMissed(count: count, error))
    }

    /// Lets the link name the newest picture; where that fails it names an older one, and the series goes on.
    private func point(to name: String) {
        do throws(CameraError) {
            try latest?.point(to: name)
        } catch {
            camera.report(.outputFailed(splitterPort: settings.port, error))
        }
    }
}

extension CameraError {
    /// Whether the next picture of a series may be taken all the same: the camera was late, or the disk may take another.
    fileprivate var mayPass: Bool {
        if code == .timedOut { return true }
        let passing: [Errno] = [.ioError, .noSpace, .diskQuotaExceeded, .resourceTemporarilyUnavailable]
        return code == .output && systemError.map(passing.contains) == true
    }
}
