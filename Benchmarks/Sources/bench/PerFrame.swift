// SPDX-License-Identifier: MIT

import Foundation

/// What each further frame costs: the difference of two runs, so that starting and ending do not count.
struct PerFrame {
    let programs: Programs
    let runner: Runner
    /// The command for a number of frames.
    let command: (Int) -> [String]

    /// Calls of malloc and its relatives, by everybody but the named libraries.
    func allocations(frames: Int, except libraries: [String]) throws -> Figures {
        let calls = try [frames, 2 * frames].map { count in
            let counted = programs.preloading("CountAllocations", into: command(count))
            let figures = try runner.run(Contender("camera", .ours, counted))
            return figures.filter { name, _ in
                name.hasPrefix("malloc ") && !libraries.contains { name.contains($0) }
            }.values.reduce(0, +)
        }
        return ["allocations": (calls[1] - calls[0]) / Double(frames)]
    }

    /// Instructions of the program without those of the kernel, as valgrind counts them.
    func instructions(frames: Int) throws -> Figures {
        let counts = try [frames, 3 * frames].map { count in
            let log = "\(runner.folder)/valgrind"
            let valgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "--log-file=\(log)"]
            _ = try runner.run(Contender("camera", .ours, valgrind + command(count)))
            let text = try String(contentsOfFile: log, encoding: .utf8)
            let line = text.split(separator: "\n").first { $0.contains("Collected :") }
            guard let count = line?.split(separator: " ").last.flatMap({ Double($0) }) else {
                throw BenchError("valgrind counted nothing: \(text)")
            }
            return count
        }
        return ["instructions": (counts[1] - counts[0]) / Double(2 * frames)]
    }
}
