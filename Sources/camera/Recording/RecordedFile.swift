// SPDX-License-Identifier: MIT

internal import CameraKit
internal import Synchronization

/// A file that a ring is written to, with its account and the files that tell about its pictures.
final class RecordedFile: DiscardableOutput, CompositeOutput, FileBacked, CustomStringConvertible {
    private let main: OpenedOutput
    private let beside: [OpenedOutput]
    private let finish: @Sendable (FileSummary) -> Void
    private let state: Mutex<State>

    private struct State {
        var summary: FileSummary
        var hasBegun = false
        var interval = Duration.zero
        var first: Duration?
        var awaited: String?
        /// Those beside it that failed; the others go on without them.
        var failed: Set<Int> = []
        var failure: CameraError?
    }

    /// Puts the outputs together.
    ///
    /// - Parameters:
    ///   - main: Where the pictures go.
    ///   - beside: What receives the pictures once more, such as their times' file; closed with this output.
    ///   - finish: Called with the account when the file is complete.
    init(_ main: OpenedOutput, beside: [OpenedOutput] = [], finish: @escaping @Sendable (FileSummary) -> Void) {
        self.main = main
        self.beside = beside
        self.finish = finish
        state = Mutex(State(summary: FileSummary(path: main.name)))
    }

    var file: FileOutput? { main.file }

    /// The name of the pictures' file, for messages.
    var description: String { main.name }

    /// The file beside the pictures that a call waits for.
    var awaited: String? { state.withLock { $0.awaited } }

    func begin(_ stream: StreamDescription) throws {
        state.withLock { state in
            state.hasBegun = true
            state.interval = stream.frameRate.interval
        }
        try main.output.begin(stream)
        besides { try $0.output.begin(stream) }
    }

    func write(_ bytes: RawSpan, _ info: PacketInfo) throws {
        try main.output.write(bytes, info)
        for index in beside.indices { attempt(index) { try beside[index].output.write(bytes, info) } }
        note(bytes.byteCount, info)
    }

    func write(_ packet: Packet) throws {
        try main.output.write(packet)
        besides { try $0.output.write(packet) }
        note(packet.bytes.count, packet.info)
    }

    func end() throws {
        try main.output.end()
        besides { try $0.output.end() }
    }

    func flush() throws {
        try main.output.flush()
        besides { try $0.output.flush() }
    }

    /// Closes all, and throws the first error of those beside it when the file itself is complete.
    func close() throws {
        let (hasBegun, summary) = state.withLock { ($0.hasBegun, $0.summary) }
        guard hasBegun else { return discard() }
        try main.release()
        besides { try $0.release() }
        finish(summary)
        if let failure = state.withLock(\.failure) { throw failure }
    }

    func discard() {
        main.discard()
        for output in beside { output.discard() }
    }

    private func besides(_ step: (OpenedOutput) throws -> Void) {
        for index in beside.indices { attempt(index) { try step(beside[index]) } }
    }

    /// Does something with an output beside the file, unless that has failed before.
    private func attempt(_ index: Int, _ step: () throws -> Void) {
        let isWanted = state.withLock { state in
            guard !state.failed.contains(index) else { return false }
            state.awaited = beside[index].awaited
            return true
        }
        guard isWanted else { return }
        defer { state.withLock { $0.awaited = nil } }
        do {
            try step()
        } catch {
            let failure = CameraError(
                wrapping: error, as: .output, "writing beside the recording", subject: beside[index].name)
            // The error that counts is the one before.
            try? beside[index].release()
            state.withLock { state in
                state.failed.insert(index)
                state.failure = state.failure ?? failure
            }
        }
    }

    private func note(_ byteCount: Int, _ info: PacketInfo) {
        state.withLock { state in
            let first = state.first ?? info.timestamp
            state.first = first
            state.summary.frames += 1
            state.summary.bytes += byteCount
            state.summary.duration = max(
                state.summary.duration, (info.timestamp - first + state.interval).inSeconds)
        }
    }
}
