// SPDX-License-Identifier: MIT

public import CameraCore
public import CameraEncoders
public import CameraOutputs

/// The methods that take pictures, for `async` functions.
extension Camera {
    /// Takes a picture; suspends the task until it is written.
    ///
    /// - Parameters:
    ///   - output: The path of a file, or an output of the user's, which is flushed, never closed.
    ///   - format: The format; nil for the one that the name of the file or the output tells.
    ///   - stream: The camera's stream that the picture is taken from, 0 for the main one.
    ///   - resize: The size to scale to; nil for the camera's own.
    ///   - splitterPort: A port that no recording uses.
    ///   - timeout: The longest time to wait for the picture; nil for ``captureTimeout``.
    ///   - sync: ``SyncPolicy/none`` lets the system write the file to the disk when it likes; with any other policy the file
    ///     is on the disk when the call ends.
    ///   - options: Quality and the rest.
    ///   - encoder: Makes the encoder, on another thread; nil for the one that fits the format.
    /// - Throws: What the blocking method throws; `.cancelled` when the task is cancelled, and the picture is taken all the
    ///   same.
    public func capture(
        to output: OutputTarget, format: MediaFormat? = nil, stream: Int = 0, resize: Resolution? = nil,
        splitterPort: Int = 0, timeout: Duration? = nil, sync: SyncPolicy = .none,
        options: EncoderOptions = EncoderOptions(),
        encoder: (@Sendable (EncoderConfiguration) throws -> OneImageEncoder)? = nil
    ) async throws(CameraError) {
        try await onThreadOfItsOwn("capture", "taking a picture") { () throws(CameraError) in
            try self.capture(
                to: output, format: format, stream: stream, resize: resize, splitterPort: splitterPort,
                timeout: timeout, sync: sync, options: options, encoder: encoder)
        }
    }

    /// Takes pictures into a series of files; suspends the task until the last one is written.
    ///
    /// - Parameters:
    ///   - paths: The files; item n+1 is asked for, on another thread, when picture n is written.
    ///   - format: The format; nil for the one that the first file's name tells.
    ///   - useVideoPort: Whether one encoder takes all pictures, at the camera's rate; otherwise each has its own encoder.
    ///   - resize: The size to scale to; nil for the camera's own.
    ///   - splitterPort: A port that no recording uses.
    ///   - timeout: The longest time to wait for each picture; nil for ``captureTimeout``.
    ///   - sync: ``SyncPolicy/none`` lets the system write files to the disk when it likes; with any other policy each file is
    ///     on the disk before the next picture is taken.
    ///   - options: Quality and the rest.
    ///   - encoder: Makes the encoder for `useVideoPort`, on another thread; nil for the one that fits the format.
    /// - Throws: What the blocking method throws; `.cancelled` when the task is cancelled: the picture that is being taken is
    ///   finished, and no other follows.
    public func captureSequence(
        to paths: some Sequence<String> & Sendable, format: MediaFormat? = nil, useVideoPort: Bool = false,
        resize: Resolution? = nil, splitterPort: Int = 0, timeout: Duration? = nil,
        sync: SyncPolicy = .none, options: EncoderOptions = EncoderOptions(),
        encoder: (@Sendable (EncoderConfiguration) throws -> MultiImageEncoder)? = nil
    ) async throws(CameraError) {
        try await takeSeries(paths) { paths throws(CameraError) in
            try self.captureSequence(
                to: paths, format: format, useVideoPort: useVideoPort, resize: resize, splitterPort: splitterPort,
                timeout: timeout, sync: sync, options: options, encoder: encoder)
        }
    }

    /// Takes pictures into a series of outputs of the user's; suspends the task until the last one is written.
    ///
    /// Without a format, the ``Output/name`` of the first output tells it; where that output has no name, pictures are JPEG, as
    /// in picamera.
    ///
    /// - Throws: What the blocking method throws; `.cancelled` when the task is cancelled: the picture that is being taken is
    ///   finished, and no other follows.
    public func captureSequence(
        to outputs: some Sequence<any Output> & Sendable, format: MediaFormat? = nil, useVideoPort: Bool = false,
        resize: Resolution? = nil, splitterPort: Int = 0, timeout: Duration? = nil,
        sync: SyncPolicy = .none, options: EncoderOptions = EncoderOptions(),
        encoder: (@Sendable (EncoderConfiguration) throws -> MultiImageEncoder)? = nil
    ) async throws(CameraError) {
        try await takeSeries(outputs) { outputs throws(CameraError) in
            try self.captureSequence(
                to: outputs, format: format, useVideoPort: useVideoPort, resize: resize, splitterPort: splitterPort,
                timeout: timeout, sync: sync, options: options, encoder: encoder)
        }
    }

    /// Takes pictures on another thread until the task is cancelled.
    private func takeSeries<Targets: Sequence & Sendable>(
        _ targets: Targets, _ body: @escaping @Sendable (LazyPrefixWhileSequence<Targets>) throws(CameraError) -> Void
    ) async throws(CameraError) {
        let isCancelled = Monitor(false)
        let result = await withTaskCancellationHandler {
            await onThreadOfItsOwn("capture") { () throws(CameraError) in
                try body(targets.lazy.prefix { _ in !isCancelled.withLock { $0 } })
            }
        } onCancel: {
            isCancelled.withLock { $0 = true }
        }
        try CameraError.checkCancellation("taking pictures")
        try result.get()
    }
}
