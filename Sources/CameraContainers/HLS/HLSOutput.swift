// SPDX-License-Identifier: MIT

public import CameraCore
public import CameraOutputs
internal import Synchronization

/// A playlist with segments of H.264 or H.265, which any web server can serve (HTTP Live Streaming, RFC 8216).
///
/// For `live/index.m3u8` the folder `live` gets files such as `index-init-0.mp4` and `index-0-15.m4s` as well. A segment begins
/// with a key frame, which the recording is asked for when the one before is long enough. Each is written to its file in one
/// piece and then listed; the playlist is replaced in one step, so that at every moment it names only files that are complete.
/// What it does not name any more is deleted after as long as a slow player may still want it.
///
/// A recording to a playlist that is there begins a new list, numbered behind the old one so that players go on. What
/// earlier recordings left of files with such names is deleted after a while.
///
/// ```swift
/// var options = HLSOptions()
/// options.window = .duration(.seconds(60))
/// try recording.add(.output(HLSOutput(path: "live/index.m3u8", options: options)))
/// ```
public final class HLSOutput: DiscardableOutput {
    /// The playlist's path, which tells the format H.264.
    public let name: String?
    private let path: String
    private let options: HLSOptions
    private let state: Mutex<State>

    private struct State {
        /// The folder, while no recording writes to it.
        var folder: HLSFolder?
        /// The recording; nil while the thread that writes has it.
        var run: HLSRun?
        var isBroken = false
        var isClosed = false
    }

    /// Claims a playlist; what is there stays until the first segment is complete.
    ///
    /// - Parameters:
    ///   - path: The playlist, whose name ends in `.m3u8`; its folder must be there.
    ///   - options: How long segments are, and which are kept.
    /// - Throws: `.invalidFormat` for another name; `.invalidValue` for options that cannot be; what
    ///   ``FileOutput/init(path:sync:atomically:readerTimeout:openTimeout:)`` throws, such as for a folder that is missing.
    public convenience init(path: String, options: HLSOptions = HLSOptions()) throws(CameraError) {
        try self.init(path: path, options: options, timeout: .seconds(15), keeper: nil)
    }

    /// Claims a playlist, with somebody who makes room when the disk is full.
    init(path: String, options: HLSOptions, timeout: Duration?, keeper: (any DiskKeeper)?) throws(CameraError) {
        try options.validate(HLSFolder.operation)
        self.path = path
        self.options = options
        name = path
        state = Mutex(State(folder: try HLSFolder(path, timeout: timeout, keeper: keeper)))
    }

    deinit {
        // Whoever drops an output without closing it gives up the error that ``close()`` throws.
        takeFolder()?.discard()
    }

    /// Begins a list behind what earlier recordings left.
    ///
    /// - Throws: `.unsupported` for other formats than H.264 and H.265; `.closed`; `.busy` while a recording writes to it.
    public func begin(_ stream: StreamDescription) throws(CameraError) {
        guard stream.format.hasKeyFrames else {
            throw CameraError(
                .unsupported, HLSFolder.operation, subject: path,
                reason: "its segments hold H.264 and H.265, not \(stream.format); choose one of these")
        }
        let folder = try state.withLock { (state) throws(CameraError) in
            guard !state.isClosed else { throw CameraError(.closed, HLSFolder.operation, subject: path) }
            guard let folder = state.folder.take() else {
                throw CameraError(
                    .busy, HLSFolder.operation, subject: path, reason: "another recording writes to it")
            }
            return folder
        }
        let run = HLSRun(stream, options, folder)
        state.withLock { state in
            state.run = run
            state.isBroken = false
        }
    }

    /// Takes a picture; with the first one of a segment the one before is written and listed.
    ///
    /// - Throws: `.codec` when neither the stream nor its first picture tells the parameter sets; `.output`; `.closed`.
    public func write(_ bytes: RawSpan, _ info: PacketInfo) throws(CameraError) {
        try bytes.withUnsafeBytes { (bytes) throws(CameraError) in try write(bytes, info) }
    }

    private func write(_ bytes: UnsafeRawBufferPointer, _ info: PacketInfo) throws(CameraError) {
        var run = try state.withLock { (state) throws(CameraError) in
            if state.isClosed { throw CameraError(.closed, HLSFolder.operation, subject: path) }
            guard !state.isBroken, let run = state.run.take() else {
                throw CameraError(
                    .output, HLSFolder.operation, subject: path,
                    reason: state.isBroken ? "a write before failed" : "it was not begun, or has ended")
            }
            return run
        }
        do throws(CameraError) {
            let mustAsk = try run.add(bytes, info)
            let stream = run.stream
            state.withLock { $0.run = run }
            if mustAsk { stream.requestKeyFrame() }
        } catch {
            state.withLock { state in
                state.run = run
                state.isBroken = true
            }
            throw error
        }
    }

    /// Completes the last segment, and says in the playlist that none follows.
    public func end() throws(CameraError) {
        let (taken, isBroken) = state.withLock { ($0.run.take(), $0.isBroken) }
        guard var run = taken else { return }
        defer {
            let folder = run.folder
            state.withLock { $0.folder = folder }
        }
        if isBroken { run.giveUp() } else { try run.finish() }
    }

    /// Gives the playlist back; it stays as it is.
    public func close() throws(CameraError) { try takeFolder()?.close() }

    /// Gives the playlist back, and deletes it if it was created and has no segment.
    public func discard() { takeFolder()?.discard() }

    /// Refuses further use.
    ///
    /// - Returns: The folder; nil when it was taken before, or the thread that writes has it, with which it goes.
    private func takeFolder() -> HLSFolder? {
        state.withLock { state in
            state.isClosed = true
            let folder = state.folder ?? state.run?.folder
            (state.folder, state.run) = (nil, nil)
            return folder
        }
    }
}
