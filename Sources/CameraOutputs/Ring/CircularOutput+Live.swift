// SPDX-License-Identifier: MIT

public import CameraCore
internal import Synchronization

extension CircularOutput {
    /// Whether a live output was started and not yet stopped; it may have failed since.
    public var isWriting: Bool { state.withLock { $0.live != nil } }

    /// The error that ended the present live output early, which ``stopWriting(timeout:)`` throws; nil when there is none.
    public var writingError: CameraError? { state.withLock { $0.live }?.error }

    /// Packets that live outputs left out since the ring was made, because they were too slow or failed.
    public var packetsDropped: Int {
        state.withLock { $0.packetsDropped + ($0.live?.packetsDropped ?? 0) }
    }

    /// Begins to write what the ring holds, and from then on all that comes, as one recording without a gap.
    ///
    /// A separate thread writes. When more bytes wait than the ring's `queueLimit`, packets are left out up to the next key
    /// frame and counted in ``packetsDropped``; the ring and the encoder are not disturbed. The first picture is the oldest key
    /// frame within `duration`, or the next one that comes when there is none.
    ///
    /// - Parameters:
    ///   - target: A path, or an output, which is flushed in the end but not closed.
    ///   - duration: The longest time before the newest picture to start at; nil for all that is kept.
    /// - Throws: `.alreadyRecording` while another live output is written; what opening the path throws; `.closed`.
    public func startWriting(to target: OutputTarget, last duration: Duration? = nil) throws(CameraError) {
        // The output may be the user's, who is asked outside of the lock.
        let name = "\(target)"
        try state.withLock { state throws(CameraError) in try checkCanWrite(state, to: name) }
        let opened = try OpenedOutput(byteStream: target)
        let writer = PacketWriter(
            PacketWriter.Plan(
                threadName: "circular-write", operation: "writing the ring", name: opened.name, byteLimit: queueLimit),
            open: { opened })
        do {
            try writer.start()
        } catch {
            opened.discard()
            throw error
        }
        do {
            try state.withLock { state throws(CameraError) in
                try checkCanWrite(state, to: name)
                writer.describe(state.stream)
                writer.putHead(state.ring.packets(last: duration.map(Extent.time), startingWith: .key))
                state.live = writer
            }
        } catch {
            writer.abandon()
            throw error
        }
    }

    /// Ends the live output with the newest picture, once all that waits is written.
    ///
    /// - Parameter timeout: The longest time that the output may take no picture; after that it is abandoned as it is.
    /// - Returns: The first and the last picture that were written.
    /// - Throws: `.notRecording` when no live output was started; the error that ended the writing; `.nothingToCopy` when no
    ///   key frame came, and then no file is left; `.timedOut`; `.wouldDeadlock` from the thread that writes.
    @discardableResult
    public func stopWriting(
        timeout: Duration = .seconds(15)
    ) throws(CameraError) -> (first: PacketInfo, last: PacketInfo) {
        let operation = "ending the live output"
        let writer = state.withLock { $0.live }
        guard let writer else {
            throw CameraError(.notRecording, operation, reason: "none was started; call startWriting first")
        }
        guard !writer.isCurrentThread else { throw CameraError(.wouldDeadlock, operation, subject: writer.name) }
        writer.finish()
        writer.wait(patience: timeout)
        let isOwner = state.withLock { state in
            guard state.live === writer else { return false }
            state.live = nil
            state.packetsDropped += writer.packetsDropped
            return true
        }
        guard isOwner else {
            throw CameraError(.notRecording, operation, subject: writer.name, reason: "another thread ended it")
        }
        if let error = writer.error { throw error }
        guard let written = writer.written else {
            throw CameraError(.nothingToCopy, operation, subject: writer.name, reason: "no key frame came")
        }
        return written
    }

    private func checkCanWrite(_ state: State, to target: String) throws(CameraError) {
        try checkOpen(state)
        if let live = state.live {
            throw CameraError(
                .alreadyRecording, "starting a live output", subject: target,
                reason: "'\(live.name)' is being written; call stopWriting first")
        }
    }
}
