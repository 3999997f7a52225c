// SPDX-License-Identifier: MIT

/// The tags of a TIFF file that holds one picture in one strip, the low byte first.
///
/// Source: TIFF 6.0, section 2.
struct TIFFDirectory {
    private var entries: [Entry] = []
    /// Where the strip begins: with the first byte behind the tags.
    private static let stripOffsets: UInt16 = 273

    private struct Entry {
        let tag: UInt16
        let type: UInt16
        let count: Int
        var value: [UInt8]
    }

    /// Makes a directory of a strip of so many bytes.
    init(stripByteCount: Int) {
        add(Self.stripOffsets, longs: [0])
        add(279, longs: [UInt32(clamping: stripByteCount)])
    }

    /// Adds bytes.
    mutating func add(_ tag: UInt16, bytes: [UInt8]) {
        entries.append(Entry(tag: tag, type: 1, count: bytes.count, value: bytes))
    }

    /// Adds a text of ASCII characters.
    mutating func add(_ tag: UInt16, text: String) {
        let bytes = Array(text.utf8) + [0]
        entries.append(Entry(tag: tag, type: 2, count: bytes.count, value: bytes))
    }

    /// Adds numbers of 16 bits.
    mutating func add(_ tag: UInt16, shorts: [UInt16]) {
        entries.append(Entry(tag: tag, type: 3, count: shorts.count, value: shorts.flatMap(Self.bytes)))
    }

    /// Adds numbers of 32 bits.
    mutating func add(_ tag: UInt16, longs: [UInt32]) {
        entries.append(Entry(tag: tag, type: 4, count: longs.count, value: longs.flatMap(Self.bytes)))
    }

    /// Adds fractions.
    mutating func add(_ tag: UInt16, rationals: [(UInt32, UInt32)]) {
        let bytes = rationals.flatMap { Self.bytes($0.0) + Self.bytes($0.1) }
        entries.append(Entry(tag: tag, type: 5, count: rationals.count, value: bytes))
    }

    /// Adds fractions with a sign.
    mutating func add(_ tag: UInt16, signedRationals: [(Int32, Int32)]) {
        let bytes = signedRationals.flatMap { Self.bytes($0.0) + Self.bytes($0.1) }
        entries.append(Entry(tag: tag, type: 10, count: signedRationals.count, value: bytes))
    }

    /// The file up to the strip: the header, the directory, and the values that do not fit into it.
    var header: [UInt8] {
        let sorted = entries.sorted { $0.tag < $1.tag }
        let valueStart = 8 + 2 + 12 * sorted.count + 4
        // Each value begins at an even place.
        let length = valueStart + sorted.reduce(0) { $0 + ($1.value.count > 4 ? ($1.value.count + 1) & ~1 : 0) }
        var header: [UInt8] = Array("II".utf8) + Self.bytes(UInt16(42)) + Self.bytes(UInt32(8))
        header += Self.bytes(UInt16(sorted.count))
        var values: [UInt8] = []
        for entry in sorted {
            header += Self.bytes(entry.tag) + Self.bytes(entry.type) + Self.bytes(UInt32(entry.count))
            let value = entry.tag == Self.stripOffsets ? Self.bytes(UInt32(length)) : entry.value
            if value.count > 4 {
                header += Self.bytes(UInt32(valueStart + values.count))
                values += value + (value.count % 2 == 1 ? [0] : [])
            } else {
                header += value + Array(repeating: 0, count: 4 - value.count)
            }
        }
        return header + Self.bytes(UInt32(0)) + values
    }

    private static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
}
