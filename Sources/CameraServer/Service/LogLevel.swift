// SPDX-License-Identifier: MIT

internal import Glibc

/// How much a line of a log matters, by the numbers of syslog(3).
package enum LogLevel: Int, Sendable {
    /// Something that was asked for is not done.
    case error = 3
    /// Something is wrong, and is tried again or goes on.
    case warning = 4
    /// Something that an operator may want to see.
    case notice = 5
    /// Everything else.
    case info = 6

    /// What a line begins with in systemd's journal, as sd-daemon(3) has it: "<4>".
    package var journalPrefix: String { "<\(rawValue)>" }

    /// Whether what is written to a descriptor goes to systemd's journal, which then takes the level from the line's beginning.
    ///
    /// The environment's `JOURNAL_STREAM` names the journal's stream by device and inode; where a program gave its child another
    /// standard error, the descriptor is no longer that.
    package static func isJournal(_ descriptor: Int32) -> Bool {
        guard let value = getenv("JOURNAL_STREAM") else { return false }
        var file = stat()
        guard fstat(descriptor, &file) == 0 else { return false }
        return String(cString: value) == "\(file.st_dev):\(file.st_ino)"
    }
}

extension News {
    /// How much it matters in a log.
    package var level: LogLevel {
        switch (subject, event) {
        case ("recording", "failed"): .error
        case ("camera", "away"), ("camera", "stalled"), ("camera", "hanging"), ("publishing", "failed"), ("warning", _):
            .warning
        case ("camera", _), ("recording", _): .notice
        default: .info
        }
    }
}
