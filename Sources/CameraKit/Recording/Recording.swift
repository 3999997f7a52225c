// SPDX-License-Identifier: MIT

internal import CameraContainers
public import CameraCore
public import CameraEncoders
public import CameraOutputs

/// One recording of a camera, from its start to its end.
///
/// ```swift
/// let recording = try camera.startRecording(to: "lobby-0.h264")
/// try recording.wait(.seconds(60))
/// try recording.split(to: "lobby-1.h264")
/// try recording.wait(.seconds(60))
/// try recording.stop()
/// ```
///
/// A recording goes on when this value is discarded; the camera's methods that take a splitter port control it as well. The
/// value holds a reference to the camera. All methods may be called from any thread. Those that wait throw `.wouldDeadlock`
/// on the recording's own threads, and have a counterpart of the same name for `async` functions.
public struct Recording: Sendable {
    /// The camera that is recorded.
    public let camera: Camera
    /// The port by which the camera tells its recordings apart.
    public let splitterPort: Int
    package let encoder: VideoEncoder

    /// Waits while the recording goes on.
    ///
    /// - Parameter timeout: The longest time to wait; nil to wait until the recording ends or fails, zero to return at once.
    /// - Returns: `.ended` when the recording ended by itself, with its source or by a limit, or was stopped; `.running` after
    ///   the time-out.
    /// - Throws: What went wrong on the recording's threads; every call after the end throws it.
    @discardableResult
    public func wait(_ timeout: Duration? = nil) throws(CameraError) -> RecordingState {
        try encoder.wait(timeout: timeout)
    }

    /// Goes on in another output at the next frame, which becomes a key frame; no frame is lost or repeated.
    ///
    /// - Parameters:
    ///   - output: The new output; nil to keep the present one and to change only outputs beside it.
    ///   - motionOutput: The new output for motion vectors; nil to keep the present one.
    ///   - metadataOutput: The new output for what is known about each picture; nil to keep the present one.
    /// - Returns: The first picture of the new output.
    /// - Throws: What ``VideoEncoder/split(to:motionOutput:metadataOutput:)`` throws; the recording then goes on in the old
    ///   output, unless it has failed itself.
    @discardableResult
    public func split(
        to output: OutputTarget?, motionOutput: OutputTarget? = nil, metadataOutput: OutputTarget? = nil
    ) throws(CameraError) -> VideoFrame {
        try encoder.split(to: output, motionOutput: motionOutput, metadataOutput: metadataOutput)
    }

    /// Begins a split without waiting for it; may be called on a callback thread.
    ///
    /// - Returns: What the split can be waited for with, on another thread.
    /// - Throws: What is wrong with the new output; `.notRecording`; what the recording failed with.
    public func beginSplit(
        to output: OutputTarget?, motionOutput: OutputTarget? = nil, metadataOutput: OutputTarget? = nil
    ) throws(CameraError) -> PendingSplit {
        try encoder.beginSplit(to: output, motionOutput: motionOutput, metadataOutput: metadataOutput)
    }

    /// Goes on in the next file of the recording's template as soon as that is open, before its rule wants it; does not wait.
    ///
    /// ``CameraEvent/fileFinished(splitterPort:_:)`` tells of the one before it.
    ///
    /// - Throws: `.unsupported` for a recording without a template and a rule, `.notRecording`, or what the recording failed
    ///   with.
    public func beginNextFile() throws(CameraError) { try encoder.beginNextFile() }

    /// Makes the next frame a key frame; does not wait, and may be called from any thread.
    ///
    /// - Throws: `.notRecording`; what the recording failed with.
    public func requestKeyFrame() throws(CameraError) { try encoder.requestKeyFrame() }

    /// Changes the bit rate from the next frame on.
    ///
    /// - Parameter bitRate: Bits per second.
    /// - Throws: `.unsupported` where the codec or its rate control cannot, `.invalidValue`; the recording goes on as before.
    public func setBitRate(_ bitRate: Int) throws(CameraError) { try encoder.setBitRate(bitRate) }

    /// Leaves out the camera's frames until ``resume()``; the times of the pictures run on without a gap.
    ///
    /// - Throws: `.notRecording`; what the recording failed with.
    public func pause() throws(CameraError) { try encoder.pause() }

    /// Takes frames again after ``pause()``, from a key frame on where the codec can make one.
    ///
    /// - Throws: `.notRecording`; what the recording failed with.
    public func resume() throws(CameraError) { try encoder.resume() }

    /// Ends the recording and finishes its file; frames that were taken are written, and its port is free.
    ///
    /// - Throws: What went wrong during the recording or while finishing it.
    public func stop() throws(CameraError) { try camera.open.stop(encoder, on: splitterPort) }

