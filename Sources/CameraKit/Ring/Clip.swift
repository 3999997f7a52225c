// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraEncoders
internal import CameraOutputs
internal import Synchronization

/// A file that a ring is written to, with those beside it: opened when its first picture comes, whose moment its name tells.
final class Clip: DiscardableOutput, CompositeOutput, FileBacked, CustomStringConvertible {
    private let names: ClipNames
    private let state = Mutex(State())

    private struct State {
        var stream: StreamDescription?
        /// What the file is called, from when it is being opened.
        var name: String?
        /// The pictures' file, and those beside it; empty before the first picture.
        var outputs: [OpenedOutput] = []
        var account = FileAccount()
        /// What the call that runs waits for, beside the pictures.
        var awaited: String?
        /// Those beside the pictures that failed; the others go on without them.
        var failed: Set<Int> = []
        var failure: CameraError?
        /// Whether the pictures' file failed.
        var isBroken = false
        var finished: FinishedFile?
    }

    init(_ names: ClipNames) {
        self.names = names
    }

    /// What was written; nil until the file is complete.
    var finished: FinishedFile? { state.withLock(\.finished) }

    var file: FileOutput? { state.withLock { $0.outputs.first?.file } }

    var description: String { state.withLock(\.name) ?? "the ring's file" }

    var awaited: String? { state.withLock { $0.awaited ?? $0.name } }

    func begin(_ stream: StreamDescription) {
        state.withLock { $0.stream = stream }
    }

    func write(_ bytes: RawSpan, _ info: PacketInfo) throws {
        let outputs = try open(at: info)
        for index in outputs.indices { try attempt(index) { try outputs[index].output.write(bytes, info) } }
        state.withLock { $0.account.add(info, byteCount: bytes.byteCount) }
    }

    func write(_ packet: Packet) throws {
        let outputs = try open(at: packet.info)
        for index in outputs.indices { try attempt(index) { try outputs[index].output.write(packet) } }
        state.withLock { $0.account.add(packet.info, byteCount: packet.bytes.count) }
    }

    func end() throws { try forEach { try $0.output.end() } }

    func flush() throws { try forEach { try $0.output.flush() } }

    /// Closes all, and throws the first error of those beside the pictures when their file is complete.
    func close() throws {
        try forEach { try $0.release() }
        let failure = state.withLock { state -> CameraError? in
            let interval = state.stream?.frameRate.interval ?? .zero
            if let name = state.outputs.first?.name, !state.isBroken {
                state.finished = state.account.finished(name, interval: interval)
            }
            return state.failure
        }
        if let failure { throw failure }
    }

    func discard() {
        for output in state.withLock(\.outputs) { output.discard() }
    }

    /// The files, which are opened for the first picture.
    private func open(at info: PacketInfo) throws -> [OpenedOutput] {
        let (present, stream) = state.withLock { ($0.outputs, $0.stream) }
        guard present.isEmpty else { return present }
        let outputs = try names.open(at: info.wallTime) { name in state.withLock { $0.name = name } }
        state.withLock { $0.outputs = outputs }
        if let stream { try forEach { try $0.output.begin(stream) } }
        return outputs
    }

    private func forEach(_ step: (OpenedOutput) throws -> Void) throws {
        let outputs = state.withLock(\.outputs)
        for index in outputs.indices { try attempt(index) { try step(outputs[index]) } }
    }

    /// Does something with one of the files; one beside the pictures that fails is left out from then on.
    private func attempt(_ index: Int, _ step: () throws -> Void) throws {
        guard index > 0 else {
            do {
                return try step()
            } catch {
                state.withLock { $0.isBroken = true }
                throw error
            }
        }
        let output = state.withLock { state -> OpenedOutput? in
            guard !state.failed.contains(index) else { return nil }
            state.awaited = state.outputs[index].awaited
            return state.outputs[index]
        }
        guard let output else { return }
        defer { state.withLock { $0.awaited = nil } }
        do {
            try step()
        } catch {
            let failure = CameraError(
                wrapping: error, as: .output, "writing beside the recording", subject: output.name)
            // The error that counts is the one before.
            try? output.release()
            state.withLock { state in
                state.failed.insert(index)
                state.failure = state.failure ?? failure
            }
        }
    }
}
