// SPDX-License-Identifier: MIT

internal import CLinux
internal import CameraCommands
internal import CameraKit
internal import CameraServer
internal import Glibc

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
        let status = Self.run(command, file)
        if let trouble = status { Console.print("camera: the command for '\(file.name)' \(trouble)", .warning) }
        state.update { state in
            state.current = nil
            state.latestEnd = .now
        }
    }

    /// Runs a command and waits for it.
    ///
    /// - Returns: What went wrong; nil when it succeeded.
    private static func run(_ command: String, _ file: FinishedFile) -> String? {
        let facts = [
            "CAMERA_FILE": file.name, "CAMERA_FRAMES": "\(file.frames)", "CAMERA_BYTES": "\(file.bytes)",
            "CAMERA_DURATION": Figures.decimal(file.duration.inSeconds, places: 6),
            "CAMERA_START": seconds(file.start), "CAMERA_END": seconds(file.end),
        ]
        var process = pid_t()
        let code = withAttributes { attributes, actions in
            withStrings(["/bin/sh", "-c", command]) { arguments in
                withStrings(facts.map { "\($0)=\($1)" } + inherited(without: facts.keys)) { variables in
                    posix_spawn(&process, "/bin/sh", actions, attributes, arguments, variables)
                }
            }
        }
        guard code == 0 else { return "could not be run: \(String(cString: strerror(code)))" }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7f
        if signal != 0 { return "was ended by signal \(signal)" }
        let exit = (status >> 8) & 0xff
        return exit == 0 ? nil : "ended with status \(exit)"
    }

    /// A moment as seconds since 1970, with microseconds.
    private static func seconds(_ time: WallTime) -> String {
        let microseconds = time.nanosecondsSince1970 / 1000
        let rest = "\(abs(microseconds) % 1_000_000)"
        return "\(microseconds / 1_000_000)." + String(repeating: "0", count: 6 - rest.count) + rest
    }

    /// The program's own environment but for some variables.
    private static func inherited(without names: some Sequence<String>) -> [String] {
        var variables: [String] = []
        var next = environ
        while let variable = next.pointee {
            variables.append(String(cString: variable))
            next += 1
        }
        return variables.filter { variable in !names.contains { variable.hasPrefix($0 + "=") } }
    }

    /// What the command begins with: nothing to read, standard error to write to and no other file, no signal blocked, and a
    /// group of its own, so that Ctrl-C ends the recording and not what is done with its files.
    private static func withAttributes(
        _ body: (UnsafePointer<posix_spawnattr_t>, UnsafePointer<posix_spawn_file_actions_t>) -> Int32
    ) -> Int32 {
        var attributes = posix_spawnattr_t()
        var actions = posix_spawn_file_actions_t()
        posix_spawnattr_init(&attributes)
        posix_spawn_file_actions_init(&actions)
        defer {
            posix_spawnattr_destroy(&attributes)
            posix_spawn_file_actions_destroy(&actions)
        }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        posix_spawnattr_setflags(&attributes, Int16(flags))
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO)
        _ = clinux_close_from(&actions, STDERR_FILENO + 1)
        return body(&attributes, &actions)
    }

    private static func withStrings<Result>(
        _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let pointers = strings.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        return body(pointers + [nil])
    }
}
