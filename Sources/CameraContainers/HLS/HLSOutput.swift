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
    private let phase: Mutex<Phase>

    private enum Phase {
        /// No recording writes to it.
        case claimed(HLSFolder)
        /// A recording does.
        case begun(HLSRun)
        /// A write failed: what comes after it is refused.
        case broken(HLSRun)
        /// A call works with it, and gives it back.
        case inUse
        /// Closed while a call worked with it, which releases it when it is done.
        case releasing(discarding: Bool)
        case closed
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
        phase = Mutex(.claimed(try HLSFolder(path, timeout: timeout, keeper: keeper)))
    }

    deinit {
        // Whoever drops an output without closing it gives up the error that ``close()`` throws.
        discard()
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
        let folder = try phase.withLock { (phase) throws(CameraError) in
            guard case .claimed(let folder) = phase else { throw refusal(in: phase) }
            phase = .inUse
            return folder
        }
        try giveBack(.begun(HLSRun(stream, options, folder)))
    }

    /// Takes a picture; with the first one of a segment the one before is written and listed.
    ///
    /// - Throws: `.codec` when neither the stream nor its first picture tells the parameter sets; `.output`; `.closed`; `.busy`
    ///   while another thread writes to it.
    public func write(_ bytes: RawSpan, _ info: PacketInfo) throws(CameraError) {
        try bytes.withUnsafeBytes { (bytes) throws(CameraError) in try write(bytes, info) }
    }

    private func write(_ bytes: UnsafeRawBufferPointer, _ info: PacketInfo) throws(CameraError) {
        var run = try phase.withLock { (phase) throws(CameraError) in
            guard case .begun(let run) = phase else { throw refusal(in: phase) }
            phase = .inUse
            return run
        }
        let mustAsk: Bool
        do throws(CameraError) {
            mustAsk = try run.add(bytes, info)
        } catch {
            // The error that counts is the one before.
            try? giveBack(.broken(run))
            throw error
        }
        let stream = run.stream
        try giveBack(.begun(run))
        if mustAsk { stream.requestKeyFrame() }
    }

    /// Completes the last segment, and says in the playlist that none follows; does nothing when no recording writes to it.
    ///
    /// - Throws: `.output`; `.busy` while another thread writes to it.
    public func end() throws(CameraError) {
        let taken = try phase.withLock { (phase) throws(CameraError) -> (HLSRun, isBroken: Bool)? in
            switch phase {
            case .claimed, .releasing, .closed: return nil
            case .inUse: throw refusal(in: phase)
            case .begun(let run):
                phase = .inUse
                return (run, false)
            case .broken(let run):
                phase = .inUse
                return (run, true)
            }
        }
        guard case (var run, let isBroken)? = taken else { return }
        do throws(CameraError) {
            if isBroken { run.giveUp() } else { try run.finish() }
        } catch {
            // The list ends behind the last segment that is complete; the error that counts is the one before.
            run.giveUp()
            try? giveBack(.claimed(run.folder))
            throw error
        }
        try giveBack(.claimed(run.folder))
    }

    /// Gives the playlist back, which stays as it is; a call that works with it on another thread does so when it is done.
    public func close() throws(CameraError) { try release(discarding: false) }

    /// Gives the playlist back as ``close()`` does, and deletes it if it was created and has no segment.
    public func discard() { try? release(discarding: true) }

    // MARK: Phases

    /// Why a call cannot be now.
    private func refusal(in phase: Phase) -> CameraError {
        switch phase {
        case .claimed:
            CameraError(
                .output, HLSFolder.operation, subject: path, reason: "it was not begun, or has ended")
        case .broken:
            CameraError(.output, HLSFolder.operation, subject: path, reason: "a write before failed")
        case .begun, .inUse:
            CameraError(
                .busy, HLSFolder.operation, subject: path,
                reason: "another recording or thread writes to it; give each a playlist of its own")
        case .releasing, .closed:
            CameraError(.closed, HLSFolder.operation, subject: path)
        }
    }

    /// Gives back what a call worked with, or releases it where it was closed meanwhile.
    private func giveBack(_ next: Phase) throws(CameraError) {
        let discarding = phase.withLock { phase -> Bool? in
            guard case .releasing(let discarding) = phase else {
                phase = next
                return nil
            }
            phase = .closed
            return discarding
        }
        if let discarding { try Self.release(next, discarding: discarding) }
    }

    private func release(discarding: Bool) throws(CameraError) {
        let taken = phase.withLock { phase in
            let taken = phase
            switch phase {
            case .inUse: phase = .releasing(discarding: discarding)
            case .releasing, .closed: break
            case .claimed, .begun, .broken: phase = .closed
            }
            return taken
        }
        try Self.release(taken, discarding: discarding)
    }

    private static func release(_ phase: Phase, discarding: Bool) throws(CameraError) {
        let folder: HLSFolder
        switch phase {
        case .claimed(let present): folder = present
        case .begun(let run), .broken(let run): folder = run.folder
        case .inUse, .releasing, .closed: return
        }
        if discarding { folder.discard() } else { try folder.close() }
    }
}
