// SPDX-License-Identifier: MIT

/// Where the pictures of a track lie in a file, and when they are shown; some seven bytes a picture while it is written.
package struct SampleTable {
    /// A picture in a file.
    package struct Sample: Equatable {
        /// Its first byte.
        package var offset: Int
        package var size: Int
        /// When a decoder needs it, from the file's beginning, in ticks.
        package var decodeTime: Int
        /// When it is shown, after it is needed, in ticks; may be below 0.
        package var compositionOffset: Int
        /// Whether decoding can start at it.
        package var isKey: Bool

        package init(offset: Int, size: Int, decodeTime: Int, compositionOffset: Int, isKey: Bool) {
            (self.offset, self.size) = (offset, size)
            (self.decodeTime, self.compositionOffset) = (decodeTime, compositionOffset)
            self.isKey = isKey
        }
    }

    /// Makes a table without pictures.
    package init() {}

    /// How many pictures there are.
    package private(set) var count = 0
    /// How many of them decoding can start at.
    package private(set) var keyCount = 0
    /// Which description is used from which picture on, both from 1.
    private(set) var descriptions: [(firstSample: Int, description: Int)] = []
    private(set) var first: Sample?
    private(set) var last: Sample?
    /// When the first and the last of the pictures are shown.
    private(set) var shown = (first: 0, last: 0)
    /// The numbers of each picture against those of the one before, seven bits a byte.
    private var blocks: [[UInt8]] = []

    /// Blocks of a fixed size, so that a table that grows is not copied.
    private static let blockByteCount = 1 << 16

    /// Adds a picture.
    ///
    /// - Parameters:
    ///   - sample: Where it is; later in the file, and needed later, than the one before.
    ///   - description: The number of its description, from 1.
    package mutating func append(_ sample: Sample, description: Int) {
        if (blocks.last?.count ?? Self.blockByteCount) + 40 > Self.blockByteCount {
            blocks.append([])
            blocks[blocks.count - 1].reserveCapacity(Self.blockByteCount)
        }
        let before = last ?? Self.none
        let block = blocks.count - 1
        Self.put(sample.offset - before.offset - before.size, into: &blocks[block])
        Self.put(sample.size << 1 | (sample.isKey ? 1 : 0), into: &blocks[block])
        Self.put(sample.decodeTime - before.decodeTime, into: &blocks[block])
        Self.put(Self.folded(sample.compositionOffset), into: &blocks[block])
        first = first ?? sample
        last = sample
        let time = sample.decodeTime + sample.compositionOffset
        shown = count == 0 ? (time, time) : (min(shown.first, time), max(shown.last, time))
        count += 1
        if sample.isKey { keyCount += 1 }
        if descriptions.last?.description != description { descriptions.append((count, description)) }
    }

    /// The memory that it takes, about.
    package var byteCount: Int { blocks.reduce(0) { $0 + $1.capacity } }

    /// Calls a closure with each picture.
    package func forEach(_ body: (Sample) throws -> Void) rethrows {
        var sample = Self.none
        for block in blocks {
            var index = 0
            while index < block.count {
                sample.offset += sample.size + Self.number(in: block, &index)
                let size = Self.number(in: block, &index)
                (sample.size, sample.isKey) = (size >> 1, size & 1 == 1)
                sample.decodeTime += Self.number(in: block, &index)
                sample.compositionOffset = Self.unfolded(Self.number(in: block, &index))
                try body(sample)
            }
        }
    }

    /// What the first picture is told against.
    private static let none = Sample(offset: 0, size: 0, decodeTime: 0, compositionOffset: 0, isKey: false)

    private static func put(_ value: Int, into bytes: inout [UInt8]) {
        var rest = UInt(bitPattern: max(value, 0))
        while rest >= 128 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 128)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private static func number(in bytes: [UInt8], _ index: inout Int) -> Int {
        var value: UInt = 0
        var shift: UInt = 0
        while true {
            let byte = bytes[index]
            index += 1
            value |= UInt(byte & 127) << shift
            guard byte & 128 != 0 else { return Int(bitPattern: value) }
            shift += 7
        }
    }

    /// Small numbers of both signs as small numbers without one.
    private static func folded(_ value: Int) -> Int { value < 0 ? -2 * value - 1 : 2 * value }

    private static func unfolded(_ value: Int) -> Int { value & 1 == 1 ? -(value + 1) / 2 : value / 2 }
}
