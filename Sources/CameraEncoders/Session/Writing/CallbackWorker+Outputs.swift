// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraOutputs

/// A change to other outputs whose first picture is not written yet.
struct OutputChange {
    let ticket: SplitTicket
    /// What the pictures go to now.
    let new: [OutputKey: OpenedOutput]
    /// What they went to before.
    let old: [OutputKey: OutputInUse]
    /// Notes that the names of new files are used.
    let use: @Sendable () -> Void
}

extension CallbackWorker {
    /// How long the pictures of a camera wait for their next file; the packets' queue keeps them meanwhile.
    private static let patience = Duration.seconds(1)

    private var canWait: Bool { session.parent.router.source.canWait }

    /// Whether the pictures have a file to go on in when the next one cannot be opened.
    private var hasOldFile: Bool { session.outputs.withLock { $0[.frame] != nil } }

    // MARK: Changing outputs

    /// Ends the files that are named anew, since the camera went away; the first picture after its return opens the next.
    mutating func finishFiles() {
        // What has no picture yet gives its name back.
        first = nil
        do throws(CameraError) {
            try write(motion: motion.finish())
        } catch {
            return session.fail(error)
        }
        guard let keys = session.opener?.keys else { return }
        let ended = session.outputs.withLock { outputs in
            defer { for key in keys { outputs[key] = nil } }
            return outputs.filter { keys.contains($0.key) }
        }
        closeLeaving(ended)
    }

    /// Goes on in a ticket's outputs; nil, and all as before, when it was taken back or that cannot be done now.
    ///
    /// - Throws: Why not, where a source waits for its next file.
    mutating func makeChange(_ ticket: SplitTicket, at moment: WallTime) throws(CameraError) -> OutputChange? {
        guard ticket.claim() else { return nil }
        var new = ticket.outputs
        do throws(CameraError) {
            var use: @Sendable () -> Void = {}
            if let time = ticket.ruleTime {
                guard let opened = try openNext(at: moment, ruleTime: time) else {
                    ticket.fail(CameraError(.timedOut, "opening the next file"))
                    return nil
                }
                (new, use) = (opened.outputs, opened.names.use)
            }
            // Those of users first: what they refuse leaves no file that has begun.
            for (key, output) in new.sorted(by: { !$0.value.isOwned && $1.value.isOwned }) {
                try begin(output, key: key, inUse: false)
            }
            if new[.frame] != nil { isBehindFullFile = false }
            let old = session.outputs.withLock { outputs in
                let replaced = outputs.filter { new[$0.key] != nil }
                for (key, output) in new { outputs[key] = OutputInUse(output: output, hasBegun: true) }
                return replaced
            }
            return OutputChange(ticket: ticket, new: new, old: old, use: use)
        } catch {
            for output in new.values { output.discard() }
            try noteFailure(of: ticket, error)
            return nil
        }
    }

    /// Opens a rule's next files; nil when they are late, or were to be tried later.
    private func openNext(at moment: WallTime, ruleTime: Duration) throws(CameraError) -> NextFileOpener.Opened? {
        // Pictures that a camera gives meanwhile go on into the old file, where there is one.
        let mustWait = canWait || !hasOldFile
        let mayTry = session.rule.withLock { rule in
            let mayTry = mustWait || rule.mayCut(at: ruleTime)
            if !mayTry { rule.skip() }
            return mayTry
        }
        guard mayTry, let opener = session.opener else { return nil }
        let patience = mustWait ? session.parent.stopTimeout : Self.patience
        if let opened = try opener.open(at: moment, patience: patience) { return opened }
        if mustWait { throw .nextFileStuck(opener.opening, for: patience) }
        noteLateCut(at: ruleTime, nil)
        return nil
    }

    /// Ends a change whose first picture is written: the old outputs are closed.
    mutating func complete(_ change: OutputChange) {
        change.use()
        if change.new[.frame] != nil { session.meter.withLock { $0.noteSplit() } }
        if change.ticket.ruleTime != nil, session.rule.withLock({ $0.succeed() }) {
            session.parent.report(.cutCaughtUp(splitterPort: session.plan.port))
        }
        closeLeaving(change.old)
    }

    /// Closes outputs that the recording has left; their errors are told at its end.
    private mutating func closeLeaving(_ outputs: [OutputKey: OutputInUse]) {
        for (key, output) in outputs {
            do {
                try close(output, key: key)
            } catch {
                session.noteLateError(error)
            }
        }
    }

    /// Goes back to the outputs before a change, since one of the new ones did not take its first picture.
    ///
    /// - Throws: The error, where a source waits for its next file.
    mutating func takeBack(_ change: OutputChange, _ error: CameraError) throws(CameraError) {
        session.outputs.withLock { outputs in
            for key in change.new.keys { outputs[key] = change.old[key] }
        }
        for output in change.new.values { output.discard() }
        try noteFailure(of: change.ticket, error)
    }

