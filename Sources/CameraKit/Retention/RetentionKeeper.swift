// SPDX-License-Identifier: MIT

package import CameraCore
internal import CameraOutputs

/// Keeps the files of one recording within their bounds, on a thread of its own.
///
/// It looks through them when a file begins or is finished, and now and then where only time tells. The recording's own threads
/// wait for it in one case: when their disk is full.
package final class RetentionKeeper: DiskKeeper {
    private let state = Monitor(State())
    private let timeout: Duration
    private let thread: WorkerThread

    private struct State {
        /// Whether something has happened that may let files go.
        var isWoken = false
        /// The files that the recording has begun since the last round.
        var begun: [String] = []
        /// The most bytes that somebody wants on the full disk; nil when nobody does.
        var wanted: Int?
        /// The rounds that were begun for a full disk, and those that are over.
        var roundsBegun = 0
        var roundsDone = 0
        /// Whether the last one of these has deleted a file.
        var hasRemoved = false
        var isEnding = false
        var hasEnded = false
    }

    /// Why the thread does not wait any more.
    private enum Call {
        case woken
        case passedTime
        case fullDisk(wanted: Int)
        case end
    }

    /// Starts the thread, which does nothing before the first call.
    ///
    /// - Parameters:
    ///   - rounds: The bounds and the files.
    ///   - port: The recording's port, for the thread's name.
    ///   - timeout: How long a thread with a full disk waits.
    /// - Throws: `.system` when the kernel gives no more threads.
    package init(_ rounds: RetentionRounds, port: Int, timeout: Duration) throws(CameraError) {
        self.timeout = timeout
        thread = try WorkerThread("enc\(port)-keeper") { [state] in Self.work(state, rounds) }
    }

    /// Takes the path of a file that the recording is about to open: it is newer than all others.
    package func noteBegun(_ path: String) { state.withLock { $0.begun.append(path) } }

    /// Has the files looked through; does not wait.
    package func wake() { state.update { $0.isWoken = true } }

    package func noteFinished() { wake() }

    package func makeRoom(for byteCount: Int) -> Bool {
        let round = state.update { state -> Int? in
            guard !state.isEnding else { return nil }
            state.wanted = max(state.wanted ?? 0, byteCount)
            // One that runs already may have listed the files too early.
            return state.roundsBegun + 1
        }
        guard let round else { return false }
        let answer = state.wait(until: .deadline(after: timeout)) { state -> Bool? in
            if state.roundsDone >= round { return state.hasRemoved }
            return state.hasEnded ? false : nil
        }
        return answer ?? false
    }

    /// Makes the folders of a file that a template names, which go again when they are empty.
    ///
    /// - Throws: `.output`.
    func makeFolders(of name: String, _ template: FileTemplate) throws(CameraError) {
        while let error = template.makeFolders(of: name) {
            if error.tellsFullDisk, makeRoom(for: 1) { continue }
            throw CameraError(.output, "making the folder of a file", subject: name, systemError: error)
        }
    }

    package func end(waiting waits: Bool) {
        state.update { $0.isEnding = true }
        // Files that are listed for longer are none that somebody waits for.
        if waits { thread.join(until: .now + .seconds(1)) }
    }

    // MARK: The thread

    private static func work(_ state: Monitor<State>, _ rounds: RetentionRounds) {
        var rounds = rounds
        var next: Duration?
        var rest = Duration.zero
        var hasBegun = false
        while true {
            let call = nextCall(state, resting: rest, within: next)
            if case .end = call, !hasBegun { break }
            hasBegun = true
            if case .passedTime = call, rounds.isIdle() {
                (rest, next) = (.zero, rounds.pause)
                continue
            }
            let wanted: Int? = if case .fullDisk(let count) = call { count } else { nil }
            let start = Timestamp.now
            let outcome = rounds.run(wanted: wanted) { state.withLock { state in state.begun.take() } }
            next = outcome.next
            // A folder with very many files takes no more than a twentieth of the time.
            rest = (Timestamp.now - start) * 19
            if wanted != nil {
                state.update { state in
                    state.roundsDone = state.roundsBegun
                    state.hasRemoved = outcome.hasRemoved
                }
            }
            if case .end = call { break }
        }
        state.update { $0.hasEnded = true }
    }

    /// Waits for something to do.
    ///
    /// - Parameters:
    ///   - state: What others want.
    ///   - rest: The time in which only what cannot wait is done.
    ///   - time: The time after which to look in any case; nil for no end.
    /// - Returns: What is to be done.
    private static func nextCall(_ state: Monitor<State>, resting rest: Duration, within time: Duration?) -> Call {
        if let call = state.wait(until: .now + rest, urgentCall) { return call }
        let call = state.wait(until: .deadline(after: time)) { state -> Call? in
            if let call = urgentCall(&state) { return call }
            guard state.isWoken else { return nil }
            state.isWoken = false
            return .woken
        }
        return call ?? .passedTime
    }

    private static func urgentCall(_ state: inout State) -> Call? {
        if let wanted = state.wanted {
            state.wanted = nil
            state.roundsBegun += 1
            return .fullDisk(wanted: wanted)
        }
        return state.isEnding ? .end : nil
    }
}

extension Array {
    /// What is in it, leaving it empty.
    fileprivate mutating func take() -> [Element] {
        defer { self = [] }
        return self
    }
}
