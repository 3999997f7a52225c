// SPDX-License-Identifier: MIT

public import CameraCore
public import CameraOutputs
internal import Synchronization

/// Records video: keeps the metadata of its pictures and goes on in other outputs without losing one.
open class VideoEncoder: Encoder, @unchecked Sendable {
    /// The last picture that was handed to the outputs; nil before the first.
    public var frame: VideoFrame? { currentSession?.latestFrame.withLock { $0 } }

    /// Starts recording.
    ///
    /// - Parameters:
    ///   - output: A path, or an output of the user's.
    ///   - motionOutput: Where motion vectors would go.
    /// - Throws: What ``Encoder/start(_:)`` throws; `.unsupported` for motion vectors.
    public func start(_ output: OutputTarget, motionOutput: OutputTarget?) throws(CameraError) {
        try refuseMotion(motionOutput)
        try start(output)
    }

    /// Goes on in another output at the next frame that enters the codec, which becomes a key frame.
    ///
    /// The output is opened at once, on the caller's thread. Until the switch the recording goes on in the old output;
    /// when the switch fails or does not happen in time, it stays there and what opening created is deleted.
    ///
    /// - Parameters:
    ///   - output: A path, or an output of the user's.
    ///   - motionOutput: Where motion vectors would go.
    /// - Returns: The first picture of the new output.
    /// - Throws: `.notRecording`, what opening threw, the recording's first error, `.sourceEnded`, `.timedOut`;
    ///   `.wouldDeadlock` on the encoder's own threads, where ``beginSplit(to:)`` works.
    @discardableResult
    public func split(to output: OutputTarget, motionOutput: OutputTarget? = nil) throws(CameraError) -> VideoFrame {
        try refuseMotion(motionOutput)
        try session("splitting the recording").refuseOwnThreads("splitting the recording")
        return try beginSplit(to: output).wait()
    }

    /// Begins a split without waiting for it; may be called on the callback thread.
    ///
    /// - Parameter output: A path, or an output of the user's.
    /// - Returns: What to wait for the switch with, on another thread.
    /// - Throws: `.notRecording`, what opening threw, the recording's first error, `.sourceEnded`.
    public func beginSplit(to output: OutputTarget) throws(CameraError) -> PendingSplit {
        let session = try session("splitting the recording")
        if let error = session.error { throw error }
        let ticket = SplitTicket(outputs: [.frame: try open(output)])
        try session.enqueue(ticket)
        return PendingSplit(ticket: ticket, timeout: splitTimeout, session: session)
    }

    /// Makes the next frame that enters the codec a key frame; does not wait.
    ///
    /// - Throws: `.notRecording`, or the recording's first error.
    public func requestKeyFrame() throws(CameraError) {
        let session = try session("requesting a key frame")
        if let error = session.error { throw error }
        guard !session.isFinished else { throw CameraError(.notRecording, "requesting a key frame") }
        session.requestKeyFrame()
    }

    /// 15 seconds, or three key-frame intervals where frames are rarer.
    private var splitTimeout: Duration {
        let interval = configuration.options.keyFrameInterval ?? 1
        let frameInterval = sourceStream.frameRate.interval
        return max(.seconds(15), frameInterval * (3 * max(interval, 1)))
    }

    /// Throws `.unsupported` for an output of motion vectors.
    package func refuseMotion(_ motionOutput: OutputTarget?) throws(CameraError) {
        guard motionOutput == nil else {
            throw CameraError(
                .unsupported, "recording motion vectors",
                reason: "this version does not compute any; leave motionOutput out"
            )
        }
    }
}
