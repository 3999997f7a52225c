// SPDX-License-Identifier: MIT

internal import CameraCodecs
public import CameraCore
public import CameraOutputs
internal import Synchronization

/// Compresses a camera's frames, or leaves them raw, and writes them to outputs.
///
/// Each running encoder has two threads: the encode worker converts frames and drives the codec, the callback thread
/// calls ``callback(_:)`` for each picture. Users subclass the leaf classes and override what the documentation says is a
/// hook. A class that is not final restates its sendability, so a subclass begins like this:
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

    /// What the encoder was made for.
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

    /// Makes an encoder; whether it can do what is asked shows when it is started.
    ///
    /// - Parameter configuration: The camera, the format and the options.
    /// - Throws: `.closed` when the camera is; `.invalidValue` for a size or a stream that cannot be; what
    ///   ``makeResizer(_:)`` throws.
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

    /// The camera.
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

    /// What brings frames to another size; nil when that is the camera's shared conversion stage, or they keep theirs.
    public var resizer: (any Resizer)? { state.withLock { $0.resizer } }

    /// The outputs in use, by what they receive; empty when the encoder does not run.
    public var outputs: [OutputKey: OpenedOutput] {
        guard let session = currentSession, !session.isFinished else { return [:] }
        return session.outputs.withLock { $0.mapValues(\.output) }
    }

    /// Whether the encoder runs.
    public var isActive: Bool { currentSession.map { !$0.isFinished } ?? false }

    /// The first error of the present or last run.
    public var error: CameraError? { currentSession?.error }

    /// What became of the frames of the present or last run.
    public var statistics: EncoderStatistics { currentSession?.statistics ?? EncoderStatistics() }

    // MARK: Life

    /// Starts writing to an output.
    ///
    /// May be overridden. A camera's recordings are not started by it, since several begin at the same frame: what is to be
    /// done at each start belongs into ``willStart()``.
    ///
    /// - Parameter output: A path, or an output of the user's.
    /// - Throws: `.closed`, `.alreadyRecording`, what opening the output threw, and `.sourceEnded`.
    open func start(_ output: OutputTarget) throws(CameraError) {
        try CameraEncoder.startTogether([try prepareStart([.frame: output])])
    }

    /// Waits for the end.
    ///
    /// - Parameter timeout: The longest to wait; nil for no limit.
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

    /// Encodes and writes what has been taken, closes the outputs and ends; does nothing when it does not run.
    ///
    /// May be overridden; a camera stops its recordings by it. A recording that ends with its source is not stopped.
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

    /// Does nothing; called before each start, also by a camera that starts several recordings together, on the thread that
    /// starts, before outputs are opened.
    ///
    /// - Throws: What is to keep the encoder from starting.
    open func willStart() throws {}

    /// Makes the codec for a format; nil for none, as here for classes that have ``RawEncoding`` mixed in.
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

    /// Makes what scales frames to `size`; nil, as here, for the camera's shared conversion stage.
    ///
    /// Called once, when the encoder is made with a size.
    open func makeResizer(_ size: Resolution) throws -> (any Resizer)? { nil }

    /// Opens what a target names; a path becomes a `MetadataOutput` for ``OutputKey/metadata`` and a `PTSOutput` for
    /// ``OutputKey/times``.
    ///
    /// Called on the thread that starts or splits, or on the opener thread of a rule.
    open func openOutput(_ target: OutputTarget, key: OutputKey) throws -> OpenedOutput {
        let opened = try OpenedOutput(target, sync: configuration.sync, timeout: parent.stopTimeout)
        guard opened.isOwned else { return opened }
        return switch key {
        case .metadata: OpenedOutput(MetadataOutput(opened), isOwned: true, name: opened.name)
        case .times: OpenedOutput(PTSOutput(opened), isOwned: true, name: opened.name)
        default: opened
        }
    }

    /// Ends an output: one that the encoder opened is closed, one of the user's is flushed.
    ///
    /// Called on the callback thread.
    open func closeOutput(_ output: OpenedOutput, key: OutputKey) throws {
        try output.output.end()
        try output.release()
    }

    /// Handles a picture; true when it was the last one wanted.
    ///
    /// The bytes of a raw picture may lie in a buffer that the camera waits for: who keeps them longer keeps a copy.
    ///
    /// Called on the callback thread.
    open func callback(_ packet: Packet) throws -> Bool {
        try callbackWrite(packet, key: .frame)
    }

    /// Writes a picture to the output for `key`; true when it was the last one wanted.
    ///
    /// A raw picture must be whole.
    /// A recording with motion vectors calls it with ``OutputKey/motion`` and the record of a picture, one with a metadata
    /// output with ``OutputKey/metadata``, one with a file of times with ``OutputKey/times``, and the picture once more.
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
