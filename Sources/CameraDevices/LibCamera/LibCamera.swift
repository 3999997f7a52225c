// SPDX-License-Identifier: MIT

internal import CLibCamera
public import CameraCore
internal import Synchronization
internal import SystemPackage
package import V4L2

/// A camera that libcamera drives: one with an image signal processor, such as a Raspberry Pi's.
///
/// The camera may have several streams; frames of one request were exposed together and have the same
/// ``FrameInfo/request`` and time. Frames show the camera's own buffers, which are also dma-bufs for other devices. A
/// request's buffers go back to the camera when all its frames are released. At least two requests stay with the
/// camera: where lending one more would leave fewer, the frames are copied into the program's memory, and where the
/// memory for copies is used up, they are left out; see ``counts``.
///
/// The camera is held from construction to ``close()``. Frames that others keep stay valid after that.
public final class LibCamera: VideoSource {
    /// The camera's name for the tool's `--camera`: "libcamera:" and libcamera's name for the camera.
    public let name: String
    /// libcamera's name for the camera.
    public let id: String
    /// The model of the sensor, where the camera tells it; otherwise libcamera's name for the camera.
    public var model: String { use.shim.cameras().first { $0.id == id }?.model ?? id }
    /// False: a camera goes on whether its frames are taken or not.
    public let canWait = false
    let use: LibCameraUse
    private let pool: BytePool
    private let state: Mutex<State>
    private let inbox = Monitor(LibCameraInbox())
    private let counters = Mutex(SourceCounts())

    private struct State {
        var session: LibCameraSession?
        var mode: LibCameraMode
        var run: LibCameraRun?
        /// Whether a thread is configuring or starting the camera.
        var isChanging = false
        var metadata: FrameMetadata?
        /// Controls that were set, by name.
        var settings: [String: ControlValue] = [:]
    }

    /// Holds and configures a camera.
    ///
    /// - Parameters:
    ///   - id: libcamera's name for the camera, or its model; nil for the first camera.
    ///   - configuration: The streams, the rate and the flips.
    ///   - copyLimit: The largest number of copied frames at any time.
    /// - Throws: `.missingLibrary`, `.notFound` with the cameras there are, `.permissionDenied`, `.busy` with the program
    ///   that holds it, `.unsupported` when it cannot do what was asked, `.invalidValue`.
    public convenience init(
        _ id: String? = nil, configuration: LibCameraConfiguration = LibCameraConfiguration(), copyLimit: Int = 32
    ) throws(CameraError) {
        try self.init(
            id, configuration: configuration, copyLimit: copyLimit, use: try LibCameraUse(try LibCameraShim.loaded()),
            calls: .linux)
    }

    /// Holds and configures a camera by the given functions.
    package init(
        _ id: String?, configuration: LibCameraConfiguration = LibCameraConfiguration(), copyLimit: Int = 32,
        use: LibCameraUse, calls: SystemCalls
    ) throws(CameraError) {
        let found = try Self.find(id, use, calls)
        self.id = found
        self.use = use
        pool = BytePool(limit: copyLimit)
        let session = try LibCameraSession(use.shim, found)
        name = session.name
        let result = session.acquire()
        guard result >= 0 else {
            let isBusy = result == -Errno.resourceBusy.rawValue
            let holder = isBusy ? calls.holder(ofVideo: use.shim.nodes(of: found, calls)) : nil
            throw use.shim.failure(result, "opening the camera", subject: session.name, reason: holder)
        }
        let mode = try LibCameraMode(session, configuration)
        state = Mutex(State(session: session, mode: mode))
    }

    deinit {
        close()
    }

    private static func find(_ id: String?, _ use: LibCameraUse, _ calls: SystemCalls) throws(CameraError) -> String {
        let cameras = use.shim.cameras()
        guard !cameras.isEmpty else { throw calls.reasonForNoCamera }
        guard let id else { return cameras[0].id }
        if let found = cameras.first(where: { $0.id == id }) ?? cameras.first(where: { $0.model == id }) {
            return found.id
        }
        let names = cameras.map { camera in camera.id + (camera.model.map { " (\($0))" } ?? "") }
        throw CameraError(
            .notFound, "opening the camera", subject: "libcamera:\(id)",
            reason: "libcamera has no camera of that name; it has \(names.joined(separator: ", "))")
    }

    /// The streams as the camera set them up, in the order in which they were asked for.
    public var streams: [VideoStream] { state.withLock { $0.mode.streams } }

    /// The configuration that was asked of the camera.
    public var configuration: LibCameraConfiguration { state.withLock { $0.mode.configuration } }

    /// Frames copied and left out since the camera was opened.
    public var counts: SourceCounts { counters.withLock { $0 } }

    /// The metadata of the last picture; nil before the first and where the camera tells nothing.
    public var metadata: FrameMetadata? { state.withLock { $0.metadata } }

    /// Chooses format and size of the main stream, and the rate; the other streams stay as they are.
    public func configure(_ request: SourceConfiguration) throws {
        guard request.sensorMode ?? 0 == 0 else {
            throw CameraError(
                .invalidValue, "configuring the camera", subject: name,
                reason: "it has no sensor modes but 0; choose a resolution and a frame rate, or ask for a raw stream")
        }
        var wish = configuration
        if let resolution = request.resolution { wish.streams[0].resolution = resolution }
        if let pixelFormat = request.pixelFormat { wish.streams[0].pixelFormat = pixelFormat }
        if let frameRate = request.frameRate { wish.frameRate = frameRate }
        guard wish != configuration else { return }
        try configure(wish)
    }

