// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraOutputs

/// Opens the next files of a rule ahead of time, on a thread of its own, so that a slow disk does not delay the cut.
final class NextFileOpener: Sendable {
    /// Opens the next file and those that go with it, and tells of each before it does.
    typealias Opening =
        @Sendable (_ telling: @Sendable (String) -> Void) throws(CameraError) -> [OutputKey: OpenedOutput]

    private enum State {
        case opening
        case ready([OutputKey: OpenedOutput])
        case failed(CameraError)
        case closed
    }

    private let state = Monitor(State.opening)
    /// The file that is being opened.
    private let current = Monitor<String?>(nil)
    private let thread: WorkerThread

    /// Starts the thread and opens the first files.
    ///
    /// - Parameters:
    ///   - name: The thread's name.
    ///   - open: Opens the next file and those that go with it; called from the thread, once for each cut.
    /// - Throws: `.system` when the kernel gives no more threads.
    init(_ name: String, open: @escaping Opening) throws(CameraError) {
        thread = try WorkerThread(name) { [state, current] in
            Self.run(state) { () throws(CameraError) in
                defer { current.withLock { $0 = nil } }
                return try open { name in current.withLock { $0 = name } }
            }
        }
    }

    /// The file that is being opened; nil when none is.
    var opening: String? { current.withLock { $0 } }

    /// The next files and the order to open those after them; nil when they are not open yet.
    ///
    /// - Parameter deadline: The moment to give up at; one that has passed for not waiting at all.
    /// - Returns: The files; nil when they are not open yet.
    /// - Throws: Why they could not be opened; it is tried again for the next call. `.closed` after ``close()``.
    func take(until deadline: Timestamp?) throws(CameraError) -> [OutputKey: OpenedOutput]? {
        try state.waitAndUpdate(until: deadline) { (state) throws(CameraError) -> [OutputKey: OpenedOutput]? in
            switch state {
            case .opening: return nil
            case .closed: throw CameraError(.closed, "opening the next file")
            case .ready(let outputs):
                state = .opening
                return outputs
            case .failed(let error):
                state = .opening
                throw error
            }
        }
    }

    /// Ends the thread and takes back the files that are open ahead.
    func close() {
        let unused = state.update { state -> [OutputKey: OpenedOutput] in
            defer { state = .closed }
            if case .ready(let outputs) = state { return outputs }
            return [:]
        }
        for output in unused.values { output.discard() }
    }

    /// Waits for the end of the thread after ``close()``: what it was opening then has been taken back.
    func join() {
        thread.join()
    }

    private static func run(
        _ state: Monitor<State>, _ open: @Sendable () throws(CameraError) -> [OutputKey: OpenedOutput]
    ) {
        while true {
            let goesOn = state.wait { state -> Bool? in
                switch state {
                case .opening: true
                case .closed: false
                case .ready, .failed: nil
                }
            }
            guard goesOn else { return }
            let result: State
            do {
                result = .ready(try open())
            } catch {
                result = .failed(error)
            }
            let isWanted = state.update { current in
                if case .closed = current { return false }
                current = result
                return true
            }
            if !isWanted, case .ready(let outputs) = result {
                for output in outputs.values { output.discard() }
            }
        }
    }
}
