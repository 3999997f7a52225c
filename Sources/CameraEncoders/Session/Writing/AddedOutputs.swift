// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraOutputs

/// The outputs that were added to a session beside those that it began with: who may still come, and who is to go.
struct AddedOutputs {
    /// How many were added so far.
    var count = 0
    /// Why none is taken any more.
    var closed: CameraError?
    var removals: [OutputKey: OutputRemoval] = [:]
}

/// The removal of an added output, from the moment it was asked for until the output is closed.
final class OutputRemoval: Sendable {
    private let outcome = Monitor<Result<Void, CameraError>?>(nil)

    /// Ends it.
    func complete(_ result: Result<Void, CameraError>) { outcome.update { $0 = $0 ?? result } }

    /// Waits for the end.
    ///
    /// - Returns: Whether it came before the deadline.
    /// - Throws: What closing the output threw.
    func wait(until deadline: Timestamp?) throws(CameraError) -> Bool {
        guard let result = outcome.wait(until: deadline, { $0 }) else { return false }
        try result.get()
        return true
    }
}

extension EncodingSession {
    /// Adds an output, which begins with the next key frame; asks for that.
    ///
    /// - Returns: The key of the output.
    /// - Throws: `.notRecording` when the session ends; the output is the caller's then.
    func add(_ output: OpenedOutput) throws(CameraError) -> OutputKey {
        let key = try added.withLock { added throws(CameraError) -> OutputKey in
            if let closed = added.closed { throw closed }
            added.count += 1
            let key = OutputKey.added(added.count)
            outputs.withLock { $0[key] = OutputInUse(output: output) }
            return key
        }
        requestKeyFrame()
        return key
    }

    /// Ends an added output behind the pictures that were encoded by now.
    ///
    /// - Throws: `.notFound` when there is none; what closing it throws; `.timedOut`.
    func remove(_ key: OutputKey, timeout: Duration) throws(CameraError) {
        let operation = "removing an output"
        let removal = try added.withLock { added throws(CameraError) -> OutputRemoval in
            if let closed = added.closed { throw closed }
            guard key.isAdded, outputs.withLock({ $0[key] != nil }) else {
                throw CameraError(
                    .notFound, operation, subject: key.rawValue,
                    reason: "no such output was added to the recording, or it has failed, as an event tells then")
            }
            if let pending = added.removals[key] { return pending }
            let removal = OutputRemoval()
            added.removals[key] = removal
            return removal
        }
        packets.push(.removal(key))
        guard try removal.wait(until: .deadline(after: timeout)) else {
            throw CameraError(
                .timedOut, operation, subject: key.rawValue,
                reason: "the pictures before it were not written within \(timeout); it ends behind them")
        }
    }

    /// Ends a removal, if one was asked for.
    func completeRemoval(of key: OutputKey, _ result: Result<Void, CameraError>) {
        added.withLock { $0.removals.removeValue(forKey: key) }?.complete(result)
    }

    /// Takes no more outputs.
    func closeAdding(_ error: CameraError) {
        added.withLock { $0.closed = $0.closed ?? error }
    }

    /// Ends the removals that the session's own end was faster than; the outputs are closed, or given up with it.
    func completeRemovals() {
        let removals = added.withLock { added in
            defer { added.removals = [:] }
            return added.removals.values
        }
        for removal in removals { removal.complete(.success(())) }
    }
}

extension CallbackWorker {
    /// Hands a picture to the outputs that were added; each begins with a key frame, and one that fails is given up.
    ///
    /// - Parameter delivered: The picture as the codec gave it.
    /// - Throws: What an overridden hook throws for no output's sake.
    func writeAdded(_ delivered: Packet) throws(CameraError) {
        guard session.added.withLock({ $0.count > 0 }) else { return }
        for key in session.outputs.withLock({ $0.keys.filter(\.isAdded) }) {
            guard let packet = try admit(delivered, to: key) else { continue }
            _ = try handOut(packet, key: key)
            session.outputs.withLock { $0[key]?.account.add(packet.info, byteCount: packet.bytes.count) }
        }
    }

    /// The picture as an added output receives it; nil when it cannot be decoded there.
    private func admit(_ delivered: Packet, to key: OutputKey) throws(CameraError) -> Packet? {
        let lineage = delivered.info.lineage
        guard let used = session.outputs.withLock({ $0[key] }) else { return nil }
        if used.hasBegun {
            let isAdmitted = session.outputs.withLock { $0[key]?.filter.admits(lineage) }
            return isAdmitted == true ? delivered : nil
        }
        guard delivered.info.isKeyFrame else { return nil }
        try begin(used.output, key: key)
        session.outputs.withLock { $0[key]?.filter.begin(with: lineage) }
        guard session.outputs.withLock({ $0[key]?.hasBegun }) == true else { return nil }
        return prepending(session.run?.stream.parameterSets ?? [], to: delivered)
    }

    /// Closes an added output that is to go.
    mutating func remove(_ key: OutputKey) {
        guard let used = session.outputs.withLock({ $0.removeValue(forKey: key) }) else { return }
        do throws(CameraError) {
            try close(used, key: key)
            session.completeRemoval(of: key, .success(()))
        } catch {
            session.completeRemoval(of: key, .failure(error))
        }
    }
}
