// SPDX-License-Identifier: MIT

internal import CMotion

/// The way from a block to where it was in the frame before, in samples.
struct Displacement: Hashable {
    var x: Int
    var y: Int

    /// No displacement.
    static let zero = Displacement(x: 0, y: 0)

    /// The same way on a plane whose sides are `factor` times as long.
    func scaled(by factor: Int) -> Displacement { Displacement(x: x * factor, y: y * factor) }

    /// Samples across and down together.
    func distance(to other: Displacement) -> Int { abs(x - other.x) + abs(y - other.y) }

    static func + (left: Displacement, right: Displacement) -> Displacement {
        Displacement(x: left.x + right.x, y: left.y + right.y)
    }

    /// All displacements of at most `radius` across and down, the shortest first.
    static func square(_ radius: Int) -> [Displacement] {
        let all = (-radius...radius).flatMap { y in (-radius...radius).map { Displacement(x: $0, y: y) } }
        return all.sorted { $0.distance(to: .zero) < $1.distance(to: .zero) }
    }
}

/// Compares blocks of 16 x 16 samples of a plane with places in another one of the same size.
struct BlockComparison {
    private let base: UnsafePointer<UInt8>
    private let other: UnsafePointer<UInt8>
    private let stride: Int
    private let otherStride: Int
    /// The last place that a block can begin at.
    let lastX: Int
    let lastY: Int

    /// The samples along a block's side.
    static let side = 16

    /// Compares blocks of `plane`, whose sides have at least 16 samples, with places in `other`.
    init(_ plane: PlaneView, with other: PlaneView) {
        base = plane.base
        self.other = other.base
        stride = Int(plane.stride)
        otherStride = Int(other.stride)
        lastX = Int(plane.width) - Self.side
        lastY = Int(plane.height) - Self.side
    }

    /// Whether a displacement leads from a block to a place inside the plane, by steps that a vector can tell.
    func allows(_ way: Displacement, x: Int, y: Int) -> Bool {
        (0...lastX).contains(x + way.x) && (0...lastY).contains(y + way.y)
            && abs(way.x) <= MotionSearch.reach && abs(way.y) <= MotionSearch.reach
    }

    /// The sum of the absolute differences of the block at (x, y) and the place that a displacement leads to.
    func difference(x: Int, y: Int, _ way: Displacement) -> Int {
        Int(
            cmotion_difference16(
                base + y * stride + x, stride, other + (y + way.y) * otherStride + x + way.x, otherStride))
    }

    /// The differences of all blocks that two displacements lead to places inside the plane, added up for each of them.
    func totals(_ first: Displacement, _ second: Displacement, blocks: [Displacement]) -> (first: Int, second: Int) {
        var totals = (first: 0, second: 0)
        for block in blocks where allows(first, x: block.x, y: block.y) && allows(second, x: block.x, y: block.y) {
            totals.first += difference(x: block.x, y: block.y, first)
            totals.second += difference(x: block.x, y: block.y, second)
        }
        return totals
    }

    /// The displacement near `start` by which most of what blocks show has moved; `start` where no block tells.
    ///
    /// - Parameters:
    ///   - start: What is known already.
    ///   - offsets: The ways off it that are looked at, none of them longer than `radius` across or down.
    ///   - radius: How far a place must be from the border.
    ///   - blocks: Where the blocks that are asked begin.
    /// - Returns: The displacement.
    func common(
        near start: Displacement, _ offsets: [Displacement], radius: Int, blocks: [Displacement]
    ) -> Displacement {
        // All that is looked at must be what a vector can tell.
        let limit = MotionSearch.reach - radius
        let start = Displacement(x: min(max(start.x, -limit), limit), y: min(max(start.y, -limit), limit))
        var sums = [Int](repeating: 0, count: offsets.count)
        let far = Displacement(x: radius, y: radius)
        let back = Displacement(x: -radius, y: -radius)
        for block in blocks
        where allows(start + far, x: block.x, y: block.y) && allows(start + back, x: block.x, y: block.y) {
            for (index, offset) in offsets.enumerated() {
                sums[index] += difference(x: block.x, y: block.y, start + offset)
            }
        }
        var best = 0
        for index in sums.indices where sums[index] < sums[best] { best = index }
        return start + offsets[best]
    }
}