    /// Ends a ticket that failed; of a rule's, the first one in a row is told.
    private func noteFailure(of ticket: SplitTicket, _ error: CameraError) throws(CameraError) {
        ticket.fail(error, inUse: true)
        // A camera that is being closed opens no more files.
        guard let time = ticket.ruleTime, error.code != .closed else { return }
        if canWait || !hasOldFile { throw error }
        noteLateCut(at: time, error)
    }

    /// Counts and tells a cut that comes later than it was to, if it is the first one in a row.
    private func noteLateCut(at time: Duration, _ error: CameraError?) {
        guard session.rule.withLock({ $0.fail(at: time) }) else { return }
        session.meter.withLock { $0.noteLateCut() }
        if let error { session.keepLateError(error) }
        session.parent.report(.cutLate(splitterPort: session.plan.port, error))
    }

    // MARK: Files that can grow no larger

    /// Ends a file that its file system, or the limit of the process, lets grow no larger, where there is a next one.
    ///
    /// Where the limit was known before, a cut was made in time; here pictures are lost, up to the next key frame.
    ///
    /// - Returns: False for another error, and where there is no file to go on in.
    mutating func leave(fullFile error: CameraError) -> Bool {
        guard error.systemError == .fileTooLarge, session.opener?.keys.contains(.frame) == true, hasOldFile else {
            return false
        }
        finishFiles()
        isBehindFullFile = true
        session.requestKeyFrame()
        session.parent.report(.outputFailed(splitterPort: session.plan.port, error))
        return true
    }

    /// What begins the next file behind one that can grow no larger; nil where a picture cannot.
    func ticketBehindFullFile(_ packet: Packet) -> SplitTicket? {
        guard isBehindFullFile, packet.info.isKeyFrame, let keys = session.opener?.keys else { return nil }
        return SplitTicket(keys: keys, ruleTime: packet.info.timestamp)
    }

    /// Counts a picture that has no file; outputs that were added get it.
    mutating func leaveOut(_ packet: Packet) throws(CameraError) {
        session.meter.withLock { $0.noteLost(1) }
        session.frames.replace()
        try writeAdded(packet)
    }

    // MARK: First pictures

    /// Gives a rule's first files the names of the moment of their first picture; where that fails they keep theirs.
    mutating func nameFirstFiles(at moment: WallTime) {
        guard let names = first.take() else { return }
        guard let opener = session.opener, opener.tellsMoments,
            let renamed = try? opener.open(at: moment, patience: Self.patience)
        else { return names.use() }
        let old = session.outputs.withLock { outputs in
            let replaced = outputs.filter { renamed.outputs[$0.key] != nil }
            for (key, output) in renamed.outputs { outputs[key] = OutputInUse(output: output) }
            return replaced
        }
        for used in old.values { used.output.discard() }
        renamed.names.use()
    }

    /// Begins an output; a file beside the pictures that fails there is given up.
    func begin(_ output: OpenedOutput, key: OutputKey, inUse: Bool = true) throws(CameraError) {
        guard var stream = session.run?.stream else { return }
        if key == .motion {
            stream.format = .motion
            stream.parameterSets = []
        }
        stream.keyFrameRequest = { [weak session] in session?.requestKeyFrame() }
        if let queued = output.output as? QueuedOutput {
            let (name, port, parent) = (output.name, session.plan.port, session.parent)
            queued.report(to: { [weak parent] state in
                parent?.report(.outputChanged(splitterPort: port, name: name, state))
            })
        }
        do {
            try session.watch.during(.output(output)) { try output.output.begin(stream) }
            if inUse { session.outputs.withLock { $0[key]?.hasBegun = true } }
        } catch {
            let failure = CameraError(wrapping: error, as: .output, "beginning the output", subject: output.name)
            guard inUse, giveUp(key, failure) else { throw failure }
        }
    }

    /// Closes a file beside the pictures that failed, so that they go on without it until the next cut.
    ///
    /// - Returns: False for the pictures themselves and for outputs of users, whose errors end the recording, unless they were
    ///   added to it.
    func giveUp(_ key: OutputKey, _ error: CameraError) -> Bool {
        guard key != .frame else { return false }
        let output = session.outputs.withLock { outputs -> OpenedOutput? in
            guard let used = outputs[key], used.output.isOwned || key.isAdded else { return nil }
            outputs[key] = nil
            return used.output
        }
        guard let output else { return false }
        // The error that counts is the one before.
        try? output.release()
        if key.isAdded { session.completeRemoval(of: key, .failure(error)) }
        session.noteLateError(error)
        return true
    }
}
