// SPDX-License-Identifier: MIT

public import CameraCore

/// Tells from the motion vectors of a recording when something begins to move and when it rests again.
///
/// A picture shows movement when enough of its blocks moved together: by at least ``minimumLength``, in the same way as
/// blocks beside them, and from places in the picture before that look the same. A picture that has little in common with
/// the one before, as after a cut, counts as movement too: many of its blocks are found nowhere, or each somewhere else.
/// Noise moves no blocks, and neither does a light that is switched on.
///
/// ```swift
/// var detector = MotionDetector()
/// if detector.add(field) == .began { ... }
/// ```
public struct MotionDetector: Sendable {
    /// The movement from one picture to the next, in pixels, from which on a block counts as moving.
    public var minimumLength = 2.0
    /// The parts of the picture that count; empty for all of it.
    ///
    /// A block counts where its middle lies in one of them, and shares are of the blocks that count.
    public var areas: [ZoomRegion] = []
    /// The share of the picture's blocks that must move together, from 0 to 1; always at least four blocks.
    public var minimumShare = 0.01
    /// The number of pictures in a row with movement that make ``Change/began``; a cut needs only one.
    public var pictures = 2
    /// The number of pictures in a row without movement that make ``Change/ended``.
    public var quietPictures = 15
    /// The share of the picture's blocks, from 0 to 1, that must be found nowhere or move on their own for a cut.
    public var cutShare = 0.5

    /// A change from rest to movement, or back.
    public enum Change: Hashable, Sendable {
        /// Something began to move.
        case began
        /// Nothing moves any more.
        case ended
    }

    /// Whether something moves.
    public private(set) var isMoving = false
    private var seen = 0
    private var moving = 0
    private var quiet = 0
    /// The difference that blocks usually have: what noise makes.
    private var floor = 0.0

    /// The difference, of 256 samples, up to which a place fits a block: 16 levels on average, or more where noise is
    /// strong.
    private static let fitting = 4096.0
    /// How much of the floor each picture renews.
    private static let renewal = 0.1

    /// Makes a detector that has seen nothing.
    public init() {}

    /// Looks at the vectors of the next picture.
    ///
    /// - Parameter field: The vectors; those of the recording's first picture, which are zero, come first.
    /// - Returns: What changed with this picture; nil for nothing.
    public mutating func add(_ field: MotionField) -> Change? {
        defer { seen += 1 }
        // Before the first picture there is nothing that it could differ from.
        guard seen > 0, field.columns > 1, field.rows > 0 else { return nil }
        let counts = blocksThatCount(in: field)
        let blocks = counts.count { $0 }
        guard blocks > 0 else { return nil }
        let usual = usualDifference(of: field)
        if seen == 1 { floor = usual }
        let limit = max(Self.fitting, 3 * floor)
        let (together, alone) = count(in: field, counts, limit: limit)
        let isCut = seen > 1 && Double(alone) >= cutShare * Double(blocks)
        if !isCut { floor += (usual - floor) * Self.renewal }
        let hasMovement = together >= 4 && Double(together) >= minimumShare * Double(blocks)
        moving = hasMovement ? moving + 1 : 0
        quiet = hasMovement || isCut ? 0 : quiet + 1
        if !isMoving, isCut || moving >= pictures {
            isMoving = true
            return .began
        }
        if isMoving, quiet >= quietPictures {
            isMoving = false
            return .ended
        }
        return nil
    }

    /// Whether each block lies in one of the areas, row by row.
    private func blocksThatCount(in field: MotionField) -> [Bool] {
        let columns = field.columns - 1
        guard !areas.isEmpty else { return [Bool](repeating: true, count: field.rows * columns) }
        var counts: [Bool] = []
        for row in 0..<field.rows {
            let y = (Double(row) + 0.5) / Double(field.rows)
            for column in 0..<columns {
                let x = (Double(column) + 0.5) / Double(columns)
                counts.append(areas.contains { $0.contains(x: x, y: y) })
            }
        }
        return counts
    }

    /// The median of the blocks' differences.
    private func usualDifference(of field: MotionField) -> Double {
        var differences: [UInt16] = []
        for row in 0..<field.rows {
            for column in 0..<field.columns - 1 { differences.append(field[row, column].sad) }
        }
        differences.sort()
        return Double(differences[differences.count / 2])
    }

    /// Blocks that moved as others around them did, and blocks that did not or that are found nowhere.
    private func count(in field: MotionField, _ counts: [Bool], limit: Double) -> (together: Int, alone: Int) {
        let columns = field.columns - 1
        var isMoved = [Bool](repeating: false, count: field.rows * columns)
        var alone = 0
        for row in 0..<field.rows {
            for column in 0..<columns where counts[row * columns + column] {
                let vector = field[row, column]
                if Double(vector.sad) > limit {
                    alone += 1
                } else {
                    isMoved[row * columns + column] = vector.length >= minimumLength
                }
            }
        }
        var together = 0
        for row in 0..<field.rows {
            for column in 0..<columns where isMoved[row * columns + column] {
                let vector = field[row, column]
                var alike = 0
                for y in max(row - 1, 0)...min(row + 1, field.rows - 1) {
                    for x in max(column - 1, 0)...min(column + 1, columns - 1)
                    where isMoved[y * columns + x] && Self.isAlike(vector, field[y, x]) { alike += 1 }
                }
                // The block is alike to itself.
                if alike >= 3 { together += 1 } else { alone += 1 }
            }
        }
        return (together, alone)
    }

    private static func isAlike(_ vector: MotionVector, _ other: MotionVector) -> Bool {
        abs(Int(vector.x) - Int(other.x)) <= 2 && abs(Int(vector.y) - Int(other.y)) <= 2
    }
}

extension ZoomRegion {
    /// Whether a place, in shares of the picture, lies in the part.
    fileprivate func contains(x: Double, y: Double) -> Bool {
        x >= self.x && x < self.x + width && y >= self.y && y < self.y + height
    }
}
