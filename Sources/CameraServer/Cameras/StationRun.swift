// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraEncoders
internal import CameraKit
internal import CameraOutputs

/// What a station's thread does: it brings what there is to what is wanted, again whenever something has changed.
///
/// Only that thread uses it.
final class StationRun {
    private let station: Station
    private(set) var camera: Camera?
    /// Whether files are wanted.
    private var wantsRecording: Bool
    private(set) var recording: Recording?
    private var ring: RingRun?
    private var video: LiveRun
    private var jpeg: LiveRun
    private var opening = Attempts()
    private var starting = Attempts()
    private var keeping = Attempts()
    /// Ends what follows the camera's events.
    private var endOfListening: (@Sendable () -> Void)?
    /// Since when the driver has kept the camera's own thread; nil while it answers.
    private var hangingSince: Timestamp?

    /// The port of recordings to files; ``LiveRun`` has others.
    static let port = 1
    static let ringPort = 2

    init(_ station: Station) {
        self.station = station
        wantsRecording = station.plan.recordsAtOnce
        video = LiveRun(station.video, port: 3)
        jpeg = LiveRun(station.jpeg, port: 4)
    }

    /// Runs until the server ends.
    func run() {
        while let requests = station.nextRequests(until: nextLook) {
            for request in requests { request(self) }
            reconcile()
        }
        stopAll()
        station.close()
    }

    /// When something is to be tried again.
    private var nextLook: Timestamp? {
        let givingUp = hangingSince.map { $0 + station.patience }
        return [opening.next, starting.next, keeping.next, video.nextLook, jpeg.nextLook, givingUp].compactMap(\.self)
            .min()
    }

    private func reconcile() {
        openIfNeeded()
        guard let camera else { return }
        if let error = failure(of: camera) { return lose(camera, error) }
        keepRecording(camera)
        keepRing(camera)
        let hosts = camera.activeRecordings
        video.reconcile(camera, hosts, station.plan) { [station] in station.wake() }
        jpeg.reconcile(camera, hosts, station.plan) { [station] in station.wake() }
    }

    // MARK: The camera

    private func openIfNeeded() {
        guard camera == nil, opening.isDue else { return }
        do throws(CameraError) {
            let camera = try station.during("opening the camera", station.plan.opening)
            opening.succeed()
            self.camera = camera
            station.show { board in
                (board.state, board.message, board.camera) = (.running, nil, camera)
            }
            listen(to: camera)
            station.news.tell(station.plan.name, "camera", "running")
        } catch {
            opening.fail()
            let text = "\(error)"
            let isNew = station.shown.message != text
            station.show { board in (board.state, board.message) = (.away, text) }
            if isNew { station.news.tell(station.plan.name, "camera", "away", text) }
        }
    }

    /// Follows a camera's events.
    private func listen(to camera: Camera) {
        // Not by a task, which might not have seen yet what the end of a camera has finished when the server ends.
        endOfListening = camera.observe(
            { [station] event in
                station.note(event)
                station.wake()
            }, onEnd: { [station] in station.wake() })
    }

    /// Why a camera gives no frames any more; nil while it does, or is waited for by a recording.
    private func failure(of camera: Camera) -> CameraError? {
        if camera.isClosed { return CameraError(.closed, "serving the camera", subject: station.plan.name) }
        return hang(of: camera) ?? camera.router.end
    }

    /// Why a camera whose driver does not answer is given up; nil while it answers, may still do so, or is the program's own.
    private func hang(of camera: Camera) -> CameraError? {
        guard station.plan.isOwned, case .hanging = camera.router.flow else {
            hangingSince = nil
            return nil
        }
        let since = hangingSince ?? .now
        hangingSince = since
        guard since + station.patience <= .now else { return nil }
        return CameraError(
            .timedOut, "serving the camera", subject: camera.name,
            reason: "its driver has not come back from waiting for a frame for \(station.patience); its thread is left "
                + "behind, and the camera is opened again: check its cable and power supply")
    }

