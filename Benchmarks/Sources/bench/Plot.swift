// SPDX-License-Identifier: MIT

import Foundation

/// Every goal as a bar: how much of its bound it uses, on a logarithmic scale; what is better is always on the left.
struct Plot {
    let rows: [RowResult]

    private static let (left, width, lineHeight) = (560.0, 460.0, 22.0)
    /// What the scale reaches from and to, as parts of the bound.
    private static let (lowest, highest) = (0.1, 4.0)

    var svg: String {
        let goals = rows.flatMap { row in row.goals.map { (row.title, $0) } }
        let height = Double(goals.count + 3) * Self.lineHeight
        var parts = [
            """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(Int(Self.left + Self.width + 40))" height="\(Int(height))" \
            font-family="sans-serif" font-size="12">
            <rect width="100%" height="100%" fill="white"/>
            """
        ]
        for mark in [0.1, 0.2, 0.5, 1, 2, 4] {
            let place = Self.place(mark)
            parts.append(Self.line(place, 20, place, height - 20, mark == 1 ? "black" : "#ddd"))
            parts.append(Self.text(place, 14, mark == 1 ? "bound" : "\(mark.short) ×", anchor: "middle"))
        }
        for (index, (title, goal)) in goals.enumerated() {
            let middle = Double(index + 2) * Self.lineHeight
            let color = goal.isMet ? "#2a7" : "#c33"
            let values = [goal.spread.low, goal.spread.median, goal.spread.high].map { goal.share(of: $0) }.sorted()
            parts.append(Self.text(Self.left - 20, middle + 4, "\(title): \(goal.title)", anchor: "end"))
            parts.append(Self.line(Self.place(values[0]), middle, Self.place(values[2]), middle, color))
            parts.append(
                "<circle cx=\"\(Self.place(values[1]).short)\" cy=\"\(middle.short)\" r=\"5\" fill=\"\(color)\"/>")
        }
        return parts.joined(separator: "\n") + "\n</svg>\n"
    }

    private static func place(_ share: Double) -> Double {
        let part = log(min(max(share, lowest), highest) / lowest) / log(highest / lowest)
        return left + part * width
    }

    private static func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ color: String) -> String {
        "<line x1=\"\(x1.short)\" y1=\"\(y1.short)\" x2=\"\(x2.short)\" y2=\"\(y2.short)\" stroke=\"\(color)\" stroke-width=\"2\"/>"
    }

    private static func text(_ x: Double, _ y: Double, _ text: String, anchor: String) -> String {
        let escaped = text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
        return "<text x=\"\(x.short)\" y=\"\(y.short)\" text-anchor=\"\(anchor)\">\(escaped)</text>"
    }
}

extension RowResult.GoalResult {
    /// A value as a part of the bound, so that below 1 is good whichever way the goal points.
    func share(of value: Double) -> Double {
        bound.hasPrefix("≤") ? value / limit : limit / max(value, .leastNonzeroMagnitude)
    }
}
