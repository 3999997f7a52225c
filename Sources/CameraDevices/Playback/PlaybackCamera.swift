// SPDX-License-Identifier: MIT

public import CameraCore

/// Plays a file as if it were a camera: YUV4MPEG2, raw video, or any movie that libavcodec decodes.
///
/// No frame is lost: with ``Pacing/real`` a frame is delivered at its time, or later where its consumers are slow. Time
/// counts from the first frame taken, in steps of the file's rate; a movie's own times are kept.
public final class PlaybackCamera: VideoSource, @unchecked Sendable {
    // Unchecked: what changes belongs to the one thread that drives a source at a time.

    /// The file's name without its folder.
    public let name: String
    /// The one stream of the file.
    public let streams: [VideoStream]
    /// True: a file stands still until its frames are taken.
    public let canWait = true
    /// How long one round of the file plays, as far as it tells; nil where it does not.
    package let duration: Duration?
    private let path: String
    private let rawFormat: RawVideoFormat?
    private let frameRate: FrameRate?
    private let asStored: Bool
    private let pacing: Pacing
    private let loop: Bool
    /// Keeps the file from being written to while it is played.
    private var claim: FileClaim?
    private let pause = InterruptibleWait()
    /// The open file; nil after ``stop()``.
    private var file: (any FrameFile)?
    private var run = Run()
    private var isClosed = false

    /// One run from ``start()`` to ``stop()``.
    private struct Run {
        var clock: FrameClock?
        /// The frame read last, when its time has not come.
        var pending: Frame?
        var sequence: UInt64 = 0
        /// By how much frames come later than they are stamped, after the source stood still.
        var delay: Duration = .zero
        /// The value of `sequence` when the present round of the file began.
        var roundStart: UInt64 = 0
    }

    /// Opens a file; its content decides what it is.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - rawFormat: What the file holds, when it is raw video without a header.
    ///   - frameRate: The rate of a file whose pictures have no times, such as motion JPEG in no container; nil for 25, or what
    ///     the pictures say. ``configure(_:)`` tells whether a file has its own.
    ///   - pacing: Whether frames come at their rate or as fast as they are taken.
    ///   - loop: Whether the file begins again at its end; sequence numbers and times run on.
    ///   - asStored: Whether the pictures stay as they are stored; otherwise they are turned upright as the movie or a
    ///     picture's EXIF data says.
    /// - Throws: `.notFound`, `.permissionDenied`, `.unsupported`, `.corruptData` or `.missingLibrary` that names the
    ///   file and the cause; `.busy` when this program writes the file.
    public init(
        path: String, rawFormat: RawVideoFormat? = nil, frameRate: FrameRate? = nil, pacing: Pacing = .real,
        loop: Bool = false, asStored: Bool = false
    ) throws(CameraError) {
        let claim = try FileClaim(reading: path, "opening the video")
        let file = try openFrameFile(path, rawFormat: rawFormat, frameRate: frameRate, asStored: asStored)
        self.claim = claim
        self.file = file
        self.path = path
        self.rawFormat = rawFormat
        self.frameRate = frameRate
        self.asStored = asStored
        self.pacing = pacing
        self.loop = loop
        name = path.split(separator: "/").last.map(String.init) ?? path
        streams = [file.stream]
        duration = file.duration
    }

    /// Accepts a request that asks for what the file has; a file cannot be changed.
    ///
    /// - Throws: `.unsupported` for another size, rate, format or sensor mode.
    public func configure(_ request: SourceConfiguration) throws {
        let stream = streams[0]
        guard request.resolution ?? stream.size == stream.size,
            request.frameRate ?? stream.frameRate == stream.frameRate,
            request.pixelFormat ?? stream.format == stream.format, request.sensorMode ?? 0 == 0
        else {
            throw CameraError(
                .unsupported, "setting up playback of", subject: path,
                reason: "a file has its own size, rate and format, here \(stream.size) at \(stream.frameRate) frames "
                    + "per second in \(stream.format.name); resize or convert on the recording instead")
        }
    }

    /// Begins with the file's first frame.
    public func start() throws {
        guard !isClosed else { throw CameraError(.closed, "playing the video", subject: path) }
        run = Run()
        guard file == nil else { return }
        // The name may have gone to another file.
        claim = nil
        claim = try FileClaim(reading: path, "opening the video")
        let reopened = try openFrameFile(path, rawFormat: rawFormat, frameRate: frameRate, asStored: asStored)
        guard [reopened.stream] == streams else {
            throw CameraError(
                .corruptData, "playing the video", subject: path, reason: "the file has become another one meanwhile")
        }
        file = reopened
    }

    /// Reads the next frame, and waits for its time when paced.
    ///
    /// - Parameter timeout: The longest to wait; nil for no limit.
    /// - Returns: `.frame`, `.damaged` with the number of pictures of a movie that could not be decoded, `.timedOut`,
    ///   `.interrupted` or `.ended`.
    /// - Throws: `.corruptData` after the last good frame, with the fault and its place.
    public func next(timeout: Duration?) throws -> SourceEvent {
        guard let file else { throw CameraError(.closed, "playing the video", subject: path) }
        let deadline = Timestamp.deadline(after: timeout)
        guard pause.wait(until: nil, deadline: nil) == .reached else { return .interrupted }
        let clock = run.clock ?? FrameClock(frameRate: file.stream.frameRate)
        run.clock = clock
        let frame: Frame
        if let pending = run.pending {
            frame = pending
        } else {
            let event = try read(file, clock)
            guard case .frame(let next) = event else { return event }
            frame = next
        }
        guard pacing == .real else { return .frame(frame) }
        let outcome = pause.wait(until: moment(of: frame), deadline: deadline)
        run.pending = outcome == .reached ? nil : frame
        return switch outcome {
        case .reached: .frame(frame)
        case .timedOut: .timedOut
        case .interrupted: .interrupted
        }
    }

    /// Ends the wait of ``next(timeout:)``, or else its next call, at once; from any thread.
    public func interrupt() {
        pause.interrupt()
    }

    /// Ends playing; the next ``start()`` begins with the first frame.
    public func stop() {
        run = Run()
        file = nil
    }

    /// Closes the file; frames stay valid.
    public func close() {
        stop()
        claim = nil
        isClosed = true
    }

    /// Reads the next frame, from the beginning again where the file ends and loops.
    private func read(_ file: any FrameFile, _ clock: FrameClock) throws(CameraError) -> SourceEvent {
        while true {
            let event = try file.read { clock.info(time: $0, sequence: run.sequence) }
            switch event {
            case .frame: run.sequence += 1
            case .ended where loop && run.sequence > run.roundStart:
                run.roundStart = run.sequence
                try file.rewind()
                continue
            default: break
            }
            return event
        }
    }

    /// When to deliver a frame.
    private func moment(of frame: Frame) -> Timestamp {
        let moment = frame.info.timestamp + run.delay
        // After a long stand-still, as while nobody records, the file goes on from now instead of rushing after.
        let late = Timestamp.now - moment
        guard late > .seconds(1) else { return moment }
        run.delay += late
        return moment + late
    }
}
