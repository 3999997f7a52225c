// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraOutputs

extension EncodingSession {
    /// Winds up on the callback thread, after its last packet.
    func finish(afterWorker worker: CallbackWorker) {
        var worker = worker
        parent.router.detach(frames)
        // An encoder that has what it wanted, or an output that failed, leaves frames behind.
        frames.discard()
        packets.discard()
        let opener = closeOpener()
        threads.withLock { $0[0] }.join()
        if let opener { watch.during(.nextFile(opener.opening)) { opener.join() } }
        closeAdding(CameraError(.notRecording, "changing the outputs"))
        for (key, output) in outputs.withLock({ $0 }) {
            do {
                try worker.close(output, key: key)
            } catch {
                if key.isAdded { noteLateError(error) } else { fail(error) }
            }
        }
        completeRemovals()
        do {
            if try !worker.syncing.check(until: .now + parent.stopTimeout) {
                let reason = "the disk did not take them within \(parent.stopTimeout)"
                fail(CameraError(.timedOut, "syncing the files to the disk", reason: reason))
            }
        } catch {
            fail(error)
        }
        plan.keeper?.end(waiting: true)
        if case .failed(let error) = frames.ending { fail(error) }
        if plan.isRecording, let error = emptiness { fail(error) }
        let isSourceEnd = if case .sourceEnded = frames.ending { true } else { false }
        let isLimitReached = if case .limitReached = frames.ending { true } else { false }
        closeRequests(error ?? CameraError(isSourceEnd ? .sourceEnded : .notRecording, "splitting the recording"))
        // Told before those who wait hear of the end: they may close the camera, and with it its events.
        let isEnded = outcome.withLock { !$0.isFinished && $0.error == nil }
        if plan.isRecording, isEnded, isSourceEnd || isLimitReached {
            parent.report(.recordingEnded(splitterPort: plan.port))
        }
        outcome.update { $0.isFinished = true }
    }

    /// Why no picture was written; nil when one was, and when the recording was stopped before a frame came.
    private var emptiness: CameraError? {
        let counts = statistics
        guard counts.packetsWritten == 0 else { return nil }
        let (operation, name) = ("recording", parent.router.source.name)
        if counts.framesReceived == 0 {
            guard case .sourceEnded = frames.ending else { return nil }
            return CameraError(.sourceEnded, operation, subject: name, reason: "it ended before its first frame")
        }
        if let damage = latestDamage.withLock(\.self) {
            return CameraError(
                .corruptData, operation, subject: name,
                reason: "no picture was written, since \(counts.framesDamaged) of the \(counts.framesReceived) that "
                    + "came could not be decoded",
                underlying: damage)
        }
        let isWaiting = run?.findsKeyFrames == true && counts.framesDropped > 0
        return CameraError(
            .codec, operation, subject: name,
            reason: "no picture was written of \(counts.framesReceived) that came"
                + (isWaiting ? ", since none of them was a key frame; record for longer" : ""))
    }
}
