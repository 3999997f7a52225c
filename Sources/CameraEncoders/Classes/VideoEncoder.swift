// SPDX-License-Identifier: MIT

public import CameraCore
public import CameraOutputs
internal import Synchronization

/// Records video; goes on in other outputs without losing a picture.
open class VideoEncoder: CameraEncoder, @unchecked Sendable {
    /// The last picture that was handed to the outputs; nil before the first.
    public var frame: VideoFrame? { currentSession?.latestFrame.withLock { $0 } }

    /// Starts recording, with outputs for motion vectors and metadata beside that of the pictures.
    ///
    /// - Parameters:
    ///   - output: A path, or an output of the user's.
    ///   - motionOutput: The output for motion vectors, with a record for each picture; see `MotionField`. Computing them costs
    ///     time on the encoder's thread.
    ///   - metadataOutput: The output for what is known about each picture, such as a `PTSOutput`, which is handed each picture
    ///     once more; a path becomes a `MetadataOutput`.
    /// - Throws: What ``CameraEncoder/start(_:)`` throws; `.unsupported` for motion vectors of pictures that the camera encoded
    ///   and that are not decoded here; `.busy` when one output would receive two kinds of data.
    open func start(
        _ output: OutputTarget, motionOutput: OutputTarget?, metadataOutput: OutputTarget? = nil
    ) throws(CameraError) {
        try CameraEncoder.startTogether([try prepareStart(Self.targets(output, motionOutput, metadataOutput))])
    }

    /// Goes on in other outputs at the next frame that enters the codec, which becomes a key frame.
    ///
    /// The outputs are opened at once, on the caller's thread. Until the switch the recording goes on in the old ones; when
    /// the switch fails or does not happen in time, the recording stays there, and files that opening created are deleted.
    /// An argument that is nil changes nothing: without `motionOutput`, the vectors of the new file's pictures go on in the old
    /// output for motion vectors.
    ///
    /// May be overridden; a camera splits its recordings by it. The cuts of a split rule do not call it.
    ///
    /// - Parameters:
    ///   - output: A path, or an output of the user's; nil to go on in the same one.
    ///   - motionOutput: The output for motion vectors from that picture on; without vectors before, the first record is zero.
    ///   - metadataOutput: The output for what is known about each picture; see ``start(_:motionOutput:metadataOutput:)``.
    /// - Returns: The first picture of the new outputs.
    /// - Throws: `.notRecording`, what opening threw, the recording's first error, `.sourceEnded`, `.timedOut`;
    ///   `.wouldDeadlock` on the encoder's own threads, where ``beginSplit(to:motionOutput:metadataOutput:)`` works;
    ///   `.invalidValue` without any output.
    @discardableResult
    open func split(
        to output: OutputTarget?, motionOutput: OutputTarget? = nil, metadataOutput: OutputTarget? = nil
    ) throws(CameraError) -> VideoFrame {
        try session("splitting the recording").refuseOwnThreads("splitting the recording")
        return try beginSplit(to: output, motionOutput: motionOutput, metadataOutput: metadataOutput).wait()
    }

    /// Begins a split without waiting for it; may be called on the callback thread, and overridden.
    ///
    /// ``split(to:motionOutput:metadataOutput:)`` calls it.
    ///
    /// - Parameters:
    ///   - output: A path, or an output of the user's; nil to go on in the same one.
    ///   - motionOutput: The output for motion vectors from there on.
    ///   - metadataOutput: The output for what is known about each picture from there on.
    /// - Returns: The split, whose ``PendingSplit/wait()`` waits for the switch; not on the encoder's own threads.
    /// - Throws: `.notRecording`, what opening threw, the recording's first error, `.sourceEnded`; `.invalidValue` without
    ///   any output.
    open func beginSplit(
        to output: OutputTarget?, motionOutput: OutputTarget? = nil, metadataOutput: OutputTarget? = nil
    ) throws(CameraError) -> PendingSplit {
        let session = try session("splitting the recording")
        if let error = session.error { throw error }
        let targets = Self.targets(output, motionOutput, metadataOutput)
        guard !targets.isEmpty else {
            throw CameraError(
                .invalidValue, "splitting the recording", reason: "there is no output to go on in; name at least one")
        }
        if targets[.motion] != nil { try checkMotion(session) }
        let ticket = SplitTicket(outputs: try open(targets))
        try session.enqueue(ticket)
        return PendingSplit(ticket: ticket, timeout: splitTimeout, session: session)
    }

