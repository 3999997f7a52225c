// SPDX-License-Identifier: MIT

extension [UInt8] {
    /// The bytes with some damage: flipped bits, other bytes, cuts, holes, parts that are repeated or have changed places.
    public func mutated(_ random: inout SeededRandom) -> [UInt8] {
        var bytes = self
        for _ in 0..<Int.random(in: 1...3, using: &random) { bytes.mutate(&random) }
        return bytes
    }

    /// A part of the bytes: any length is as likely as its double.
    private func part(_ random: inout SeededRandom) -> Range<Int> {
        let start = Int.random(in: 0..<count, using: &random)
        let length = 1 << Int.random(in: 0...12, using: &random)
        return start..<Swift.min(start + Int.random(in: 1...length, using: &random), count)
    }

    private mutating func mutate(_ random: inout SeededRandom) {
        guard !isEmpty else { return }
        // Sizes, tables and indexes are at the front: half of the hits go there.
        let limit = Bool.random(using: &random) ? Swift.min(count, 700) : count
        let place = Int.random(in: 0..<limit, using: &random)
        switch Int.random(in: 0..<9, using: &random) {
        case 0, 1: self[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 2: self[place] = .random(in: 0...255, using: &random)
        case 3: self[place] = [0, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
        case 4: self = Array(prefix(Int.random(in: 0..<count, using: &random)))
        case 5: removeSubrange(part(&random))
        case 6: insert(contentsOf: self[part(&random)], at: place)
        case 7:
            let piece = self[part(&random)]
            removeSubrange(piece.indices)
            insert(contentsOf: piece, at: Int.random(in: 0...count, using: &random))
        default:
            let range = part(&random)
            let byte = UInt8.random(in: 0...255, using: &random)
            for index in range {
                self[index] = Bool.random(using: &random) ? byte : .random(in: 0...255, using: &random)
            }
        }
    }

    /// A JPEG picture's bytes with damage, or with segments that are missing, repeated or have changed places.
    public func mutatedPicture(_ random: inout SeededRandom) -> [UInt8] {
        guard Int.random(in: 0..<3, using: &random) == 0 else { return mutated(&random) }
        // From marker to marker.
        var places = indices.dropLast().filter { self[$0] == 0xFF && self[$0 + 1] != 0 && self[$0 + 1] != 0xFF }
        places.append(count)
        var segments = zip(places, places.dropFirst()).map { Array(self[$0..<$1]) }
        guard segments.count > 2 else { return mutated(&random) }
        let (one, other) = (
            segments.indices.randomElement(using: &random) ?? 0, segments.indices.randomElement(using: &random) ?? 0
        )
        switch Int.random(in: 0..<4, using: &random) {
        case 0: segments.swapAt(one, other)
        case 1: segments.remove(at: one)
        case 2: segments.insert(segments[one], at: other)
        default: segments[one].mutate(&random)
        }
        return Array(segments.joined())
    }
}
