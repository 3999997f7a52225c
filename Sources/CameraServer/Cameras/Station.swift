// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraKit
internal import DequeModule
internal import Synchronization

/// A served camera while its server runs.
///
/// One thread, the station's, opens and closes the camera, starts and stops its recordings and gives those who watch their
/// pictures (``StationRun``). Others ask that thread, one after the other, or read what the board shows. Phases: running,
/// ending, ended; ``end()`` moves it on.
final class Station: Sendable {
    let plan: ServedCamera
    /// The live pictures in the camera's format.
    let video: LiveStream
    /// The live pictures as JPEG.
    let jpeg: LiveStream
    /// What happened, for those who listen.
    let news: NewsHub
    /// What was recorded; nil where nobody keeps account of it.
    let archive: ServedArchive?
    let snapshots = Snapshots()
    let playlist = LivePlaylist()
    private let work: Monitor<Work>
    private let board = Monitor(Board())

    /// What the thread has to do.
    struct Work {
        var requests: Deque<@Sendable (StationRun) -> Void> = []
        /// Whether something has changed that it has to look at.
        var isDirty = true
        var isEnding = false
        var isEnded = false
        /// When the thread was asked whether it still waits for work, which it has not answered yet.
        var asked: Timestamp?
    }

    /// What others read.
    struct Board: Sendable {
        var state = CameraState.Phase.opening
        /// Why it is away, or why its recording failed.
        var message: String?
        var camera: Camera?
        var recording: Recording?
        var recordingSince: WallTime?
        var recordingFailure: String?
        /// Whether something moves, where movement is looked for.
        var isMoving = false
        /// What streams to other servers do, by their addresses without what is secret.
        var publishing: [String: String] = [:]
    }

    /// How long a request waits for a camera that is being opened.
    private static let openingPatience = Duration.seconds(5)
    /// How long a request waits for the thread, which may be finishing a file.
    private static let patience = Duration.seconds(45)

    /// Begins to serve a camera, on a thread of its own.
    init(_ plan: ServedCamera, number: Int, news: NewsHub, archive: ServedArchive?) throws(CameraError) {
        self.plan = plan
        self.news = news
        self.archive = archive
        let work = Monitor(Work())
        self.work = work
        let wake: @Sendable () -> Void = { work.update { $0.isDirty = true } }
        video = LiveStream(
            plan.format,
            [
                .fragments: LiveBranch(FragmentPackager()), .packets: LiveBranch(RTPPackager()),
                .pictures: LiveBranch(PicturePackager()),
            ], onChange: wake)
        // Each of its pictures stands by itself, and only the newest is worth anything.
        jpeg = LiveStream(
            .mjpeg,
            [
                .packets: LiveBranch(RTPPackager()),
                .pictures: LiveBranch(PicturePackager(), LiveViewer.Bounds(pictures: 2)),
            ], onChange: wake)
        _ = try WorkerThread("serve\(number)") { [self] in StationRun(self).run() }
    }

    // MARK: Others

    /// What the board shows.
    var shown: Board { board.withLock(\.self) }

    /// The live stream of a path's second part: none for the camera's format, "mjpeg" for JPEG.
    func stream(_ name: String?) -> LiveStream? {
        switch name {
        case nil: video
        case "mjpeg": jpeg
        default: nil
        }
    }

    /// The camera, while it is there; waits for one that is just being opened.
    ///
    /// - Throws: `.deviceLost` with why it is away.
    func camera(_ operation: String) async throws(CameraError) -> Camera {
        let opened = await board.suspend(until: .now + Self.openingPatience) { $0.state == .opening ? nil : $0.camera }
        if let camera = opened ?? nil { return camera }
        throw CameraError(
            .deviceLost, operation, subject: plan.name,
            reason: shown.message ?? "the camera is still being opened; try again soon")
    }

    /// Has the station's thread do something, and suspends the task until it is done.
    ///
    /// - Throws: What `body` throws; `.timedOut`; `.closed`.
    func ask<Value: Sendable>(
        _ operation: String, _ body: @escaping @Sendable (StationRun) throws(CameraError) -> Value
    ) async throws(CameraError) -> Value {
        let outcome = Monitor<Result<Value, CameraError>?>(nil)
        let isTaken = work.update { work in
            guard !work.isEnding else { return false }
            work.requests.append { run in
                let result = Result { () throws(CameraError) in try body(run) }
                outcome.update { $0 = result }
            }
            return true
        }
        guard isTaken else { throw CameraError(.closed, operation, subject: plan.name) }
        let result = await outcome.suspend(until: .now + Self.patience) { $0 }
        guard let result else {
            throw CameraError(
                .timedOut, operation, subject: plan.name, reason: "the camera is still busy with what was asked before")
        }
        return try result.get()
    }

    /// Has the station's thread do something soon; nothing once it ends.
    func request(_ body: @escaping @Sendable (StationRun) -> Void) {
        work.update { work in
            if !work.isEnding { work.requests.append(body) }
        }
    }

    /// Has the thread look at what has changed.
    func wake() { work.update { $0.isDirty = true } }

    /// Asks the thread whether it still waits for work, unless that is asked, and tells how long it owes the answer.
    func askForSign() -> Duration {
        let now = Timestamp.now
        return work.update { work in
            guard !work.isEnded else { return .zero }
            let since = work.asked ?? now
            work.asked = since
            return now - since
        }
    }

    /// Ends it: recordings are finished, the camera is closed where it is the server's.
    func end() { work.update { $0.isEnding = true } }

    /// Waits until it has ended.
    func waitForEnd(until deadline: Timestamp?) async -> Bool {
        await work.suspend(until: deadline) { $0.isEnded ? true : nil } ?? false
    }

    // MARK: The station's thread

    /// Changes what the board shows.
    func show(_ change: (inout Board) -> Void) {
        board.update { change(&$0) }
    }

    /// Changes one value that the board shows; whether it was another before.
    func board<Value: Equatable>(changing path: WritableKeyPath<Board, Value>, to value: Value) -> Bool {
        board.update { board in
            defer { board[keyPath: path] = value }
            return board[keyPath: path] != value
        }
    }

    /// Waits for something to do.
    ///
    /// - Parameter deadline: When the thread wants to look anyway.
    /// - Returns: What others ask for; nil when the server ends.
    func nextRequests(until deadline: Timestamp?) -> [@Sendable (StationRun) -> Void]? {
        let found = work.wait(until: deadline) { work -> [@Sendable (StationRun) -> Void]?? in
            work.asked = nil
            if work.isEnding { return .some(nil) }
            guard work.isDirty || !work.requests.isEmpty else { return nil }
            work.isDirty = false
            defer { work.requests = [] }
            return .some(Array(work.requests))
        }
        // After the deadline there is nothing to do but to look.
        return found ?? []
    }

    /// Refuses those who ask once it has ended.
    func close() {
        show { board in
            board.state = .closed
            board.camera = nil
            board.recording = nil
        }
        video.end()
        jpeg.end()
        // Those who asked too late are told when their patience ends, or with the connection.
        work.update { work in
            work.requests = []
            work.isEnded = true
        }
    }
}