    /// Chooses streams, rate and flips; not while the camera runs.
    ///
    /// - Throws: `.invalidValue` or `.unsupported` that says what there is; nothing is changed then.
    public func configure(_ configuration: LibCameraConfiguration) throws(CameraError) {
        try exclusively("configuring the camera") { () throws(CameraError) in
            guard !isRunning else {
                throw CameraError(.alreadyRecording, "configuring the camera", subject: name, reason: "it is running")
            }
            let session = try openSession("configuring the camera")
            let mode = try LibCameraMode(session, configuration)
            let hasNewRate = state.withLock { state in
                defer { state.mode = mode }
                return state.mode.configuration.frameRate != configuration.frameRate
            }
            // Rates that were set by hand give way to the one that was chosen now.
            guard hasNewRate, let limits = session.controlDescriptions.first(where: \.isFrameDurationLimits) else {
                return
            }
            try set(limits, to: nil, session)
        }
    }

    /// Starts the camera, which then fills buffers.
    public func start() throws {
        try exclusively("starting the camera") { () throws(CameraError) in
            guard !isRunning else { return }
            let session = try openSession("starting the camera")
            inbox.withLock { inbox in
                inbox.completions.removeAll()
                inbox.failure = nil
            }
            let run = try LibCameraRun(session, state.withLock { $0.mode }, pool: pool, inbox: inbox)
            state.withLock { $0.run = run }
        }
    }

    /// Keeps threads from configuring and starting at the same time.
    ///
    /// - Throws: `.alreadyRecording` when another one is at it; what `body` throws.
    private func exclusively(_ operation: String, _ body: () throws(CameraError) -> Void) throws(CameraError) {
        let isFree = state.withLock { state in
            defer { state.isChanging = true }
            return !state.isChanging
        }
        guard isFree else {
            throw CameraError(
                .alreadyRecording, operation, subject: name, reason: "another thread is starting or configuring it")
        }
        defer { state.withLock { $0.isChanging = false } }
        try body()
    }

    /// Waits for the next frame: those of a request follow each other, the main stream's first.
    ///
    /// - Parameter timeout: The longest to wait; nil for no limit.
    /// - Returns: A frame, or the reason why there is none; never `.ended`.
    /// - Throws: `.deviceLost` as soon as libcamera reports the loss; `.device` when the camera fails.
    public func next(timeout: Duration?) throws -> SourceEvent {
        guard let run = state.withLock({ $0.run }) else {
            throw CameraError(.closed, "waiting for a frame", subject: name, reason: "the camera is not started")
        }
        let deadline = Timestamp.deadline(after: timeout)
        while true {
            let step = try inbox.wait(until: deadline) { (inbox) throws(CameraError) -> Step? in
                if inbox.isInterrupted {
                    inbox.isInterrupted = false
                    return .event(.interrupted)
                }
                if inbox.isLost {
                    throw CameraError(
                        .deviceLost, "waiting for a frame", subject: name,
                        reason: "libcamera reports that it was unplugged")
                }
                if let failure = inbox.failure { throw failure }
                if let event = inbox.events.popFirst() { return .event(event) }
                return inbox.completions.popFirst().map(Step.completion)
            }
            switch step {
            case nil: return .timedOut
            case .event(let event): return event
            case .completion(let completion): take(run.take(completion), FrameMetadata(completion.metadata))
            }
        }
    }

    /// What the device thread finds in the inbox.
    private enum Step {
        case event(SourceEvent)
        case completion(clc_completion)
    }

    /// Counts what became of a request, and lays its frames out for delivery.
    private func take(_ outcomes: [LibCameraRun.Outcome], _ metadata: FrameMetadata?) {
        if let metadata { state.withLock { $0.metadata = metadata } }
        for outcome in outcomes {
            switch outcome {
            case .lent(let frame): inbox.withLock { $0.events.append(.frame(frame)) }
            case .copied(let frame):
                counters.withLock { $0.framesCopied += 1 }
                inbox.withLock { $0.events.append(.frame(frame)) }
            case .dropped: counters.withLock { $0.framesNotCopied += 1 }
            case .damaged: inbox.withLock { $0.events.append(.damaged(1)) }
            }
        }
    }

    /// Makes the wait under way, or else the next one, end at once; may be called from any thread.
    public func interrupt() { inbox.update { $0.isInterrupted = true } }

    /// Stops the camera.
    public func stop() {
        guard let run = state.withLock({ $0.run.take() }) else { return }
        run.stop()
        // Out of the lock: with the last frame of a request its loan ends.
        let rest = inbox.withLock { inbox in
            inbox.completions.removeAll()
            defer { inbox.events = [] }
            return inbox.events
        }
        withExtendedLifetime(rest) {}
    }

    /// Stops the camera and releases it for other programs; a second call does nothing.
    public func close() {
        interrupt()
        stop()
        // Out of the lock: letting go of the camera takes its time.
        let session = state.withLock { $0.session.take() }
        withExtendedLifetime(session) {}
    }

    // MARK: Controls

    /// The camera's session.
    ///
    /// - Throws: `.closed`.
    func openSession(_ operation: String) throws(CameraError) -> LibCameraSession {
        guard let session = state.withLock({ $0.session }) else {
            throw CameraError(.closed, operation, subject: name, reason: "the camera was closed")
        }
        return session
    }

    /// Whether it was started.
    var isRunning: Bool { state.withLock { $0.run != nil } }

    /// The flips that the camera can do: left and right, top and bottom.
    var possibleFlips: (horizontal: Bool, vertical: Bool) { state.withLock { $0.mode.possibleFlips } }

    /// The controls that were set, by name.
    var wantedControls: [String: ControlValue] { state.withLock { $0.settings } }

    func note(_ value: ControlValue?, of name: String) { state.withLock { $0.settings[name] = value } }
}
