// SPDX-License-Identifier: MIT

internal import CLinux
internal import CameraKit
package import CameraServer
internal import Glibc

/// Standard error and standard output, a line at a time.
///
/// Each line is one write(2), so that threads do not tear each other's lines and no lock is needed.
package enum Console {
    /// Whether somebody looks at standard error: then the program tells what it does.
    package static let isWatched = isatty(STDERR_FILENO) != 0

    /// Whether the lines go to systemd's journal, which takes a level from each.
    private static let isJournal = LogLevel.isJournal(STDERR_FILENO)

    /// Goes back to the beginning of the line and clears it: over the status line, if there is one.
    private static let clear = isWatched ? "\r\u{1B}[K" : ""

    /// Opens the standard descriptors that the program was started without, so that no file that it writes gets their
    /// numbers, and with them its messages.
    ///
    /// They are open the wrong way, as those that the C library opens for programs with special rights: who uses one learns
    /// that it is not there.
    package static func claimDescriptors() {
        for number in STDIN_FILENO...STDERR_FILENO where fcntl(number, F_GETFD) == -1 {
            // The lowest free number is taken, which is this one.
            _ = clinux_open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY, 0)
        }
    }

    /// Writes a line to standard error, with its level where that is the journal.
    package static func print(_ line: String, _ level: LogLevel = .info) {
        let beginning = isJournal ? level.journalPrefix : clear
        write(beginning + line.shown.escapingControls() + "\n", to: STDERR_FILENO)
    }

    /// Writes a line to standard error for somebody who looks; quiet in a pipe.
    package static func tell(_ line: String) {
        if isWatched { print(line) }
    }

    /// Replaces the status line.
    package static func showStatus(_ line: String) {
        write(clear + line, to: STDERR_FILENO)
    }

    /// Takes the status line away.
    package static func clearStatus() {
        write(clear, to: STDERR_FILENO)
    }

    /// Writes a line, or several, to standard output.
    package static func output(_ line: String) {
        write(line.escapingControls(except: ["\n"]) + "\n", to: STDOUT_FILENO)
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
                // Nobody is left to be told that telling failed.
                guard count > 0 || errno == EINTR else { return }
                rest = UnsafeRawBufferPointer(rebasing: rest[max(count, 0)...])
            }
        }
    }
}
