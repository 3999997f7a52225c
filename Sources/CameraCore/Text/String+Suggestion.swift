// SPDX-License-Identifier: MIT

extension String {
    /// The end of a message about a word that is none of a list: "; did you mean 'record'?" where one of them is near, else
    /// nothing.
    ///
    /// - Parameter words: What there is.
    /// - Returns: The end of the message.
    package func suggestion(among words: some Sequence<String>) -> String {
        nearest(among: words).map { "; did you mean '\($0)'?" } ?? ""
    }

    /// The word of a list that was probably meant: one in three letters is wrong, missing, too many or in the place of its
    /// neighbour, at most, or the rest is not written yet.
    ///
    /// - Parameter words: What there is.
    /// - Returns: The nearest, the first one of several; nil where none is near.
    package func nearest(among words: some Sequence<String>) -> String? {
        // No name is so long, and the comparison's time grows with both lengths.
        guard utf8.count <= 64 else { return nil }
        let own = Array(lowercased())
        var best: (word: String, distance: Int)?
        for word in words {
            let other = Array(word.lowercased())
            let isBeginning = own.count > 2 && other.starts(with: own)
            let distance = isBeginning ? 0 : Self.distance(own, other)
            guard distance <= max(1, own.count / 3), distance < other.count else { continue }
            if distance < best?.distance ?? .max { best = (word, distance) }
        }
        return best?.word
    }

    /// The optimal string alignment distance: how many letters to change, leave out, put in or exchange with their neighbour.
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for (row, letter) in left.enumerated() {
            var next = [row + 1]
            for (column, other) in right.enumerated() {
                var cost = Swift.min(last[column] + (letter == other ? 0 : 1), last[column + 1] + 1, next[column] + 1)
                if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
                    cost = Swift.min(cost, beforeLast[column - 1] + 1)
                }
                next.append(cost)
            }
            (beforeLast, last) = (last, next)
        }
        return last[right.count]
    }
}