    /// Adds an output for the pictures beside the one that there is; it begins with the next frame, which becomes a key frame.
    ///
    /// It is written to on the callback thread, after the recording's own; a ``QueuedOutput`` has a thread of its own. A path is
    /// opened at once. An output that fails is closed and told by `CameraEvent.outputFailed`, and the recording goes on.
    ///
    /// - Parameters:
    ///   - output: A path, or an output of the user's.
    ///   - reopening: With anything but ``Reopening/never`` a path is opened on a thread of its own, queued, and opened again
    ///     when it fails.
    /// - Returns: The key of the output, for ``remove(_:)``, ``CameraEncoder/outputs`` and the hooks of a subclass.
    /// - Throws: `.notRecording`, what opening threw, the recording's first error, `.busy` for an output in use;
    ///   `.invalidValue` for an output of the user's that is to be opened again, and for a template of names.
    @discardableResult
    public func add(_ output: OutputTarget, reopening: Reopening = .never) throws(CameraError) -> OutputKey {
        let session = try runningSession("adding an output")
        let opened = try openAdded(output, reopening)
        do throws(CameraError) {
            return try session.add(opened)
        } catch {
            opened.discard()
            throw error
        }
    }

    /// Closes an output that was added, behind the pictures that were encoded by now.
    ///
    /// - Parameter key: The key that ``add(_:reopening:)`` returned.
    /// - Throws: `.notRecording`; `.notFound` when it is none, or has failed; what closing it threw; `.timedOut` where the
    ///   outputs are behind by more than the camera's stop time-out; `.wouldDeadlock` on the encoder's own threads.
    public func remove(_ key: OutputKey) throws(CameraError) {
        let session = try session("removing an output")
        try session.refuseOwnThreads("removing an output")
        try session.remove(key, timeout: parent.stopTimeout)
    }

    private func openAdded(_ output: OutputTarget, _ reopening: Reopening) throws(CameraError) -> OpenedOutput {
        try refuseShared([.frame: output], among: outputs)
        guard reopening != .never else { return try open(output) }
        guard case .path(let path) = output else {
            throw CameraError(
                .invalidValue, "adding an output", subject: "\(output)",
                reason: "only what is named by a path can be opened again; make a QueuedOutput that opens it")
        }
        let queued = QueuedOutput(path, reopening: reopening, stopTimeout: parent.stopTimeout) { [weak self] in
            // The encoder keeps its session, and that its outputs.
            guard let self else { throw CameraError(.closed, "opening the output", subject: path) }
            return try openOutput(output, key: .frame)
        }
        return OpenedOutput(queued, isOwned: true, name: path)
    }

    private static func targets(
        _ output: OutputTarget?, _ motion: OutputTarget?, _ metadata: OutputTarget?
    ) -> [OutputKey: OutputTarget] {
        [.frame: output, .motion: motion, .metadata: metadata].compactMapValues(\.self)
    }

    /// Makes the next frame that enters the codec a key frame; does not wait.
    ///
    /// May be overridden. Splits do not call it: they demand a key frame by themselves.
    ///
    /// - Throws: `.notRecording`, or the recording's first error.
    open func requestKeyFrame() throws(CameraError) {
        try runningSession("requesting a key frame").requestKeyFrame()
    }

    /// Goes on in the next file of the recording's template as soon as that is open, before its rule wants it; does not wait.
    ///
    /// - Throws: `.unsupported` for a recording without a template and a rule, `.notRecording`, or the recording's first error.
    public func beginNextFile() throws(CameraError) {
        try runningSession("going on in the next file").requestNextFile()
    }

    /// Changes the bit rate from the next frame on.
    ///
    /// - Parameter bitRate: Bits per second.
    /// - Throws: `.unsupported` where the codec or its rate control cannot, `.invalidValue`, `.notRecording`, the recording's
    ///   first error; `.timedOut` when no frame comes; `.wouldDeadlock` on the encoder's own threads. The recording goes on
    ///   as before then.
    public func setBitRate(_ bitRate: Int) throws(CameraError) {
        let operation = "changing the bit rate"
        let session = try session(operation)
        try session.refuseOwnThreads(operation)
        if let error = session.error { throw error }
        try session.setBitRate(bitRate, timeout: splitTimeout)
    }

    /// Leaves out the camera's frames from now on, until ``resume()``; frames that were taken before are written.
    ///
    /// The pictures' times run on without a gap, unless the clock mode is `.raw`. A source that can wait stands still when
    /// nobody else takes its frames. Does nothing when the encoder is paused.
    ///
    /// - Throws: `.notRecording`, or the recording's first error.
    public func pause() throws(CameraError) { try runningSession("pausing the recording").pause() }

    /// Takes frames again, from a key frame on where the codec can make one; does nothing when the encoder is not paused.
    ///
    /// - Throws: `.notRecording`, or the recording's first error.
    public func resume() throws(CameraError) { try runningSession("resuming the recording").resume() }

    /// Whether the encoder is paused.
    public var isPaused: Bool { currentSession?.frames.isPaused ?? false }

    private func runningSession(_ operation: String) throws(CameraError) -> EncodingSession {
        let session = try session(operation)
        if let error = session.error { throw error }
        guard !session.isFinished else { throw CameraError(.notRecording, operation) }
        return session
    }

    /// 15 seconds, or three key-frame intervals where frames are rarer.
    private var splitTimeout: Duration {
        let interval = configuration.options.keyFrameInterval ?? 1
        let frameInterval = sourceStream.frameRate.interval
        return max(.seconds(15), frameInterval.saturatingMultiply(by: max(interval, 1).saturatingMultiply(by: 3)))
    }
}