    /// Adds an output for the pictures beside the recording's own: what is encoded once goes to both.
    ///
    /// ```swift
    /// let copy = try recording.add("/mnt/usb/copy.mp4")
    /// try recording.wait(.seconds(60))
    /// try recording.remove(copy)
    /// ```
    ///
    /// It begins with the next frame, which becomes a key frame, and is written to on the recording's callback thread. What may
    /// be slow belongs into a `QueuedOutput`, which has a thread of its own. An output that fails is closed and told by
    /// ``CameraEvent/outputFailed(splitterPort:_:)``; the recording goes on, and its end throws the error.
    ///
    /// - Parameters:
    ///   - output: A path, or an output of the program's. It stays one file: splits are of the recording's own.
    ///   - reopening: With anything but `.never` a path is queued, and opened again when it fails;
    ///     ``CameraEvent/outputChanged(splitterPort:name:_:)`` tells of it.
    /// - Returns: The key of the output, for `remove` and ``outputs``.
    /// - Throws: `.notRecording`; what opening the path threw; `.busy` for an output in use; `.invalidFormat` for a file name
    ///   of another format; `.invalidValue` for a template.
    @discardableResult
    public func add(_ output: OutputTarget, reopening: Reopening = .never) throws(CameraError) -> OutputKey {
        try output.checkAdding(to: encoder.format)
        return try encoder.add(output, reopening: reopening)
    }

    /// Closes an output that was added, behind the pictures that were encoded by now.
    ///
    /// - Throws: `.notFound` when there is none, or it has failed; what closing it threw; `.timedOut`.
    public func remove(_ key: OutputKey) throws(CameraError) { try encoder.remove(key) }

    /// Whether the recording goes on.
    public var state: RecordingState { encoder.isActive ? .running : .ended }

    /// Whether the recording is paused.
    public var isPaused: Bool { encoder.isPaused }

    /// The first error of the recording; nil when there was none.
    public var error: CameraError? { encoder.error }

    /// The last picture that was handed to the outputs; nil before the first.
    public var frame: VideoFrame? { encoder.frame }

    /// The counts of the recording's frames.
    public var statistics: EncoderStatistics { encoder.statistics }

    /// The outputs in use, by what they receive; empty after the end.
    public var outputs: [OutputKey: OpenedOutput] { encoder.outputs }
}

extension Recording {
    /// Suspends the task while the recording goes on.
    ///
    /// - Parameter timeout: The longest time to wait; nil to wait until the recording ends or fails.
    /// - Returns: `.ended`, or `.running` after the time-out.
    /// - Throws: What went wrong on the recording's threads; `.cancelled` when the task is cancelled, and the recording goes
    ///   on.
    @discardableResult
    public func wait(_ timeout: Duration? = nil) async throws(CameraError) -> RecordingState {
        let operation = "waiting for the recording"
        try CameraError.checkCancellation(operation)
        try await encoder.suspend(timeout: timeout)
        try CameraError.checkCancellation(operation)
        // By the method that an encoder class of the user's may override.
        return try encoder.wait(timeout: .zero)
    }

    /// Goes on in another output at the next frame; suspends the task until the first picture was written there.
    ///
    /// - Throws: What the blocking method throws; `.cancelled` when the task is cancelled, and the split is made all the same.
    @discardableResult
    public func split(
        to output: OutputTarget?, motionOutput: OutputTarget? = nil, metadataOutput: OutputTarget? = nil
    ) async throws(CameraError) -> VideoFrame {
        try await onThreadOfItsOwn("split", "splitting the recording") { () throws(CameraError) in
            try encoder.split(to: output, motionOutput: motionOutput, metadataOutput: metadataOutput)
        }
    }

    /// Changes the bit rate from the next frame on; suspends the task until that is done.
    ///
    /// - Throws: What the blocking method throws; `.cancelled` when the task is cancelled.
    public func setBitRate(_ bitRate: Int) async throws(CameraError) {
        try await onThreadOfItsOwn("bit-rate", "changing the bit rate") { () throws(CameraError) in
            try encoder.setBitRate(bitRate)
        }
    }

    /// Closes an output that was added; suspends the task meanwhile.
    ///
    /// - Throws: What the blocking method throws; `.cancelled` when the task is cancelled, and the output is closed all the
    ///   same.
    public func remove(_ key: OutputKey) async throws(CameraError) {
        try await onThreadOfItsOwn("remove", "removing an output") { () throws(CameraError) in
            try encoder.remove(key)
        }
    }

    /// Ends the recording and finishes its file; suspends the task meanwhile.
    ///
    /// - Throws: What the blocking method throws; `.cancelled` when the task is cancelled, and the recording is stopped all the
    ///   same.
    public func stop() async throws(CameraError) {
        try await onThreadOfItsOwn("stop", "stopping the recording") { () throws(CameraError) in
            try camera.open.stop(encoder, on: splitterPort)
        }
    }
}

extension OutputTarget {
    /// Throws for a file that cannot be a second one of a recording of this format.
    package func checkAdding(to format: MediaFormat) throws(CameraError) {
        guard case .path(let path) = self else { return }
        let operation = "adding an output"
        if try FileTemplate(path).isSeries {
            throw CameraError(
                .invalidValue, operation, subject: path,
                reason: "an output that is added stays one file; give it a plain name")
        }
        try check(for: format, operation)
        guard !path.contains("://"), let suffix = MediaFormat.fileExtension(of: path),
            !MediaFormat.containers.contains(suffix),
            let named = try? MediaFormat(forFile: path, among: MediaFormat.video), named != format
        else { return }
        throw CameraError(
            .invalidFormat, operation, subject: path,
            reason: "the recording is \(format), which a .\(suffix) file does not hold; end the name in .\(format)")
    }
}