    private func lose(_ camera: Camera, _ error: CameraError) {
        hangingSince = nil
        stopRecordings()
        closeIfOwned(camera)
        endOfListening.take()?()
        self.camera = nil
        opening.fail()
        // What the program closed stays away.
        if !station.plan.isOwned { opening.giveUp() }
        let text = "\(error)"
        station.show { board in
            (board.state, board.message, board.camera) = (.away, text, nil)
        }
        station.news.tell(station.plan.name, "camera", "away", text)
    }

    private func closeIfOwned(_ camera: Camera) {
        if station.plan.isOwned { station.during("closing the camera") { camera.close() } }
    }

    // MARK: Recordings

    /// Starts to record to the plan's template; nothing happens while it records.
    func startRecording() throws(CameraError) {
        guard station.plan.template != nil else {
            throw CameraError(
                .unsupported, "recording", subject: station.plan.name,
                reason: "the server was given no template for its files; start it with --record 'folder/{counter}.mp4'")
        }
        guard let camera else {
            throw CameraError(
                .deviceLost, "recording", subject: station.plan.name,
                reason: station.shown.message ?? "the camera is still being opened; try again soon")
        }
        guard recording?.state != .running else { return }
        wantsRecording = true
        starting.succeed()
        do throws(CameraError) {
            try begin(camera)
        } catch {
            wantsRecording = false
            throw error
        }
    }

    /// Ends the recording and finishes its file.
    func stopRecording() throws(CameraError) {
        wantsRecording = false
        station.show { $0.recordingFailure = nil }
        guard let recording else {
            throw CameraError(.notRecording, "stopping the recording", subject: station.plan.name)
        }
        defer { forgetRecording() }
        try recording.stop()
    }

    /// Wants recordings from now on, or no more, whether the camera is there or not.
    func want(_ isWanted: Bool) {
        guard wantsRecording != isWanted else { return }
        wantsRecording = isWanted
        if isWanted { starting.succeed() } else { endRecording() }
    }

    /// Goes on in the next file.
    func split() throws(CameraError) {
        guard let recording else {
            throw CameraError(.notRecording, "going on in the next file", subject: station.plan.name)
        }
        try recording.beginNextFile()
    }

    /// Begins the file of an event, or prolongs it.
    func trigger() throws(CameraError) {
        let operation = "beginning the file of an event"
        guard station.plan.ring != nil, station.plan.eventTemplate != nil else {
            throw CameraError(
                .unsupported, operation, subject: station.plan.name,
                reason:
                    "nothing is kept from before it; start the server with --circular 20s, or give the camera events in its "
                    + "file")
        }
        guard let ring else {
            throw CameraError(
                .busy, operation, subject: station.plan.name,
                reason: station.shown.recordingFailure ?? station.shown.message
                    ?? "the camera is still being opened; try again soon")
        }
        try ring.clips.trigger(before: station.plan.beforeEvent, after: station.plan.afterEvent)
    }

    /// Changes something of the camera, between two encodes for those who watch where it cannot change during one.
    func change(_ body: () throws(CameraError) -> Void) throws(CameraError) {
        do throws(CameraError) {
            try body()
        } catch {
            // A size that changes, as by turning, is refused during a recording.
            guard recording == nil, ring == nil, video.isRunning || jpeg.isRunning else { throw error }
            // They are given their pictures again in the same turn.
            video.stop()
            jpeg.stop()
            try body()
        }
    }

    private func keepRecording(_ camera: Camera) {
        if let recording, recording.state == .ended {
            let error = recording.error
            try? recording.stop()
            forgetRecording()
            if let error {
                starting.fail()
                station.show { $0.recordingFailure = "\(error)" }
            }
        }
        guard wantsRecording, recording == nil, starting.isDue else { return }
        do throws(CameraError) {
            try station.during("starting its recording") { () throws(CameraError) in try begin(camera) }
            starting.succeed()
        } catch {
            starting.fail()
            let text = "\(error)"
            let isNew = station.shown.recordingFailure != text
            station.show { $0.recordingFailure = text }
            if isNew { station.news.tell(station.plan.name, "recording", "failed", text) }
        }
    }

