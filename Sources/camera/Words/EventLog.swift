// SPDX-License-Identifier: MIT

internal import CameraCommands
internal import CameraKit
internal import CameraServer
internal import Synchronization

/// Tells a camera's events as warnings, and keeps what is told at the end.
///
/// Each kind is told once per second at most; of some the library sees to that.
final class EventLog: Sendable {
    /// A time when the camera was away.
    struct Interruption: Encodable {
        /// Frames in the files that were finished before its end.
        let frames: Int
        /// How long the camera was waited for.
        let seconds: Double
    }

    /// A file that was deleted to make room for others.
    struct Removal: Encodable {
        let path: String
        let bytes: Int
        let reason: String
    }

    private let isDone = Monitor(false)
    private let losses = Losses()
    private let account = Monitor(Account())

    private struct Account {
        var files: [FileSummary] = []
        var frames = 0
        var interruptions: [Interruption] = []
        var removals: [Removal] = []
        /// When each kind of event was told last.
        var told: [String: Timestamp] = [:]

        /// Whether a kind was not told within the last second, and so is told now.
        mutating func mayTell(_ kind: String) -> Bool {
            let now = Timestamp.now
            if let last = told[kind], now - last < .seconds(1) { return false }
            told[kind] = now
            return true
        }
    }

    private let keepsFiles: Bool
    private let tellsFiles: Bool
    private let tellsLosses: Bool
    private let tellsRemovals: Bool
    private let onFile: @Sendable (FinishedFile) -> Void

    /// Listens until the events end with the closing of their camera.
    ///
    /// - Parameters:
    ///   - events: A camera's events.
    ///   - keepsFiles: Whether each finished file is of interest at the end; a run of months has many.
    ///   - tellsFiles: Whether to tell of each finished file.
    ///   - tellsLosses: Whether to tell of frames that the camera loses.
    ///   - tellsRemovals: Whether to tell of files that are deleted.
    ///   - onFile: Called for each finished file; must not wait.
    init(
        _ events: AsyncStream<CameraEvent>, keepsFiles: Bool = false, tellsFiles: Bool = false,
        tellsLosses: Bool = false, tellsRemovals: Bool = false,
        onFile: @escaping @Sendable (FinishedFile) -> Void = { _ in }
    ) {
        self.keepsFiles = keepsFiles
        self.tellsFiles = tellsFiles
        self.tellsLosses = tellsLosses
        self.tellsRemovals = tellsRemovals
        self.onFile = onFile
        Task.detached { [self] in
            for await event in events { note(event) }
            isDone.update { $0 = true }
        }
    }

    /// Takes an event, of the camera's or of another source.
    func note(_ event: CameraEvent) {
        switch event {
        case .framesLost(let count): if tellsLosses { losses.add(count) }
        case .fileFinished(_, let file):
            let summary = FileSummary(file)
            account.withLock { account in
                if file.key == .frame { account.frames += file.frames }
                if keepsFiles { account.files.append(summary) }
            }
            if tellsFiles { Console.print("camera: \(summary.text)") }
            onFile(file)
        case .fileRemoved(_, let file):
            if keepsFiles {
                let removal = Removal(path: file.name, bytes: file.bytes, reason: file.reason.rawValue)
                account.withLock { $0.removals.append(removal) }
            }
            if tellsRemovals { Console.print("camera: \(Self.removed(file))") }
        case .sourceReturned(_, let time):
            account.withLock { account in
                account.interruptions.append(Interruption(frames: account.frames, seconds: time.roundedSeconds))
            }
        default: break
        }
        guard let (kind, text) = event.warning else { return }
        if let kind, !account.withLock({ $0.mayTell(kind) }) { return }
        Console.print("camera: \(text)", .warning)
    }

    /// The files that were finished.
    var files: [FileSummary] { account.withLock(\.files) }

    /// The files that were deleted.
    var removals: [Removal] { account.withLock(\.removals) }

    /// The camera's absences.
    var interruptions: [Interruption] { account.withLock(\.interruptions) }

    /// Waits until the events of a closed camera are told.
    func finish() {
        _ = isDone.wait(until: .now + .seconds(1)) { $0 ? true : nil }
        losses.finish()
    }

    /// The line for a file that was deleted.
    private static func removed(_ file: RemovedFile) -> String {
        let reason =
            switch file.reason {
            case .free: "to keep the free space"
            case .size: "since the files take more than they may"
            case .age: "since it is older than files are kept"
            case .files: "since there are more files than are kept"
            case .fullDisk: "since the disk is full"
            }
        return "\(file.name): deleted, \(Figures.bytes(file.bytes)), \(reason)"
    }

    /// Tells that a file gets another name than its template gave.
    static func tellTaken(_ name: String, _ instead: String) {
        Console.print("camera: \(CameraEvent.words(forTaken: name, instead))", .warning)
    }
}

/// Tells of frames that the camera loses one after the other when that begins, and how many they were when it is over.
private final class Losses: Sendable {
    private let alarm = Alarm()
    private let streak = Mutex<Streak?>(nil)

    private struct Streak {
        var count: Int
        let told: Int
    }

    /// How long nothing must have been lost for a streak to be over.
    private static let quietTime = Duration.seconds(1)

    init() {
        alarm.onRing { [weak self] in self?.tell() }
    }

    /// Counts lost frames.
    func add(_ count: Int) {
        let isFirst = streak.withLock { streak in
            defer { streak = Streak(count: (streak?.count ?? 0) + count, told: streak?.told ?? count) }
            return streak == nil
        }
        if isFirst { Console.print("camera: \(Figures.frames(count)) lost by the camera", .warning) }
        alarm.set(.now + Self.quietTime)
    }

    /// Tells of what is not over yet.
    func finish() {
        alarm.set(nil)
        tell()
    }

    private func tell() {
        guard let streak = streak.withLock({ $0.take() }), streak.count > streak.told else { return }
        Console.print("camera: \(Figures.frames(streak.count)) lost by the camera until now; none any more")
    }
}
