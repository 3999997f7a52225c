// SPDX-License-Identifier: MIT

/// Reads the bits of a unit of H.264 or H.265, without the bytes that keep start codes out of it (7.4.1 of both).
package struct UnitReader {
    private let bytes: Slice<UnsafeRawBufferPointer>
    private var index: Int
    private var zeros = 0
    private var current: UInt8 = 0
    private var bitsLeft = 0

    /// Begins with a unit's first byte.
    package init(_ bytes: Slice<UnsafeRawBufferPointer>) {
        self.bytes = bytes
        index = bytes.startIndex
    }

    /// The next byte; nil at the end.
    mutating func byte() -> UInt8? {
        if zeros >= 2, index < bytes.endIndex, bytes[index] == 3 {
            zeros = 0
            index += 1
        }
        guard index < bytes.endIndex else { return nil }
        let value = bytes[index]
        index += 1
        zeros = value == 0 ? zeros + 1 : 0
        return value
    }

    /// The next number as Exp-Golomb code has it (9.1); nil at the end, or for one of more than 16 bits.
    package mutating func number() -> Int? {
        var length = 0
        while true {
            guard let bit = bit(), length <= 16 else { return nil }
            if bit == 1 { break }
            length += 1
        }
        var value = 1
        for _ in 0..<length {
            guard let bit = bit() else { return nil }
            value = value << 1 | bit
        }
        return value - 1
    }

    /// The next bits as a number; nil at the end.
    package mutating func bits(_ count: Int) -> Int? {
        var value = 0
        for _ in 0..<count {
            guard let bit = bit() else { return nil }
            value = value << 1 | bit
        }
        return value
    }

    /// Whether a unit of messages (7.3.2.3) has one of this type.
    mutating func hasMessage(ofType wanted: Int) -> Bool {
        while let type = sum(), let length = sum() {
            if type == wanted { return true }
            for _ in 0..<length where byte() == nil { return false }
        }
        return false
    }

    /// The sum of bytes up to the first that is not 255.
    private mutating func sum() -> Int? {
        var sum = 0
        while let byte = byte() {
            sum += Int(byte)
            if byte != 255 { return sum }
        }
        return nil
    }

    private mutating func bit() -> Int? {
        if bitsLeft == 0 {
            guard let next = byte() else { return nil }
            (current, bitsLeft) = (next, 8)
        }
        bitsLeft -= 1
        return Int(current >> UInt8(bitsLeft) & 1)
    }
}
