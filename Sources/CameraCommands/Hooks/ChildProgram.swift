// SPDX-License-Identifier: MIT

internal import CLinux
internal import CameraCore
package import CameraKit
internal import Glibc

/// Another program that is run for something that happened, and waited for.
package enum ChildProgram {
    /// Runs a command of the user's by the shell, and waits for it.
    ///
    /// - Parameters:
    ///   - command: What the shell is to run.
    ///   - facts: Variables of its environment, beside the program's own.
    ///   - limit: How long it may take before it is killed with all that it began; nil for as long as it wants.
    /// - Returns: What went wrong, as the end of a sentence; nil when it succeeded.
    package static func run(_ command: String, _ facts: [String: String], limit: Duration? = nil) -> String? {
        run(["/bin/sh", "-c", command], facts, input: [], limit: limit).trouble
    }

    /// What came of a program.
    package struct Outcome: Sendable {
        /// Its exit status; nil where a signal ended it, or it could not be run.
        package let status: Int32?
        /// What went wrong, as the end of a sentence; nil when it succeeded.
        package let trouble: String?
    }

    /// Runs a program, and waits for it.
    ///
    /// - Parameters:
    ///   - words: The program, searched in PATH unless it has a slash, and its arguments.
    ///   - facts: Variables of its environment, beside this program's own.
    ///   - input: What it reads, a few thousand bytes at most.
    ///   - limit: How long it may take before it is killed with all that it began; nil for as long as it wants.
    /// - Returns: What came of it.
    package static func run(
        _ words: [String], _ facts: [String: String], input: [UInt8], limit: Duration?
    ) -> Outcome {
        var process = pid_t()
        guard let source = pipe(with: input) else {
            return Outcome(
                status: nil, trouble: "could not be given what it reads: \(String(cString: strerror(errno)))")
        }
        let code = withAttributes(input: source) { attributes, actions in
            withStrings(words) { arguments in
                withStrings(facts.map { "\($0)=\($1)" } + inherited(without: facts.keys)) { variables in
                    posix_spawnp(&process, words[0], actions, attributes, arguments, variables)
                }
            }
        }
        close(source)
        guard code == 0 else {
            return Outcome(status: nil, trouble: "could not be run: \(String(cString: strerror(code)))")
        }
        return wait(for: process, limit)
    }

    /// What is known of a file, as variables for a command.
    package static func facts(of file: FinishedFile) -> [String: String] {
        [
            "CAMERA_FILE": file.name, "CAMERA_FRAMES": "\(file.frames)", "CAMERA_BYTES": "\(file.bytes)",
            "CAMERA_DURATION": seconds(nanoseconds: file.duration.nanoseconds),
            "CAMERA_START": seconds(nanoseconds: file.start.nanosecondsSince1970),
            "CAMERA_END": seconds(nanoseconds: file.end.nanosecondsSince1970),
        ]
    }

    /// Seconds, to the nearest microsecond.
    package static func seconds(nanoseconds: Int64) -> String {
        let microseconds = (nanoseconds + 500) / 1000
        let rest = "\(abs(microseconds) % 1_000_000)"
        return "\(microseconds / 1_000_000)." + String(repeating: "0", count: 6 - rest.count) + rest
    }

    private static func wait(for process: pid_t, _ limit: Duration?) -> Outcome {
        let alarm = Alarm()
        alarm.onRing { kill(-process, SIGKILL) }
        alarm.set(limit.map { .now + $0 })
        // It keeps its number until it is taken leave of, so that the alarm cannot meet another.
        var information = siginfo_t()
        while waitid(P_PID, id_t(process), &information, WEXITED | WNOWAIT) < 0, errno == EINTR {}
        alarm.set(nil)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7f
        if signal == SIGKILL, let limit {
            return Outcome(status: nil, trouble: "was killed: it took longer than \(limit)")
        }
        if signal != 0 { return Outcome(status: nil, trouble: "was ended by signal \(signal)") }
        let exit = (status >> 8) & 0xff
        return Outcome(status: exit, trouble: exit == 0 ? nil : "ended with status \(exit)")
    }

    /// A descriptor to read bytes from, which fit into a pipe; nil where there is none to be had.
    private static func pipe(with bytes: [UInt8]) -> Int32? {
        if bytes.isEmpty {
            let null = clinux_open("/dev/null", O_RDONLY, 0)
            return null < 0 ? nil : null
        }
        var ends: [Int32] = [-1, -1]
        // A pipe that is too small refuses the rest, instead of waiting for a reader that is not there yet.
        guard Glibc.pipe(&ends) == 0 else { return nil }
        // Programs that are started meanwhile close it themselves.
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        let count = write(ends[1], bytes, bytes.count)
        close(ends[1])
        guard count == bytes.count else {
            close(ends[0])
            errno = EMSGSIZE
            return nil
        }
        return ends[0]
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

    /// What the program begins with: what it reads, standard error to write to and no other file, no signal blocked, and a group
    /// of its own, so that Ctrl-C ends the recording and not what is done with its files.
    private static func withAttributes(
        input: Int32, _ body: (UnsafePointer<posix_spawnattr_t>, UnsafePointer<posix_spawn_file_actions_t>) -> Int32
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
        posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
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
