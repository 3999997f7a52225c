// SPDX-License-Identifier: MIT

import ArgumentParser
import Foundation

/// Runs the rows and writes the table, the plot and the figures.
@main
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures the camera tool side by side with its peers and with the bare libraries.")

    @Option(help: "The camera tool.") var camera: String
    @Option(help: "The folder with the footage.") var footage: String
    @Option(help: "Where to write Performance.md, performance.json and performance.svg; other rows in there stay.")
    var results: String?
    @Option(help: "Only rows whose name contains this; may be given several times.") var row: [String] = []
    @Option(help: "Counted runs of each contender, after one that is not; up to ten times as many of short ones.")
    var rounds = 5
    @Option(help: "The length of the runs; 1 is some seconds of work on two slow cores.") var length = 1.0
    @Option(help: "A camera of the virtual machine that this runs in: measure recording from it, and nothing else.")
    var device: String?
    @Flag(help: "Only see that each program runs and makes as much as the others: no figures, no verdict.")
    var check = false

    func run() throws {
        let outputs = "\(Self.memoryFolder ?? NSTemporaryDirectory())/bench-\(getpid())"
        try FileManager.default.createDirectory(atPath: "\(outputs)/made", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: outputs) }
        let folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path
        let programs = Programs(camera: camera, folder: folder, footage: footage, outputs: "\(outputs)/made")
        let runner = Runner(measure: "\(folder)/measure", folder: outputs)
        let rows = Rows(programs: programs, runner: runner, length: length, device: device).all.filter { candidate in
            row.isEmpty || row.contains { candidate.name.contains($0) }
        }
        guard !rows.isEmpty else { throw ValidationError("no row has such a name") }
        var results: [RowResult] = []
        for row in rows {
            let result = try measure(row, runner)
            if !check { print(result.markdown + "\n") }
            results.append(result)
            // After each row: a run takes an hour, and may be ended before.
            if let folder = self.results, !check {
                try Report(adding: result, to: folder, isGuest: device != nil).write(to: folder)
            }
        }
        guard !check else { return }
        let missed = results.flatMap(\.goals).count { !$0.isMet }
        print("\(results.flatMap(\.goals).count - missed) goals of \(results.flatMap(\.goals).count) are met.")
    }

    /// A folder whose files lie in memory, with room for the longest of them; nil where there is none, as in many containers.
    private static var memoryFolder: String? {
        let folder = "/dev/shm"
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: folder)
        let free = (attributes?[.systemFreeSize] as? NSNumber)?.intValue ?? 0
        return free > 4 << 30 ? folder : nil
    }

    /// Runs all contenders in turn, in another order by chance each round, so that what disturbs the machine, and what the
    /// run before left behind, is the same for all: whoever follows a run that mostly slept finds a slower processor.
    private func measure(_ row: Row, _ runner: Runner) throws -> RowResult {
        var first: [String: Figures] = [:]
        let isCoded = row.equalBytes ?? 0 > 0
        for contender in row.contenders {
            first[contender.name] = try runner.run(contender, countingFrames: isCoded)
        }
        try checkEqualWork(row, first)
        if check {
            print("\(row.name): \(row.contenders.map(\.name).joined(separator: ", "))")
            return RowResult(row, rounds: [first], length: length)
        }
        var measured: [[String: Figures]] = []
        for _ in 0..<roundCount(first[row.contenders[0].name]?["wall"]) {
            var round: [String: Figures] = [:]
            for contender in row.contenders.shuffled() {
                try runner.warm(row.warmBytes)
                round[contender.name] = try runner.run(contender)
            }
            measured.append(round)
        }
        return RowResult(row, rounds: measured, length: length)
    }

    /// How often to run what takes so many seconds: short runs more often, so that all rows rest on as much work.
    private func roundCount(_ seconds: Double?) -> Int {
        guard let seconds, seconds > 0 else { return rounds }
        return Int((Double(rounds) * min(max(5 * length / seconds, 1), 10)).rounded(.up))
    }

    /// Equal work makes equally much, of equally many frames.
    private func checkEqualWork(_ row: Row, _ figures: [String: Figures]) throws {
        guard let share = row.equalBytes, let ours = figures[row.contenders[0].name] else { return }
        for (figure, share) in [("frames", 0), ("bytes", share)] {
            guard let expected = ours[figure] else { continue }
            for (name, other) in figures {
                guard let made = other[figure], abs(made / expected - 1) > share else { continue }
                throw BenchError(
                    "\(row.name): \(name) made \(Int(made)) \(figure), we \(Int(expected)): that is not the same work")
            }
        }
    }
}
