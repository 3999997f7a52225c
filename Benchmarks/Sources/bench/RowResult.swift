// SPDX-License-Identifier: MIT

/// What a row came to.
struct RowResult: Codable {
    let name: String
    let title: String
    let frames: Int
    /// Counted runs of each contender.
    let rounds: Int
    /// How long the runs were; 1 for whole ones.
    let length: Double
    let contenders: [ContenderResult]
    let goals: [GoalResult]

    struct ContenderResult: Codable {
        let name: String
        /// Each figure's spread over the rounds.
        let figures: [String: Spread]
    }

    struct GoalResult: Codable {
        let title: String
        let unit: String
        let spread: Spread
        let bound: String
        /// The bound's number, for the plot.
        let limit: Double
        let isMet: Bool
    }

    init(_ row: Row, rounds: [[String: Figures]], length: Double) {
        name = row.name
        title = row.title
        frames = row.frames
        self.rounds = rounds.count
        self.length = length
        contenders = row.contenders.map { contender in
            let runs = rounds.compactMap { $0[contender.name] }
            let names = Set(runs.flatMap(\.keys))
            let figures = names.compactMap { name in Spread(runs.compactMap { $0[name] }).map { (name, $0) } }
            return ContenderResult(name: contender.name, figures: Dictionary(uniqueKeysWithValues: figures))
        }
        let medians = Dictionary(
            uniqueKeysWithValues: contenders.map { ($0.name, $0.figures.mapValues(\.median)) })
        goals = row.goals.compactMap { goal in
            let values = rounds.compactMap { goal.value(Comparison(row: row, round: $0, medians: medians)) }
            guard let spread = Spread(values) else { return nil }
            let limit =
                switch goal.bound {
                case .atMost(let limit), .atLeast(let limit): limit
                }
            return GoalResult(
                title: goal.title, unit: goal.unit, spread: spread, bound: goal.bound.text, limit: limit,
                isMet: goal.bound.holds(spread.median))
        }
    }

    /// A heading and two tables.
    var markdown: String {
        let short = length < 1 ? ", \(length.short) of the whole length" : ""
        var lines = ["### \(title)", "", "`\(name)`, \(rounds) runs of \(frames) frames\(short)", ""]
        let columns = Self.columns.filter { column in contenders.contains { $0.figures[column.figure] != nil } }
        lines += ["| | \(columns.map(\.title).joined(separator: " | ")) |"]
        lines += ["|---" + String(repeating: "|---", count: columns.count) + "|"]
        for contender in contenders {
            let cells = columns.map { column in
                contender.figures[column.figure].map { ($0.median * column.scale).short } ?? ""
            }
            lines.append("| \(contender.name) | \(cells.joined(separator: " | ")) |")
        }
        guard !goals.isEmpty else { return lines.joined(separator: "\n") }
        lines += ["", "| goal | median (lowest to highest) | |", "|---|---|---|"]
        for goal in goals {
            let unit = goal.unit.isEmpty ? "" : " \(goal.unit)"
            lines.append(
                "| \(goal.title) \(goal.bound)\(unit) | \(goal.spread.text) | \(goal.isMet ? "met" : "missed") |")
        }
        return lines.joined(separator: "\n")
    }

    private static let columns: [(title: String, figure: String, scale: Double)] = [
        ("wall s", "wall", 1), ("CPU s", "cpu", 1), ("loop s", "loop", 1), ("loop CPU s", "loop_cpu", 1),
        ("peak MiB", "rss", 1 / 1_048_576), ("switches", "switches", 1), ("MB", "bytes", 1e-6),
        ("first byte ms", "first", 1000), ("median ms", "median", 1000), ("p99 ms", "p99", 1000),
        ("first ten, longest ms", "early", 1000), ("instructions", "instructions", 1),
        ("mallocs", "allocations", 1), ("beyond µs", "beyond", 1e6),
    ]
}
