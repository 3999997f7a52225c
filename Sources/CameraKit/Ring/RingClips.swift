// SPDX-License-Identifier: MIT

public import CameraCore
public import CameraEncoders
public import CameraOutputs
internal import Synchronization

/// Writes the pictures of a ring into a series of files: what was before an event, and what comes after it.
///
/// ```swift
/// let ring = try CircularOutput(.time(.seconds(20)))
/// let recording = try camera.startRecording(to: .output(ring), format: .h264)
/// let clips = try RingClips(of: ring, to: "event-{counter:03d}.mp4")
/// // ... when something happened:
/// try clips.trigger(before: .seconds(10), after: .seconds(30))
/// // ... in the end:
/// try recording.stop()
/// try clips.close()
/// ```
///
/// May be used from any thread, also from outputs of the recording. The files are written by threads of their own, for which
/// neither the ring nor the encoder waits.
public final class RingClips: Sendable {
    private let ring: CircularOutput
    private let names: ClipNames
    private let keeper: RetentionKeeper?
    private let port: Int
    private let onEvent: @Sendable (CameraEvent) -> Void
    private let state = Mutex(State())

    private struct State {
        /// The files that are being written, in the order in which they were begun.
        var runs: [Run] = []
        var syncing = SyncingFiles()
        /// The first error of an event's file.
        var failure: CameraError?
        var isClosed = false

        /// Forgets a file that is written no more; whether it was among them.
        @discardableResult
        mutating func remove(_ clip: Clip) -> Bool {
            guard let index = runs.firstIndex(where: { $0.clip === clip }) else { return false }
            runs.remove(at: index)
            return true
        }
    }

    private struct Run {
        let clip: Clip
        let writer: PacketWriter
        /// Whether it is the file of an event; the others are waited for.
        let isEvent: Bool
        /// The moment that it has to begin with or before; nil for all that the ring had.
        let start: Timestamp?

        /// Whether it becomes the file of another event as well.
        func takes(from start: Timestamp?, until end: Timestamp) -> Bool {
            guard isEvent else { return false }
            if let own = self.start, let start, start < own { return false }
            return writer.extend(to: end)
        }
    }

    /// The most files that are written at once: on a disk that stands still there would be more with each event.
    private static let capacity = 4
    private static let operation = "writing the ring"

    /// Prepares for writing; no file is made yet.
    ///
    /// What an earlier program left unfinished of the template is repaired.
    ///
    /// - Parameters:
    ///   - ring: The ring to write.
    ///   - template: The template of the files' names, whose extension may be that of a container; without a place it names
    ///     one file, which each write replaces.
    ///   - times: The template of the names of files with the pictures' times, see ``PTSOutput``; nil for none.
    ///   - metadata: The template of the names of files with what is known about the pictures, see ``MetadataOutput``; nil for
    ///     none.
    ///   - sync: When the files go to the disk.
    ///   - retention: How much of the files is kept; nil for all.
    ///   - splitterPort: The port of the ring's recording, for events.
    ///   - onEvent: Told of each file that is finished, fails, is repaired or goes, on a thread of its own; must not wait.
    ///   - keepsFile: Whether `retention` leaves a file alone, as ``RecordingRequest/keepsFile``; nil where it does with none.
    /// - Throws: `.invalidValue` for a template that cannot be read, or whose files cannot be kept within bounds; `.output` where
    ///   its folder is missing or takes no files, unless there is `retention`, which makes folders.
    public convenience init(
        of ring: CircularOutput, to template: String, times: String? = nil, metadata: String? = nil,
        sync: SyncPolicy = .none, retention: Retention? = nil, splitterPort: Int = 1,
        onEvent: @escaping @Sendable (CameraEvent) -> Void = { _ in },
        keepsFile: (@Sendable (String) -> Bool)? = nil
    ) throws(CameraError) {
        let series = try FileSeries { onEvent(.nameTaken(name: $0, instead: $1)) }
        try self.init(
            of: ring, to: template, times: times, metadata: metadata, sync: sync, retention: retention,
            splitterPort: splitterPort, series: series, onEvent: onEvent, keepsFile: keepsFile)
    }

