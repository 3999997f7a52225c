// SPDX-License-Identifier: MIT

public import CameraCore
internal import Synchronization

extension CircularOutput {
    /// Whether a live output was started and not yet stopped; it may have failed since.
    public var isWriting: Bool { state.withLock { $0.live != nil } }

    /// The error that ended the present live output early, which ``stopWriting(timeout:)`` throws; nil when there is none.
    public var writingError: CameraError? { state.withLock { $0.live }?.error }

    /// Packets that were left out of what is written since the ring was made, because an output was too slow or failed.
    public var packetsDropped: Int {
        state.withLock { $0.writers.reduce($0.packetsDropped) { $0 + $1.packetsDropped } }
    }

    /// Begins to write what the ring holds to what `open` opens, and from then on all that comes.
    ///
    /// - Parameters:
    ///   - name: What is opened, for messages.
    ///   - duration: The time before the newest picture that is written at least; nil for all that is kept.
    ///   - open: Opens the output, once it is known that no other is being written.
    /// - Throws: `.alreadyRecording` while another live output is written; what opening throws; `.closed`.
    package func startWriting(
        to name: String, last duration: Duration?, open: () throws(CameraError) -> OpenedOutput
    ) throws(CameraError) {
        try state.withLock { state throws(CameraError) in try checkCanWrite(state, to: name) }
        let opened = try open()
        let writer = PacketWriter(plan(for: opened.name), open: { opened })
        do {
            try writer.start()
        } catch {
            opened.discard()
            throw error
        }
        do {
            try state.withLock { state throws(CameraError) in
                try checkCanWrite(state, to: name)
                let start = duration.map { PacketRing.Start.last(.time($0)) } ?? .oldest
                give(writer, from: start, &state)
                state.live = writer
            }
        } catch {
            writer.abandon()
            throw error
        }
    }

    /// Begins to write a stretch of pictures, which ends by itself, beside all else that is being written.
    ///
    /// - Parameters:
    ///   - output: What it is written to, which is closed in the end.
    ///   - start: The moment that it has to begin with or before; nil for all that is kept.
    ///   - end: The moment whose pictures are not taken any more; nil for that of ``PacketWriter/finish()``.
    ///   - onChange: Told of the writer's states, on its thread.
    /// - Returns: The writer.
    /// - Throws: `.closed`; `.system` when the kernel gives no more threads.
    package func startStretch(
        to output: OpenedOutput, from start: Timestamp?, until end: Timestamp?,
        onChange: @escaping @Sendable (QueuedOutput.State) -> Void
    ) throws(CameraError) -> PacketWriter {
        var plan = plan(for: output.name)
        plan.onChange = onChange
        let writer = PacketWriter(plan, open: { output })
        if let end { _ = writer.extend(to: end) }
        try state.withLock { state throws(CameraError) in
            try checkOpen(state)
            give(writer, from: start.map { .moment($0) } ?? .oldest, &state)
            if state.hasEnded { writer.finish() }
            state.stretches.append(writer)
        }
        do {
            try writer.start()
        } catch {
            writer.abandon(error)
            throw error
        }
        return writer
    }

    /// When the newest picture was exposed; nil without one.
    package var newestMoment: Timestamp? { state.withLock { $0.ring.newest?.sensorTime } }

    private func plan(for name: String) -> PacketWriter.Plan {
        PacketWriter.Plan(
            threadName: "circular-write", operation: "writing the ring", name: name, byteLimit: queueLimit)
    }

    /// Gives a writer the pictures that are kept.
    private func give(_ writer: PacketWriter, from start: PacketRing.Start, _ state: inout State) {
        writer.describe(state.stream)
        writer.putHead(state.ring.packets(from: start, startingWith: .key))
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
