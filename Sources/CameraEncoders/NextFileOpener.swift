// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraOutputs

/// Opens the next file of a rule ahead of time, on a thread of its own, so that a slow disk does not delay the cut.
final class NextFileOpener: Sendable {
    private enum State {
        case opening
        case ready(OpenedOutput)
        case failed(CameraError)
        case closed
    }

    private let state = Monitor(State.opening)
    private let thread: WorkerThread

    /// Starts the thread and opens the first file.
    ///
    /// - Parameters:
    ///   - name: The thread's name.
    ///   - open: Opens the next file; called from the thread, once for each file.
    /// - Throws: `.system` when the kernel gives no more threads.
    init(_ name: String, open: @escaping @Sendable () throws(CameraError) -> OpenedOutput) throws(CameraError) {
        thread = try WorkerThread(name) { [state] in Self.run(state, open) }
    }

    /// The next file and the order to open the one after it; nil when it is not open yet.
    ///
    /// - Parameter waiting: Whether to wait for it.
    /// - Returns: The file; nil when it is not open yet.
    /// - Throws: Why it could not be opened; it is tried again for the next call.
    func take(waiting: Bool) throws(CameraError) -> OpenedOutput? {
        let deadline = waiting ? nil : Timestamp(nanoseconds: 0)
        return try state.waitAndUpdate(until: deadline) { (state) throws(CameraError) -> OpenedOutput? in
            switch state {
            case .opening: return nil
            case .closed: throw CameraError(.closed, "opening the next file")
            case .ready(let output):
                state = .opening
                return output
            case .failed(let error):
                state = .opening
                throw error
            }
        }
    }

    /// Ends the thread and takes back the file that is open ahead.
    func close() {
        let unused = state.update { state -> OpenedOutput? in
            defer { state = .closed }
            if case .ready(let output) = state { return output }
            return nil
        }
        unused?.discard()
    }

    /// Waits for the end of the thread after ``close()``: what it was opening then has been taken back.
    func join() {
        thread.join()
    }

    private static func run(
        _ state: Monitor<State>, _ open: @Sendable () throws(CameraError) -> OpenedOutput
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
            if !isWanted, case .ready(let output) = result { output.discard() }
        }
    }
}
