// SPDX-License-Identifier: MIT

internal import CameraCodecs
internal import CameraContainers
public import CameraCore
public import CameraOutputs
internal import Synchronization

/// Compresses a camera's frames, or leaves them raw, and writes them to outputs.
///
/// Each running encoder has two threads: the encode worker converts frames and drives the codec, the callback thread
/// calls ``callback(_:)`` for each picture. Programs subclass the leaf classes and override the methods that are hooks. A
/// subclass has to state its sendability again, and so begins like this:
///
/// ```swift
/// final class CountingEncoder: CookedVideoEncoder, @unchecked Sendable {
///     private let count = Mutex(0)
///
///     override func callbackWrite(_ packet: Packet, key: OutputKey) throws -> Bool {
///         count.withLock { $0 += 1 }
///         return try super.callbackWrite(packet, key: key)
///     }
/// }
/// ```
///
/// All other methods may be called from any thread; those that wait throw `.wouldDeadlock` on the encoder's own threads.
open class CameraEncoder: @unchecked Sendable {
    // Unchecked because it is open: its own state is constant or behind `state`. Subclasses protect theirs.

    /// The configuration that the encoder was made with.
    public let configuration: EncoderConfiguration
    let state: Mutex<State>

    /// What changes in the life of an encoder.
    struct State {
        /// The present or last run.
        var session: EncodingSession?
        /// Whether a caller starts the encoder now: no other may begin to.
        var isStarting = false
        var resizer: (any Resizer)?
        var isClosed = false
    }

    /// Makes an encoder; the codec and its options are checked when the encoder is started.
    ///
    /// - Parameter configuration: The camera, the format and the options.
    /// - Throws: `.closed` when the camera is closed; `.invalidValue` for an impossible size, or a stream that the camera does
    ///   not have; what ``makeResizer(_:)`` throws.
    public init(_ configuration: EncoderConfiguration) throws {
        self.configuration = configuration
        self.state = Mutex(State())
        guard !configuration.parent.isClosed else {
            throw CameraError(.closed, "making an encoder", reason: "the camera was closed")
        }
        try configuration.parent.router.source.check(stream: configuration.stream, "making an encoder")
        if let size = configuration.resize {
            try size.validated("resizing the recording")
            let resizer = try makeResizer(size)
            state.withLock { $0.resizer = resizer }
        }
    }

    /// What the encoder shares with the camera's other encoders.
    public var parent: EncoderParent { configuration.parent }

    /// The camera's stream that it encodes.
    var sourceStream: VideoStream {
        let streams = parent.router.source.streams
        // The camera may have been set to fewer streams meanwhile; no frames come by this one then.
        return streams[min(configuration.stream, streams.count - 1)]
    }

    /// The size of the pictures that a start would write: what was asked for, or the camera's after a quarter turn.
    var pictureSize: Resolution {
        let size = sourceStream.size
        return configuration.resize ?? parent.style(ofPort: configuration.splitterPort)?.size(of: size) ?? size
    }

    /// Whether nothing is done to the pictures before they are encoded.
    var isPlain: Bool { parent.style(ofPort: configuration.splitterPort)?.isPlain != false }

    /// The format that is written.
    public var format: MediaFormat { configuration.format }

    /// The codec of the present or last run; nil for raw formats, and before the first start.
    public var codec: (any Codec)? { currentSession?.run?.codec }

    /// The resizer that ``makeResizer(_:)`` made; nil when the camera's shared conversion scales the frames, or nothing does.
    public var resizer: (any Resizer)? { state.withLock { $0.resizer } }

    /// The outputs in use, by what they receive; empty when the encoder does not run.
    public var outputs: [OutputKey: OpenedOutput] {
        guard let session = currentSession, !session.isFinished else { return [:] }
        return session.outputs.withLock { $0.mapValues(\.output) }
    }

    /// Whether the encoder runs.
    public var isActive: Bool { currentSession.map { !$0.isFinished } ?? false }

    /// The first error of the present or last run; nil when there was none.
    public var error: CameraError? { currentSession?.error }

    /// The frame counts of the present or last run.
    public var statistics: EncoderStatistics { currentSession?.statistics ?? EncoderStatistics() }

    // MARK: Life

    /// Starts writing to an output.
    ///
    /// May be overridden. A camera does not start its recordings by this method, since several may begin at the same frame:
    /// work that is to be done at each start belongs into ``willStart()``.
    ///
    /// - Parameter output: A path, or an output of the user's.
    /// - Throws: `.closed`, `.alreadyRecording`, what opening the output threw, and `.sourceEnded`.
    open func start(_ output: OutputTarget) throws(CameraError) {
        try CameraEncoder.startTogether([try prepareStart([.frame: output])])
    }

    /// Waits for the end of the run.
    ///
    /// - Parameter timeout: The longest time to wait; nil for no limit.
    /// - Returns: Whether the encoder still runs.
    /// - Throws: The first error of the run, each time until the next start; `.notRecording` when it was never started.
    open func wait(timeout: Duration? = nil) throws(CameraError) -> RecordingState {
        let session = try session("waiting for the recording")
        if timeout != .zero { try session.refuseOwnThreads("waiting for the recording") }
        return try session.wait(until: .deadline(after: timeout))
    }

    /// Suspends the task until the end of the run, a time-out, or until the task is cancelled.
    package func suspend(timeout: Duration?) async throws(CameraError) {
        try await session("waiting for the recording").suspend(until: .deadline(after: timeout))
    }