    /// Prepares for writing, with the series that numbers the files.
    package init(
        of ring: CircularOutput, to template: String, times: String?, metadata: String?, sync: SyncPolicy,
        retention: Retention?, splitterPort: Int, series: FileSeries,
        onEvent: @escaping @Sendable (CameraEvent) -> Void, keepsFile: (@Sendable (String) -> Bool)? = nil
    ) throws(CameraError) {
        self.ring = ring
        port = splitterPort
        self.onEvent = onEvent
        var keeper: RetentionKeeper?
        if let retention {
            keeper = try RetentionKeeper(
                retention, template, companions: [times, metadata].compactMap(\.self),
                isRenumbered: series.isRenumbered, port: splitterPort, timeout: .seconds(15), keeping: keepsFile,
                report: onEvent)
        }
        self.keeper = keeper
        names = try ClipNames(template, times: times, metadata: metadata, series, sync, keeper)
        if !series.isRenumbered { InterruptedFiles.repair(names.pictures, port: port, report: onEvent) }
    }

    deinit { keeper?.end(waiting: false) }

    /// Whether each event and each write makes a file of its own.
    public var isSeries: Bool { names.pictures.isSeries }

    /// Whether a file is being written.
    public var isWriting: Bool { state.withLock { !$0.runs.isEmpty } }

    /// Begins the file of an event, which ends by itself, or prolongs the one that is being written; does not wait.
    ///
    /// The file begins with the newest key frame that is at least `before` older than the event, or else with the oldest that the
    /// ring keeps. Its last picture is the last that is taken before `after` has passed; in a stream with B-frames a few follow,
    /// up to the one that the last ones need. Between these no picture is missing. While a file is being written,
    /// another event moves its end; one for which it begins too late gets a file of its own. It ends earlier with the recording.
    ///
    /// - Parameters:
    ///   - moment: When it happened, such as the ``PacketInfo/sensorTime`` of a picture; nil for now, or for the newest picture
    ///     where the source's clock is ahead.
    ///   - before: The time before it that the file has at least; nil for all that the ring keeps.
    ///   - after: The time after it that the file has.
    /// - Throws: `.invalidValue` for times below 0 and for more than the ring keeps; `.busy` when too many files
    ///   stand still; `.closed`; `.system` when the kernel gives no more threads.
    public func trigger(
        at moment: Timestamp? = nil, before: Duration? = nil, after: Duration
    ) throws(CameraError) {
        try check(before, after)
        let moment = moment ?? max(.now, ring.newestMoment ?? .now)
        let (start, end) = (before.map { moment - $0 }, moment + after)
        try state.withLock { state throws(CameraError) in
            guard !state.runs.contains(where: { $0.takes(from: start, until: end) }) else { return }
            try begin(from: start, until: end, isEvent: true, &state)
        }
    }

    private func check(_ before: Duration?, _ after: Duration) throws(CameraError) {
        let operation = "beginning the file of an event"
        guard after >= .zero, before ?? .zero >= .zero else {
            throw CameraError(.invalidValue, operation, reason: "the times before and after it are 0 or more")
        }
        if let before, case .time(let kept) = ring.limit, before > kept {
            throw CameraError(
                .invalidValue, operation, subject: "before \(before)",
                reason: "the ring keeps only \(kept); make it with as much as is asked for")
        }
    }

    /// Writes the pictures of the ring to the next file, from its oldest key frame on, and waits until it is complete.
    ///
    /// `{timestamp}` in the names is the time of the first picture. When a file of times or metadata fails, the pictures' file
    /// is completed all the same, and the error is thrown afterwards.
    ///
    /// - Parameter timeout: The longest time that the file may take no picture while it is written.
    /// - Throws: `.nothingToCopy`, `.timedOut`, `.output`, `.busy` when too many files stand still, `.closed`.
    public func write(timeout: Duration = .seconds(15)) throws(CameraError) {
        let run = try state.withLock { state throws(CameraError) in
            try begin(from: nil, until: nil, isEvent: false, &state)
        }
        run.writer.finish()
        run.writer.wait(patience: timeout)
        _ = state.withLock { $0.remove(run.clip) }
        if let error = run.writer.error { throw error }
        guard run.clip.finished != nil else { throw Self.emptiness }
        // Of those before it; what is on the disk is not kept any longer. It does not wait.
        _ = try state.withLock { state throws(CameraError) in try state.syncing.check(until: .now) }
    }