    private func begin(_ camera: Camera) throws(CameraError) {
        let plan = station.plan
        guard let template = plan.template else { return }
        var request = RecordingRequest(
            to: .path(template), format: plan.format, splitterPort: Self.port, splitting: plan.splitting,
            sync: plan.sync, options: plan.options)
        request.retention = plan.retention
        request.keepsFile = plan.keepsFile
        request.onDisconnect = camera.router.source is any ReturningSource ? .wait : .fail
        let recording = try camera.startRecordings([request])[0]
        self.recording = recording
        for address in plan.publishing { _ = try? recording.add(.path(address), reopening: .backoff) }
        station.show { board in
            (board.recording, board.recordingSince, board.recordingFailure) = (recording, .now, nil)
        }
        station.news.tell(plan.name, "recording", "started")
    }

    private func forgetRecording() {
        recording = nil
        station.show { board in (board.recording, board.recordingSince) = (nil, nil) }
        station.news.tell(station.plan.name, "recording", "stopped")
    }

    private func keepRing(_ camera: Camera) {
        guard let kept = station.plan.ring, let template = station.plan.eventTemplate else { return }
        if let ring, ring.recording.state == .ended { endRing(ring) }
        guard ring == nil, keeping.isDue else { return }
        do throws(CameraError) {
            ring = try station.during("beginning to keep pictures") { () throws(CameraError) in
                try RingRun(camera, kept, template, station)
            }
            keeping.succeed()
        } catch {
            keeping.fail()
            station.show { $0.recordingFailure = "\(error)" }
        }
    }

    private func endRing(_ ring: RingRun) {
        ring.end()
        self.ring = nil
        station.note(isMoving: false)
    }

    private func endRecording() {
        guard let recording else { return }
        do throws(CameraError) {
            try recording.stop()
        } catch {
            station.show { $0.recordingFailure = "\(error)" }
            station.news.tell(station.plan.name, "recording", "failed", "\(error)")
        }
        forgetRecording()
    }

    private func stopRecordings() {
        station.during("finishing its files") {
            endRecording()
            if let ring { endRing(ring) }
            video.stop()
            jpeg.stop()
        }
    }

    private func stopAll() {
        stopRecordings()
        if let camera { closeIfOwned(camera) }
        endOfListening.take()?()
        camera = nil
    }
}

/// When something that failed is to be tried again: after a second, then after twice the time before, half a minute at most.
struct Attempts {
    private(set) var next: Timestamp?
    private var failures = 0
    private var isGivenUp = false

    /// Whether it may be tried now.
    var isDue: Bool { !isGivenUp && (next.map { $0 <= .now } ?? true) }

    mutating func succeed() { self = Attempts() }

    mutating func fail() {
        next = .now + min(.seconds(1 << min(failures, 5)), .seconds(30))
        failures += 1
    }

    /// Tries no more.
    mutating func giveUp() { (next, isGivenUp) = (nil, true) }
}

/// The ring that events are taken from.
struct RingRun {
    let recording: Recording
    let clips: RingClips

    init(_ camera: Camera, _ kept: Duration, _ template: String, _ station: Station) throws(CameraError) {
        let (plan, ring) = (station.plan, try CircularOutput(.time(kept)))
        let clips = try RingClips(
            of: ring, to: template, sync: plan.sync, retention: plan.retention, splitterPort: StationRun.ringPort,
            onEvent: { [weak station] in station?.note($0) }, keepsFile: plan.keepsFile)
        let trigger = plan.motion.map { detector in
            OutputTarget.output(
                MotionTrigger(clips, detector: detector, before: plan.beforeEvent, after: plan.afterEvent) {
                    [weak station] in station?.note(isMoving: $0)
                })
        }
        self.clips = clips
        do throws(CameraError) {
            recording = try camera.startRecording(
                to: .output(ring), format: plan.format, splitterPort: StationRun.ringPort, motionOutput: trigger,
                options: plan.options)
        } catch {
            try? clips.close()
            throw error
        }
    }

    /// Finishes the files of events; what failed was told by events.
    func end() {
        try? recording.stop()
        try? clips.close()
    }
}
