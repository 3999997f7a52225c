// SPDX-License-Identifier: MIT

internal import CameraKit
internal import Synchronization

/// What was written to a file.
struct FileSummary: Encodable {
    let path: String
    fileprivate(set) var frames = 0
    fileprivate(set) var bytes = 0
    /// Seconds from the first picture to the end of the last.
    fileprivate(set) var duration = 0.0

    /// One line for people.
    var text: String {
        "\(path): \(Figures.frames(frames)), \(Figures.decimal(duration, places: 1)) s, \(Figures.bytes(bytes))"
    }
}

/// An output of a recording with its account, and with the files that tell about its pictures.
final class RecordedFile: DiscardableOutput, CompositeOutput, CustomStringConvertible {
    /// The path of the pictures' file, for messages.
    let description: String
    private let main: any Output
    /// Whether the recording opened the main output, and so closes it.
    private let isOwned: Bool
    private let beside: [any DiscardableOutput]
    private let begin: @Sendable () -> Void
    private let finish: @Sendable (FileSummary) -> Void
    private let state: Mutex<State>

    private struct State {
        var summary: FileSummary
        var hasBegun = false
        var interval = Duration.zero
        var first: Duration?
        var awaited: String?
    }

    /// Puts the outputs together.
    ///
    /// - Parameters:
    ///   - main: Where the pictures go.
    ///   - path: What the account calls the file.
    ///   - isOwned: Whether the recording opened `main`, and so closes it.
    ///   - beside: What receives the pictures once more, such as their times' file; closed with this output.
    ///   - begin: Called before the first picture.
    ///   - finish: Called with the account when the file is complete.
    init(
        _ main: any Output, path: String, isOwned: Bool, beside: [any DiscardableOutput],
        begin: @escaping @Sendable () -> Void, finish: @escaping @Sendable (FileSummary) -> Void
    ) {
        description = path
        self.main = main
        self.isOwned = isOwned
        self.beside = beside
        self.begin = begin
        self.finish = finish
        state = Mutex(State(summary: FileSummary(path: path)))
    }

    /// The file beside the pictures that a call waits for.
    var awaited: String? { state.withLock { $0.awaited } }

    func begin(_ stream: StreamDescription) throws {
        state.withLock { state in
            state.hasBegun = true
            state.interval = stream.frameRate.interval
        }
        begin()
        try main.begin(stream)
        try withEachBeside { try $0.begin(stream) }
    }

    func write(_ bytes: RawSpan, _ info: PacketInfo) throws {
        try main.write(bytes, info)
        try withEachBeside { try $0.write(bytes, info) }
        note(bytes.byteCount, info)
    }

    func write(_ packet: Packet) throws {
        try main.write(packet)
        try withEachBeside { try $0.write(packet) }
        note(packet.bytes.count, packet.info)
    }

    func end() throws {
        try main.end()
        try withEachBeside { try $0.end() }
    }

    func flush() throws {
        try main.flush()
        try withEachBeside { try $0.flush() }
    }

    func close() throws {
        let (hasBegun, summary) = state.withLock { ($0.hasBegun, $0.summary) }
        guard hasBegun else { return discard() }
        if isOwned { try main.close() } else { try main.flush() }
        try withEachBeside { try $0.close() }
        finish(summary)
    }

    func discard() {
        if isOwned { (main as? any DiscardableOutput)?.discard() }
        for output in beside { output.discard() }
    }

    private func withEachBeside(_ body: (any DiscardableOutput) throws -> Void) rethrows {
        defer { state.withLock { $0.awaited = nil } }
        for output in beside {
            state.withLock { $0.awaited = (output as? any CompositeOutput)?.awaited }
            try body(output)
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
