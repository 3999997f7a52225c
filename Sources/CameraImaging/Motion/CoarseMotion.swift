// SPDX-License-Identifier: MIT

internal import CMotion

/// How the parts of a picture moved, to two pixels: a search of everything within reach on planes of an eighth and of a
/// quarter of the size.
struct CoarseMotion {
    /// The displacement of most of the picture, to the pixel.
    private(set) var common = Displacement.zero
    /// Whether the picture is clearly the one before, moved by ``common``.
    private(set) var isPan = false
    private var tiles: [Displacement] = []
    private let columns: Int
    private let rows: Int
    private let quarter: PlaneView
    private let earlierQuarter: PlaneView

    /// Samples along a tile's side on the plane of an eighth.
    private static let side = 8
    /// How far tiles are searched on the plane of an eighth.
    private static let reach = 16
    /// How far a block's surroundings are searched on the plane of a quarter.
    private static let nearReach = 8
    /// Tiles that the last step for the whole picture asks.
    private static let samples = 64

    /// Compares two pictures of at least 64 x 64 pixels; smaller ones have no tiles.
    init(_ picture: LumaPyramid, after earlier: LumaPyramid) {
        let (width, height) = (Int(picture.eighth.width), Int(picture.eighth.height))
        (quarter, earlierQuarter) = (picture.quarter.view, earlier.quarter.view)
        guard width >= Self.side, height >= Self.side else {
            (columns, rows) = (0, 0)
            return
        }
        columns = (width + Self.side - 1) / Self.side
        rows = (height + Self.side - 1) / Self.side
        let places = Self.places(rows, within: height).flatMap { y in
            Self.places(columns, within: width).map { Displacement(x: $0, y: y) }
        }
        var votes = Votes(reach: Self.reach)
        let first = places.map {
            Self.search($0, picture.eighth.view, earlier.eighth.view, reach: Self.reach) { differences, count, first in
                votes.add(differences, count: count, from: first)
            }
        }
        // A sample of the next plane is half as wide: what was found there is right to one of them.
        let finer = BlockComparison(picture.quarter.view, with: earlier.quarter.view)
        let near = Displacement.square(2)
        tiles = zip(places, first).map { place, way in
            Self.refine(way.scaled(by: 2), near, finer, at: place.scaled(by: 2)).scaled(by: 4)
        }
        let rough = finer.common(
            near: votes.winner.scaled(by: 2), near, radius: 2, blocks: places.map { $0.scaled(by: 2) })
        let finest = BlockComparison(picture.full.view, with: earlier.full.view)
        let step = max(places.count / Self.samples, 1)
        let centre = Displacement(x: 24, y: 24)
        let asked = stride(from: 0, to: places.count, by: step).map { places[$0].scaled(by: 8) + centre }
        common = finest.common(near: rough.scaled(by: 4), Displacement.square(3), radius: 3, blocks: asked)
        let (moved, still) = finest.totals(common, .zero, blocks: asked)
        isPan = 2 * moved < still
    }

    /// How the part with the pixel (x, y) moved; nil for small pictures.
    func around(x: Int, y: Int) -> Displacement? {
        guard !tiles.isEmpty else { return nil }
        let pixels = 8 * Self.side
        return tiles[min(y / pixels, rows - 1) * columns + min(x / pixels, columns - 1)]
    }

    /// How the surroundings of the block at (x, y) moved, if it was not far: for what is small and fast.
    func nearby(x: Int, y: Int) -> Displacement {
        let (lastX, lastY) = (Int(quarter.width) - Self.side, Int(quarter.height) - Self.side)
        guard lastX >= 0, lastY >= 0 else { return .zero }
        // A tile of this plane is twice as wide as a block, which is to be in its middle.
        let place = Displacement(x: min(max(x / 4 - 2, 0), lastX), y: min(max(y / 4 - 2, 0), lastY))
        return Self.search(place, quarter, earlierQuarter, reach: Self.nearReach) { _, _, _ in }.scaled(by: 4)
    }

    /// Where tiles begin; the last ones end with the plane.
    private static func places(_ count: Int, within length: Int) -> [Int] {
        (0..<count).map { min($0 * side, length - side) }
    }

    /// The displacement by which a tile differs least.
    ///
    /// - Parameters:
    ///   - tile: Where it begins.
    ///   - plane: Where it is.
    ///   - earlier: Where it was.
    ///   - reach: How far to look.
    ///   - note: Called for each row of places with their differences, their count and the first one's displacement.
    /// - Returns: The displacement.
    private static func search(
        _ tile: Displacement, _ plane: PlaneView, _ earlier: PlaneView, reach: Int,
        note: (UnsafePointer<UInt16>, Int, Displacement) -> Void
    ) -> Displacement {
        let left = max(tile.x - reach, 0)
        let top = max(tile.y - reach, 0)
        let columns = min(tile.x + reach, Int(plane.width) - side) - left + 1
        let rows = min(tile.y + reach, Int(plane.height) - side) - top + 1
        return withUnsafeTemporaryAllocation(of: UInt16.self, capacity: columns * rows) { differences in
            guard let start = differences.baseAddress else { return .zero }
            cmotion_differences8(
                plane.row(Int32(tile.y)) + tile.x, Int(plane.stride), earlier.row(Int32(top)) + left,
                Int(earlier.stride), Int32(columns), Int32(rows), start)
            // Where nothing tells otherwise, nothing moved.
            var best = Displacement.zero
            var least = start[(tile.y - top) * columns + tile.x - left]
            var next = start
            for y in (top - tile.y)..<(top - tile.y + rows) {
                note(next, columns, Displacement(x: left - tile.x, y: y))
                for x in 0..<columns where next[x] < least {
                    least = next[x]
                    best = Displacement(x: left - tile.x + x, y: y)
                }
                next += columns
            }
            return best
        }
    }

    private static func refine(
        _ start: Displacement, _ offsets: [Displacement], _ comparison: BlockComparison, at place: Displacement
    ) -> Displacement {
        var best = Displacement.zero
        var least = Int.max
        for offset in offsets {
            let way = start + offset
            guard comparison.allows(way, x: place.x, y: place.y) else { continue }
            let difference = comparison.difference(x: place.x, y: place.y, way)
            if difference < least { (best, least) = (way, difference) }
        }
        return best
    }
}

/// The differences of all tiles, added up for each displacement.
private struct Votes {
    private let reach: Int
    private var sums: [UInt32]
    private var counts: [UInt32]

    init(reach: Int) {
        self.reach = reach
        let count = (2 * reach + 1) * (2 * reach + 1)
        sums = [UInt32](repeating: 0, count: count)
        counts = sums
    }

    mutating func add(_ differences: UnsafePointer<UInt16>, count: Int, from first: Displacement) {
        let start = (first.y + reach) * (2 * reach + 1) + first.x + reach
        sums.withUnsafeMutableBufferPointer { sums in
            for index in 0..<count { sums[start + index] += UInt32(differences[index]) }
        }
        counts.withUnsafeMutableBufferPointer { counts in
            for index in 0..<count { counts[start + index] += 1 }
        }
    }

    /// The displacement with the least difference per tile, of those that enough tiles could tell of.
    var winner: Displacement {
        let side = 2 * reach + 1
        var best = reach * side + reach
        let needed = max(counts[best] / 4, 1)
        for index in sums.indices where counts[index] >= needed {
            // Compares the quotients without dividing.
            if UInt64(sums[index]) * UInt64(counts[best]) < UInt64(sums[best]) * UInt64(counts[index]) { best = index }
        }
        return Displacement(x: best % side - reach, y: best / side - reach)
    }
}
