// SPDX-License-Identifier: MIT

package import CameraCore

/// Finds where each block of 16 x 16 pixels of a picture was in the picture before, by the luma.
///
/// The search begins with small copies of the pictures, which tell of movements up to 127 pixels either way; then each
/// block tries what its neighbours, its own past and the whole picture suggest, and walks on from the best to the pixel.
/// A block stays where it is unless another place fits it clearly better, so that noise does not move it. At the right and
/// at the bottom, a block that the picture does not fill is compared by the picture's last 16 columns or rows. Places lie
/// inside the picture. Where the whole picture became brighter or darker, that is undone before the comparison.
///
/// One thread uses it.
package struct MotionSearch {
    /// The size of the pictures.
    package let size: Resolution
    private let columns: Int
    private let rows: Int
    private var current: LumaPyramid
    private var previous: LumaPyramid
    /// The current picture with the brightness of the one before.
    private let leveled: LumaPyramid
    private var hasPrevious = false
    /// What was found last, row by row.
    private var found: [Displacement]
    /// The differences that are left there.
    private var differences: [Int]

    /// The most pixels that a vector can tell of, across and down.
    static let reach = 127
    /// The difference, of 256 samples, below which two blocks show the same: half a level on average.
    private static let same = 128
    /// The difference below which a block needs no wider search: two levels on average, or more where the neighbours'
    /// differences tell of noise, but no more than eight.
    private static let good = 512...2048
    /// What a pixel of the way costs, in levels, unless it is the whole picture's way.
    private static let costPerPixel = 2
    private static let near = Displacement.square(3)
    private static let steps = [(0, -1), (-1, 0), (1, 0), (0, 1)].map { Displacement(x: $0.0, y: $0.1) }

    /// Prepares for pictures of a size.
    package init(_ size: Resolution) {
        self.size = size
        columns = (size.width + BlockComparison.side - 1) / BlockComparison.side
        rows = (size.height + BlockComparison.side - 1) / BlockComparison.side
        current = LumaPyramid(size)
        previous = LumaPyramid(size)
        leveled = LumaPyramid(size)
        found = [Displacement](repeating: .zero, count: columns * rows)
        differences = [Int](repeating: 0, count: columns * rows)
    }

    /// Takes the next picture.
    ///
    /// - Parameter luma: Its luma, of the size that the search was made for.
    /// - Returns: The vectors; all zero for the first picture.
    mutating func search(_ luma: PlaneView) -> MotionField {
        swap(&current, &previous)
        current.fill(from: luma)
        guard hasPrevious else {
            hasPrevious = true
            return MotionField(of: size)
        }
        guard let change = BrightnessChange(current.eighth.view, after: previous.eighth.view) else {
            return compare(current)
        }
        leveled.fill(from: current, replacedBy: change.table)
        return compare(leveled)
    }

    private mutating func compare(_ picture: LumaPyramid) -> MotionField {
        let coarse = CoarseMotion(picture, after: previous)
        let comparison = BlockComparison(picture.full.view, with: previous.full.view)
        var field = MotionField(of: size)
        for row in 0..<rows {
            let y = min(row * BlockComparison.side, comparison.lastY)
            for column in 0..<columns {
                let x = min(column * BlockComparison.side, comparison.lastX)
                var search = BlockSearch(comparison, x: x, y: y, coarse)
                if search.best.difference > Self.same {
                    suggest(to: &search, row: row, column: column, coarse)
                }
                let result = search.result
                found[row * columns + column] = result.way
                differences[row * columns + column] = result.difference
                field[row, column] = MotionVector(
                    x: Int8(result.way.x), y: Int8(result.way.y), sad: UInt16(result.difference))
            }
        }
        return field
    }

    /// Leads a block's search by what is known; the neighbours to the left and above are those of this picture.
    private func suggest(to search: inout BlockSearch, row: Int, column: Int, _ coarse: CoarseMotion) {
        let index = row * columns + column
        let around = coarse.around(x: search.x + 8, y: search.y + 8)
        search.look(at: found[index])
        if column > 0 { search.look(at: found[index - 1]) }
        if row > 0 { search.look(at: found[index - columns]) }
        if row > 0, column + 1 < columns { search.look(at: found[index - columns + 1]) }
        if let around { search.look(at: around) }
        search.walk(by: Self.steps)
        guard search.best.difference > enough(row: row, column: column) else { return }
        if let around { search.look(around: around, Self.near) }
        search.look(around: search.best.way, Self.near)
        search.walk(by: Self.steps)
        guard search.best.difference > bad(row: row, column: column) else { return }
        search.look(around: coarse.nearby(x: search.x, y: search.y), Self.near)
        search.walk(by: Self.steps)
    }

    /// The difference that is as good as can be expected of a block.
    private func enough(row: Int, column: Int) -> Int {
        guard row > 0, column > 0 else { return Self.good.lowerBound }
        let index = row * columns + column
        let expected = min(differences[index - 1], differences[index - columns]) * 9 / 8 + Self.same
        return min(max(expected, Self.good.lowerBound), Self.good.upperBound)
    }

    /// The difference from which on a block is not where it was looked for, as its neighbours were.
    private func bad(row: Int, column: Int) -> Int {
        guard row > 0, column > 0 else { return 2 * Self.good.lowerBound }
        let index = row * columns + column
        return max(min(differences[index - 1], differences[index - columns]) * 3 / 2, 2 * Self.good.lowerBound)
    }

    /// The search for one block.
    private struct BlockSearch {
        struct Candidate {
            var way: Displacement
            var difference: Int
            var cost: Int

            /// Whether noise does not explain the difference to another one.
            func isClearlyBetter(than other: Candidate) -> Bool {
                cost + MotionSearch.same < other.difference - other.difference / 6
            }
        }

        /// The whole picture's way.
        let common: Displacement
        private let comparison: BlockComparison
        let x: Int
        let y: Int
        /// What the block is expected to have done: stayed where it was, or moved with the whole picture.
        private let expected: Candidate
        private(set) var best: Candidate

        init(_ comparison: BlockComparison, x: Int, y: Int, _ coarse: CoarseMotion) {
            self.comparison = comparison
            self.x = x
            self.y = y
            common = coarse.common
            let difference = comparison.difference(x: x, y: y, .zero)
            var expected = Candidate(way: .zero, difference: difference, cost: difference)
            if common != .zero, difference > 0, comparison.allows(common, x: x, y: y) {
                let moved = comparison.difference(x: x, y: y, common)
                let candidate = Candidate(way: common, difference: moved, cost: moved)
                if coarse.isPan ? moved < difference : candidate.isClearlyBetter(than: expected) {
                    expected = candidate
                }
            }
            self.expected = expected
            best = expected
        }

        /// The best place, unless that where the block is expected is as good but for noise.
        var result: Candidate { best.isClearlyBetter(than: expected) ? best : expected }

        mutating func look(at way: Displacement) {
            guard way != best.way, comparison.allows(way, x: x, y: y) else { return }
            let difference = comparison.difference(x: x, y: y, way)
            let cost = difference + MotionSearch.costPerPixel * min(way.distance(to: .zero), way.distance(to: common))
            if cost < best.cost { best = Candidate(way: way, difference: difference, cost: cost) }
        }

        mutating func look(around start: Displacement, _ offsets: [Displacement]) {
            for offset in offsets { look(at: start + offset) }
        }

        /// Goes to the best of the neighbouring places as long as that is better.
        mutating func walk(by steps: [Displacement]) {
            // Each turn moves by one: more would be a way that the wider search finds.
            for _ in 0..<16 {
                let start = best.way
                look(around: start, steps)
                if best.way == start { return }
            }
        }
    }
}
