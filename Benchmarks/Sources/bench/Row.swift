// SPDX-License-Identifier: MIT

/// The same work, done by several.
struct Row {
    /// What `--row` calls it.
    let name: String
    /// What the table calls it.
    let title: String
    /// Frames in a run.
    let frames: Int
    let contenders: [Contender]
    let goals: [Goal]
    /// Files of ours and of a peer must be equally long within this share, 0 for raw ones, and have equally many frames;
    /// nil where they are another kind.
    var equalBytes: Double?
    /// Bytes of memory that each run finds just used and free again: a virtual machine whose host takes back what lies
    /// free for seconds pays by chance otherwise.
    var warmBytes = 0
}

/// What a row must show.
struct Goal {
    /// What is compared: "wall / fastest peer".
    let title: String
    let bound: Bound
    let unit: String
    /// The value in a round; nil where a contender has no such figure.
    let value: (Comparison) -> Double?

    /// Which way is good.
    enum Bound {
        case atMost(Double)
        case atLeast(Double)

        /// Whether a value keeps to it.
        func holds(_ value: Double) -> Bool {
            switch self {
            case .atMost(let bound): value <= bound
            case .atLeast(let bound): value >= bound
            }
        }

        var text: String {
            switch self {
            case .atMost(let bound): "≤ \(bound.short)"
            case .atLeast(let bound): "≥ \(bound.short)"
            }
        }
    }

    init(_ title: String, _ bound: Bound, unit: String = "", _ value: @escaping (Comparison) -> Double?) {
        self.title = title
        self.bound = bound
        self.unit = unit
        self.value = value
    }

    /// Ours as a part of the best peer's: the one with the lowest median, of those of so many processes.
    static func peers(_ figure: String, _ bound: Bound, processes: Int = 1) -> Goal {
        let title = processes == 1 ? "best peer's" : "\(processes) processes of the best peer"
        return Goal("\(figure) / \(title)", bound) { $0.ours(figure) / $0.bestPeer(figure, processes: processes) }
    }

    /// How many times the best peer's rate ours is.
    static func rate(_ bound: Bound) -> Goal {
        Goal("rate / best peer's", bound) { $0.bestPeer("wall") / $0.ours("wall") }
    }
}

/// A round of a row: what each contender came to, beside the medians of all rounds.
struct Comparison {
    let row: Row
    let round: [String: Figures]
    let medians: [String: Figures]

    /// A figure of this project's.
    func ours(_ figure: String) -> Double? {
        row.contenders.first { $0.role == .ours }.flatMap { round[$0.name]?[figure] }
    }

    /// A figure of a contender's.
    func of(_ name: String, _ figure: String) -> Double? { round[name]?[figure] }

    /// The figure of the peer that is best at it in the median, of those of so many processes.
    func bestPeer(_ figure: String, processes: Int = 1) -> Double? {
        let peers = row.contenders.filter {
            $0.role == .peer && $0.processes == processes && medians[$0.name]?[figure] != nil
        }
        let best = peers.min { medians[$0.name]?[figure] ?? .infinity < medians[$1.name]?[figure] ?? .infinity }
        return best.flatMap { round[$0.name]?[figure] }
    }
}

/// A quotient of figures that may be missing.
func / (dividend: Double?, divisor: Double?) -> Double? {
    guard let dividend, let divisor, divisor != 0 else { return nil }
    return dividend / divisor
}

/// A difference of figures that may be missing.
func - (minuend: Double?, subtrahend: Double?) -> Double? {
    guard let minuend, let subtrahend else { return nil }
    return minuend - subtrahend
}
