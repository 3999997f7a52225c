// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraOutputs

/// Opens the files of a rule when it is known what their first picture is, on a thread of its own, so that a disk that does
/// not answer stops no recording.
final class NextFileOpener: Sendable {
    /// Opens the files whose first picture was taken at a moment, and tells of each before it does.
    typealias Opening =
        @Sendable (WallTime, _ telling: @Sendable (String) -> Void) throws(CameraError) -> Opened

    /// Files that are open, and what tells that they are in use.
    struct Opened: Sendable {
        let outputs: [OutputKey: OpenedOutput]
        let names: NextFiles
    }

    private enum State {
        case idle
        case wanted(WallTime)
        /// Late: nobody waits for it any more, and it is taken back when it is there.
        case opening(isLate: Bool)
        case done(Result<Opened, CameraError>)
        case closed
    }

    /// What each file of the rule has.
    let keys: Set<OutputKey>
    /// Whether names tell the moment of the first picture.
    let tellsMoments: Bool
    private let state = Monitor(State.idle)
    /// The file that is being opened.
    private let current = Monitor<String?>(nil)
    private let thread: WorkerThread

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - name: The thread's name.
    ///   - keys: What each file of the rule has.
    ///   - tellsMoments: Whether names tell the moment of the first picture.
    ///   - open: Opens files; called from the thread, one at a time.
    /// - Throws: `.system` when the kernel gives no more threads.
    init(
        _ name: String, keys: Set<OutputKey>, tellsMoments: Bool, open: @escaping Opening
    ) throws(CameraError) {
        self.keys = keys
        self.tellsMoments = tellsMoments
        thread = try WorkerThread(name) { [state, current] in
            Self.run(state) { moment throws(CameraError) in
                defer { current.withLock { $0 = nil } }
                return try open(moment) { name in current.withLock { $0 = name } }
            }
        }
    }

    /// The file that is being opened; nil when none is.
    var opening: String? { current.withLock { $0 } }

    /// Opens the files whose first picture was taken at a moment.
    ///
    /// - Parameters:
    ///   - moment: The moment.
    ///   - patience: The longest to wait for them; nil for no limit.
    /// - Returns: The files; nil when they are not open in time, or earlier ones still are being opened.
    /// - Throws: Why they could not be opened.
    func open(at moment: WallTime, patience: Duration?) throws(CameraError) -> Opened? {
        let isAccepted = try state.update { state throws(CameraError) in
            switch state {
            case .idle: state = .wanted(moment)
            case .closed: throw CameraError(.closed, "opening the next file")
            case .wanted, .opening, .done: return false
            }
            return true
        }
        guard isAccepted else { return nil }
        let result = state.waitAndUpdate(until: .deadline(after: patience)) { state -> Result<Opened, CameraError>? in
            switch state {
            case .done(let result):
                state = .idle
                return result
            case .closed: return .failure(CameraError(.closed, "opening the next file"))
            case .idle, .wanted, .opening: return nil
            }
        }
        if let result { return try result.get() }
        let finished = state.update { state -> Result<Opened, CameraError>? in
            switch state {
            case .wanted: state = .idle
            case .opening: state = .opening(isLate: true)
            case .done(let result):
                state = .idle
                return result
            case .idle, .closed: break
            }
            return nil
        }
        return try finished?.get()
    }

    /// Ends the thread and takes back files that nobody took.
    func close() {
        let unused = state.update { state -> State in
            defer { state = .closed }
            return state
        }
        Self.discard(unused)
    }

    /// Whether the caller runs on the thread.
    var isCurrentThread: Bool { thread.isCurrent }

    /// Waits for the end of the thread after ``close()``: what it was opening then has been taken back.
    func join() {
        thread.join()
    }

    private static func discard(_ state: State) {
        guard case .done(.success(let opened)) = state else { return }
        for output in opened.outputs.values { output.discard() }
    }

    private static func run(
        _ state: Monitor<State>, _ open: @Sendable (WallTime) throws(CameraError) -> Opened
    ) {
        while let moment = nextMoment(state) {
            let done: State
            do {
                done = .done(.success(try open(moment)))
            } catch {
                done = .done(.failure(error))
            }
            let isWanted = state.update { current in
                switch current {
                case .opening(isLate: false):
                    current = done
                    return true
                case .opening(isLate: true): current = .idle
                case .idle, .wanted, .done, .closed: break
                }
                return false
            }
            if !isWanted { discard(done) }
        }
    }

    /// Waits for something to open; nil when the end has come.
    private static func nextMoment(_ state: Monitor<State>) -> WallTime? {
        state.wait { state -> WallTime?? in
            switch state {
            case .wanted(let moment):
                state = .opening(isLate: false)
                return moment
            case .closed: return .some(nil)
            case .idle, .opening, .done: return nil
            }
        }
    }
}
