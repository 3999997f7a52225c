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
    let news: Hub<News>
    /// What was recorded; nil where nobody keeps account of it.
    let archive: ServedArchive?
    let snapshots = Snapshots()
    let playlist = LivePlaylist()
    /// How long the thread may be busy, as with files that a disk does not take, before it counts as hanging; and how long a driver
    /// may keep the camera's own thread before the camera is given up.
    let patience: Duration
    private let threadName: String
    private let work: Monitor<Work>
    private let board = Monitor(Board())

    /// What the thread has to do.
    struct Work {
        var requests: Deque<@Sendable (StationRun) -> Void> = []
        /// Whether something has changed that it has to look at.
        var isDirty = true
        var isEnding = false
        var isEnded = false
        /// Since when the thread is busy; nil while it waits for work.
        var busySince: Timestamp?
        /// What it is busy with, the whole in front of its parts.
        var doing: [String] = []
        /// Whether those who listen know that it hangs.
        var isHangTold = false
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
    private static let requestPatience = Duration.seconds(45)

    /// Begins to serve a camera, on a thread of its own.
    init(
        _ plan: ServedCamera, number: Int, news: Hub<News>, archive: ServedArchive?, patience: Duration
    ) throws(CameraError) {
        self.plan = plan
        self.news = news
        self.archive = archive
        self.patience = patience
        threadName = "serve\(number)"
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
        _ = try WorkerThread(threadName) { [self] in StationRun(self).run() }
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
    /// - Throws: What `body` throws; `.timedOut`, at once where the thread hangs; `.closed`.
    func ask<Value: Sendable>(
        _ operation: String, _ body: @escaping @Sendable (StationRun) throws(CameraError) -> Value
    ) async throws(CameraError) -> Value {
        if let hang { throw CameraError(.timedOut, operation, subject: plan.name, reason: hang) }
        let outcome = Monitor<Result<Value, CameraError>?>(nil)
        let isTaken = work.update { work in
            guard !work.isEnding else { return false }
            work.requests.append { run in
                let result = Result { () throws(CameraError) in
                    try self.during(operation) { () throws(CameraError) in try body(run) }
                }
                outcome.update { $0 = result }
            }
            return true
        }
        guard isTaken else { throw CameraError(.closed, operation, subject: plan.name) }
        let result = await outcome.suspend(until: .now + Self.requestPatience) { $0 }
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

    /// What the thread has been busy with for too long, in words; nil while it does not hang.
    ///
    /// Such a thread is left alone: it goes on when its camera or disk answers.
    var hang: String? {
        let (since, doing) = work.withLock { ($0.busySince, $0.doing) }
        guard let since, Timestamp.now - since > patience else { return nil }
        let place = ([threadName] + doing).joined(separator: " > ")
        return "its thread has not come back for \((Timestamp.now - since).components.seconds) s: \(place)"
    }

    /// Why it has not ended, in words.
    var lateness: String {
        "the camera '\(plan.name)' is left behind: \(hang ?? "it or its disk does not answer in time")"
    }

    /// Tells those who listen once that the thread hangs, and once that it goes on.
    func tellOfHang() {
        let hang = hang
        let isNews = work.withLock { work in
            defer { work.isHangTold = hang != nil }
            return work.isHangTold != (hang != nil)
        }
        guard isNews else { return }
        if let hang {
            news.tell(plan.name, "camera", "hanging", hang)
        } else {
            news.tell(plan.name, "camera", "answers")
        }
    }

    /// Ends it: recordings are finished, the camera is closed where it is the server's.
    func end() { work.update { $0.isEnding = true } }

    /// Waits until it has ended.
    func waitForEnd(until deadline: Timestamp?) async -> Bool {
        await work.suspend(until: deadline) { $0.isEnded ? true : nil } ?? false
    }

    // MARK: The station's thread

    /// Does something whose name is told when it takes too long.
    func during<Value, Failure: Error>(
        _ name: String, _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        work.withLock { $0.doing.append(name) }
        defer { work.withLock { _ = $0.doing.popLast() } }
        return try body()
    }

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
        work.withLock { $0.busySince = nil }
        let found = work.wait(until: deadline) { work -> [@Sendable (StationRun) -> Void]?? in
            if work.isEnding { return .some(nil) }
            guard work.isDirty || !work.requests.isEmpty else { return nil }
            work.isDirty = false
            defer { work.requests = [] }
            return .some(Array(work.requests))
        }
        work.withLock { $0.busySince = .now }
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
            work.busySince = nil
            work.isEnded = true
        }
    }
}
