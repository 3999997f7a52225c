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

        package init(offset: Int, size: Int, decodeTime: Int, compositionOffset: Int) {
            (self.offset, self.size) = (offset, size)
            (self.decodeTime, self.compositionOffset) = (decodeTime, compositionOffset)
        }
    }

    /// Makes a table without pictures.
    package init() {}

    /// How many pictures there are.
    package private(set) var count = 0
    /// The numbers of the pictures where decoding can start, from 1; nil when that is each.
    package var syncSamples: [UInt32]? { keys.count == count ? nil : keys }
    /// Which description is used from which picture on, both from 1.
    private(set) var descriptions: [(firstSample: Int, description: Int)] = []
    private(set) var first: Sample?
    private(set) var last: Sample?
    /// When the last of the pictures is shown.
    private(set) var lastShown = 0
    /// The numbers of each picture against those of the one before, seven bits a byte.
    private var blocks: [[UInt8]] = []
    private var keys: [UInt32] = []

    /// Blocks of a fixed size, so that a table that grows is not copied.
    private static let blockByteCount = 1 << 16

    /// Adds a picture.
    ///
    /// - Parameters:
    ///   - sample: Where it is; later in the file, and needed later, than the one before.
    ///   - isKey: Whether decoding can start at it.
    ///   - description: The number of its description, from 1.
    package mutating func append(_ sample: Sample, isKey: Bool, description: Int) {
        if (blocks.last?.count ?? Self.blockByteCount) + 40 > Self.blockByteCount {
            blocks.append([])
            blocks[blocks.count - 1].reserveCapacity(Self.blockByteCount)
        }
        let before = last ?? Sample(offset: 0, size: 0, decodeTime: 0, compositionOffset: 0)
        let block = blocks.count - 1
        Self.put(sample.offset - before.offset - before.size, into: &blocks[block])
        Self.put(sample.size, into: &blocks[block])
        Self.put(sample.decodeTime - before.decodeTime, into: &blocks[block])
        Self.put(Self.folded(sample.compositionOffset), into: &blocks[block])
        first = first ?? sample
        last = sample
        lastShown = max(lastShown, sample.decodeTime + sample.compositionOffset)
        count += 1
        if isKey { keys.append(UInt32(clamping: count)) }
        if descriptions.last?.description != description { descriptions.append((count, description)) }
    }

    /// The memory that it takes, about.
    package var byteCount: Int { blocks.reduce(0) { $0 + $1.capacity } + 4 * keys.capacity }

    /// Calls a closure with each picture.
    package func forEach(_ body: (Sample) -> Void) {
        var sample = Sample(offset: 0, size: 0, decodeTime: 0, compositionOffset: 0)
        for block in blocks {
            var index = 0
            while index < block.count {
                sample.offset += sample.size + Self.number(in: block, &index)
                sample.size = Self.number(in: block, &index)
                sample.decodeTime += Self.number(in: block, &index)
                sample.compositionOffset = Self.unfolded(Self.number(in: block, &index))
                body(sample)
            }
        }
    }

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
