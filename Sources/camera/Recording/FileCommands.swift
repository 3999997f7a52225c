// SPDX-License-Identifier: MIT

internal import CameraCommands
internal import CameraKit
internal import CameraServer

/// Runs a command of the user's for each finished file, one after the other, on a thread of its own.
final class FileCommands: Sendable {
    /// The most files that wait for their command; where one never ends, the rest is told and left out.
    private static let capacity = 10_000

    private let command: String
    private let state = Monitor(State())

    private struct State {
        var files: [FinishedFile] = []
        /// The file whose command runs.
        var current: String?
        var leftOut = 0
        var isFinishing = false
        var isDone = false
        /// When a command ended last.
        var latestEnd = Timestamp.now
    }

    /// Prepares for files.
    ///
    /// - Parameter command: What the shell is to run.
    /// - Throws: `.system` when there is no thread to be had.
    init(_ command: String) throws(CameraError) {
        self.command = command
        _ = try WorkerThread("on-file") { [self] in
            while let file = next() { run(file) }
            state.update { $0.isDone = true }
        }
    }

    /// Has the command run for a file, behind those of earlier files; does not wait.
    func run(for file: FinishedFile) {
        state.update { state in
            if state.files.count < Self.capacity { state.files.append(file) } else { state.leftOut += 1 }
        }
    }

    /// Waits until the commands of all files have ended.
    ///
    /// - Parameter patience: The longest time for one of them.
    /// - Throws: `.timedOut` that says for which files no command has ended; one that runs goes on.
    func finish(within patience: Duration) throws(CameraError) {
        var start = state.update { state in
            state.isFinishing = true
            return Timestamp.now
        }
        while state.wait(until: start + patience, { $0.isDone ? true : nil }) == nil {
            let latest = state.withLock(\.latestEnd)
            if latest > start {
                start = latest
                continue
            }
            let (current, waiting) = state.update { state in
                defer { state.files = [] }
                return (state.current, state.files.count)
            }
            throw CameraError(
                .timedOut, "running the command of a file", subject: current,
                reason: "it has not ended within \(patience), and goes on"
                    + (waiting == 0 ? "" : "; \(waiting) more files wait for theirs, which is not run"))
        }
        let leftOut = state.withLock(\.leftOut)
        guard leftOut == 0 else {
            throw CameraError(
                .timedOut, "running the commands of files",
                reason: "they take longer than the files; \(leftOut) files were left out")
        }
    }

    private func next() -> FinishedFile? {
        state.wait { state -> FinishedFile?? in
            if let file = state.files.first {
                state.files.removeFirst()
                state.current = file.name
                return .some(file)
            }
            return state.isFinishing ? .some(nil) : nil
        }
    }

    private func run(_ file: FinishedFile) {
        if let trouble = ChildProgram.run(command, ChildProgram.facts(of: file)) {
            Console.print("camera: the command for '\(file.name)' \(trouble)", .warning)
        }
        state.update { state in
            state.current = nil
            state.latestEnd = .now
        }
    }
}
