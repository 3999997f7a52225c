// SPDX-License-Identifier: MIT

/// One of those that do the work of a row.
struct Contender {
    /// What it is called in the table.
    let name: String
    let role: Role
    /// What it runs.
    let command: [String]
    /// The file that it writes, whose size counts; nil where there is none.
    var output: String?
    /// The file with this project's own statistics, whose lost frames count; nil where there is none.
    var statistics: String?
    /// How many processes share the work.
    ///
    /// What waits for them sees the memory of the largest; so much counts for each.
    var processes = 1
    /// Whether the time of its first byte of output counts.
    var wantsFirstByte = false
    /// How it is measured instead of as a whole process.
    var measured: (() throws -> Figures)?

    /// What a contender is to the row.
    enum Role {
        /// This project.
        case ours
        /// What a user would otherwise pick.
        case peer
        /// The bare C library.
        case limit
    }

    init(_ name: String, _ role: Role, output: String? = nil, statistics: String? = nil, _ command: [String]) {
        self.name = name
        self.role = role
        self.output = output
        self.statistics = statistics
        self.command = command
    }

    init(_ name: String, _ role: Role, measured: @escaping () throws -> Figures) {
        self.init(name, role, [])
        self.measured = measured
    }

    /// The same commands at the same time, as processes of their own that a shell waits for.
    init(_ name: String, _ role: Role, together commands: [[String]]) {
        let lines = commands.map { $0.map { "'\($0)'" }.joined(separator: " ") + " &" }
        self.init(name, role, ["sh", "-c", lines.joined(separator: "\n") + "\nwait"])
        processes = commands.count
    }

    /// The same, with the time of its first byte.
    func upToFirstByte() -> Contender {
        var copy = self
        copy.wantsFirstByte = true
        return copy
    }
}

/// What a run came to, by name: wall, cpu and first in seconds, rss and bytes in bytes, and what the program itself told.
typealias Figures = [String: Double]