    /// Encodes and writes the frames that were taken, closes the outputs and ends; does nothing when the encoder does not run.
    ///
    /// May be overridden; a camera stops its recordings by it. It is not called when a recording ends with its source.
    ///
    /// - Throws: The first error of the run; `.timedOut` when an output did not take the rest within the camera's
    ///   `stopTimeout` and was abandoned.
    open func stop() throws(CameraError) {
        guard let session = currentSession else { return }
        try session.refuseOwnThreads("stopping the recording")
        willStop()
        try session.stop(timeout: parent.stopTimeout)
    }

    /// Stops and frees everything; the encoder cannot be started again.
    ///
    /// May be called twice, and overridden.
    ///
    /// - Throws: What ``stop()`` throws; everything is freed all the same.
    open func close() throws(CameraError) {
        state.withLock { $0.isClosed = true }
        try stop()
    }

    // MARK: Hooks

    /// Called before each start; does nothing unless it is overridden.
    ///
    /// Called on the thread that starts, before outputs are opened, also by a camera that starts several recordings together.
    ///
    /// - Throws: Any error, which keeps the encoder from starting.
    open func willStart() throws {}

    /// Makes the codec for a format; nil for raw pictures, as here for classes that conform to ``RawEncoding``.
    ///
    /// Called for each start, and on the encoder's own thread when a camera that was waited for has come back.
    open func makeCodec(format: MediaFormat) throws -> (any Codec)? {
        if let raw = self as? any RawEncoding {
            try raw.checkRaw(format)
            return nil
        }
        let stream = sourceStream
        return try Codecs.make(
            for: format, size: pictureSize, frameRate: stream.frameRate,
            options: configuration.options)
    }

    /// Makes the resizer that scales frames to `size`; nil, as here, for the camera's shared conversion.
    ///
    /// Called once, when the encoder is made with a size.
    open func makeResizer(_ size: Resolution) throws -> (any Resizer)? { nil }

    /// Opens what a target names; a path becomes a `MetadataOutput` for ``OutputKey/metadata``, a `PTSOutput` for
    /// ``OutputKey/times``, an ``MP4Output`` or `ContainerOutput` for pictures in a file of such an extension, an ``HLSOutput``
    /// for a playlist, and a queued `StreamOutput` for an address.
    ///
    /// Called on the thread that starts or splits, or on the opener thread of a rule.
    open func openOutput(_ target: OutputTarget, key: OutputKey) throws -> OpenedOutput {
        // The opener's thread may wait: the recording has its own limit for it.
        let isOpener = currentSession?.opener?.isCurrentThread == true
        let timeout = isOpener ? nil : parent.stopTimeout
        if key == .frame {
            if let stream = try OpenedOutput.stream(to: target, stopTimeout: parent.stopTimeout) { return stream }
            let keeper = configuration.keeper
            if let list = try OpenedOutput.playlist(at: target, timeout: timeout, keeper: keeper) { return list }
        }
        let opened = try OpenedOutput(
            target, sync: configuration.sync, timeout: timeout, keeper: configuration.keeper)
        guard opened.isOwned else { return opened }
        return switch key {
        case .metadata: OpenedOutput(MetadataOutput(opened), isOwned: true, name: opened.name)
        case .times: OpenedOutput(PTSOutput(opened), isOwned: true, name: opened.name)
        case .frame: opened.inContainer(of: opened.name)
        default: opened
        }
    }

    /// Ends an output: one that the encoder opened is closed, one of the user's is flushed.
    ///
    /// Called on the callback thread.
    open func closeOutput(_ output: OpenedOutput, key: OutputKey) throws {
        do {
            try output.output.end()
        } catch {
            // The first error counts.
            try? output.release()
            throw error
        }
        try output.release()
    }

    /// Handles a picture; returns true when it was the last one wanted.
    ///
    /// The bytes of a raw picture may lie in a buffer that the camera waits for: copy them to keep them after the call.
    ///
    /// Called on the callback thread.
    open func callback(_ packet: Packet) throws -> Bool {
        try callbackWrite(packet, key: .frame)
    }

    /// Writes a picture to the output for `key`; returns true when it was the last one wanted.
    ///
    /// Called with ``OutputKey/frame`` for each picture; a raw picture must be whole. A recording with a metadata output or a
    /// file of times calls it once more for each picture, with ``OutputKey/metadata`` or ``OutputKey/times``. A recording with
    /// motion vectors calls it with ``OutputKey/motion`` and the motion record of the picture.
    ///
    /// Called on the callback thread.
    open func callbackWrite(_ packet: Packet, key: OutputKey) throws -> Bool {
        guard let session = currentSession else { return false }
        if key != .motion { try session.checkLength(of: packet) }
        try session.outputs.withLock { $0[key]?.output.output }?.write(packet)
        return false
    }

    // MARK: For the classes of this module

    /// The most pictures that the encoder makes.
    var frameLimit: Int { configuration.frameLimit ?? .max }

    /// Called before the encoder stops.
    func willStop() {}

    /// Called on the callback thread when the encoder has ended.
    func didFinish() {}

    /// Whether the caller runs on a thread of the present run, which stopping would wait for.
    package var isOnOwnThread: Bool { currentSession?.isOwnThread ?? false }

    /// The present or last session.
    var currentSession: EncodingSession? { state.withLock { $0.session } }

    /// The present or last session.
    ///
    /// - Throws: `.notRecording` when the encoder was never started.
    func session(_ operation: String) throws(CameraError) -> EncodingSession {
        guard let session = currentSession else { throw CameraError(.notRecording, operation) }
        return session
    }
}
