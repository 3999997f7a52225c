// SPDX-License-Identifier: MIT

public import CameraCore
public import CameraOutputs
internal import Synchronization

/// Takes a series of pictures, each into the next of a series of outputs, with one start for all.
///
/// The outputs are asked for on the thread that calls ``wait(timeout:)``, one by one: output n+1 when picture n was
/// written. Frames that come while the next output is not open are dropped and counted, unless the source can wait.
open class MultiImageEncoder: ImageEncoder, @unchecked Sendable {
    private let turn = Monitor(Turn.writing)
    // Used only by the thread that starts and waits.
    private let series = Mutex(Series())

    /// Whose turn it is: the callback thread writes, the waiting thread opens.
    private enum Turn {
        case writing
        case opening
        case exhausted
    }

    private struct Series: @unchecked Sendable {
        // Unchecked: iterators are not sendable, but only the thread that starts and waits advances this one.
        var next: (() -> OutputTarget?)?
    }

    /// Starts taking pictures into the outputs of a series.
    ///
    /// - Parameter outputs: Paths, or outputs of the user's; ``wait(timeout:)`` asks for one after the other.
    /// - Throws: What ``CameraEncoder/start(_:)`` throws; `.invalidValue` for an empty series.
    public func start(series outputs: some Sequence<OutputTarget>) throws(CameraError) {
        var iterator = outputs.makeIterator()
        guard let first = iterator.next() else {
            throw CameraError(.invalidValue, "taking pictures", reason: "the series of outputs is empty")
        }
        let advance = { iterator.next() }
        series.withLock { $0 = Series(next: advance) }
        turn.update { $0 = .writing }
        try start(first)
    }

    /// Opens the outputs of the series as their turns come, until all pictures are taken.
    open override func wait(timeout: Duration? = nil) throws(CameraError) -> RecordingState {
        let session = try session("waiting for the pictures")
        try session.refuseOwnThreads("waiting for the pictures")
        let deadline = Timestamp.deadline(after: timeout)
        while true {
            let mustOpen = turn.wait(until: deadline) { turn -> Bool? in
                switch turn {
                case .opening: true
                case .exhausted: false
                case .writing: session.isFinished ? false : nil
                }
            }
            guard mustOpen == true else { return try session.wait(until: deadline) }
            do {
                try nextOutput(key: .frame)
            } catch {
                let failure = CameraError(wrapping: error, as: .output, "opening the next output")
                session.fail(failure)
                turn.update { $0 = .exhausted }
                throw failure
            }
        }
    }

    /// Opens the next output of the series for `key`, or ends the series.
    ///
    /// Called on the thread that calls ``wait(timeout:)``.
    open func nextOutput(key: OutputKey) throws {
        let target = series.withLock { $0 }.next?()
        guard let target, let session = currentSession else {
            turn.update { $0 = .exhausted }
            return
        }
        let output = try open(target, key: key)
        session.outputs.withLock { $0[key] = OutputInUse(output: output) }
        turn.update { $0 = .writing }
    }

    /// Writes a picture, closes its output, and waits until the next one is open; returns true after the last picture.
    open override func callback(_ packet: Packet) throws -> Bool {
        let isDone = try super.callback(packet)
        guard !isDone, let session = currentSession else { return isDone }
        let output = session.outputs.withLock { $0.removeValue(forKey: .frame) }
        if let output { try closeOutput(output.output, key: .frame) }
        let mayAsk = turn.update { turn in
            if case .writing = turn { turn = .opening }
            if case .opening = turn { return true }
            return false
        }
        guard mayAsk else { return true }
        session.watch.stopWatching()
        return turn.wait { turn -> Bool? in
            switch turn {
            case .opening: nil
            case .writing: false
            case .exhausted: true
            }
        }
    }

    override func willStop() {
        turn.update { $0 = .exhausted }
    }

    override func didFinish() {
        turn.update { _ in }
    }
}