    /// Ends the files that are being written with the newest picture, waits until they are complete, and on the disk as far as
    /// their sync policy asks for that, and refuses further use.
    ///
    /// - Parameter timeout: The longest time that a file may take no picture, and that the disk may take.
    /// - Throws: The first error of an event's file, from the beginning on; `.timedOut`; what syncing a file failed with.
    public func close(timeout: Duration = .seconds(15)) throws(CameraError) {
        let runs = state.withLock { state in
            state.isClosed = true
            return state.runs
        }
        for run in runs { run.writer.finish() }
        let start = Timestamp.now
        for run in runs {
            run.writer.wait(patience: timeout, since: start)
            if state.withLock({ $0.remove(run.clip) }), let error = run.writer.error { fail(error) }
        }
        keeper?.end(waiting: true)
        // Out of the lock, which nobody may wait for as long as a disk takes.
        let (failure, syncing) = state.withLock { state in
            defer { state.syncing = SyncingFiles() }
            return (state.failure, state.syncing)
        }
        var files = syncing
        guard try !files.check(until: .now + timeout) else {
            if let failure { throw failure }
            return
        }
        throw CameraError(
            .timedOut, "syncing the files to the disk", reason: "the disk did not take them within \(timeout)")
    }

    // MARK: A file

    @discardableResult
    private func begin(
        from start: Timestamp?, until end: Timestamp?, isEvent: Bool, _ state: inout State
    ) throws(CameraError) -> Run {
        guard !state.isClosed else { throw CameraError(.closed, Self.operation) }
        guard state.runs.count < Self.capacity else {
            throw CameraError(
                .busy, Self.operation, subject: state.runs[0].clip.description,
                reason: "\(Self.capacity) files are being written already, and the disk may stand still")
        }
        let clip = Clip(names)
        let output = OpenedOutput(clip, isOwned: true, name: clip.description)
        let writer = try ring.startStretch(to: output, from: start, until: end) { [weak self] in self?.note($0, clip) }
        let run = Run(clip: clip, writer: writer, isEvent: isEvent, start: start)
        state.runs.append(run)
        return run
    }

    /// Takes a change of a file's writer, on its thread.
    private func note(_ change: QueuedOutput.State, _ clip: Clip) {
        var failure: CameraError?
        switch change {
        case .ended: if clip.finished == nil { failure = Self.emptiness }
        case .failed(let error): failure = error
        default: return
        }
        // One that was given up is none of these any more, but may have been completed since.
        var unsynced: CameraError?
        let isEvent = state.withLock { state in
            let isEvent = state.runs.contains { $0.clip === clip && $0.isEvent }
            state.remove(clip)
            if let file = clip.file, clip.finished != nil { state.syncing.add(file) }
            // What is on the disk is not kept any longer: there are events for months. It does not wait.
            do throws(CameraError) {
                try state.syncing.check(until: .now)
            } catch {
                unsynced = error
            }
            return isEvent
        }
        if let unsynced { fail(unsynced) }
        if let file = clip.finished {
            keeper?.noteFinished()
            onEvent(.fileFinished(splitterPort: port, file))
        }
        if isEvent, let failure { fail(failure) }
    }

    /// Keeps the first error of an event's file, and tells of each.
    func fail(_ error: CameraError) {
        state.withLock { $0.failure = $0.failure ?? error }
        onEvent(.outputFailed(splitterPort: port, error))
    }

    private static var emptiness: CameraError {
        CameraError(.nothingToCopy, operation, reason: "the ring has no key frame yet, and none came")
    }
}
