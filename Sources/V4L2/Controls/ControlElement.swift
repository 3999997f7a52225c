// SPDX-License-Identifier: MIT

/// How the numbers of an array control lie in memory.
package struct ControlElement: Hashable, Sendable {
    /// Bytes of a number: 1, 2, 4 or 8.
    let byteCount: Int
    /// Whether the highest bit is the sign.
    let isSigned: Bool

    /// The numbers in some bytes; a rest that is no whole number is left out.
    func numbers(in bytes: [UInt8]) -> [Int64] {
        stride(from: 0, through: bytes.count - byteCount, by: byteCount).map { start in
            // The highest byte comes first here: drivers keep numbers in the order of the machine.
            let ordered = bytes[start..<start + byteCount].inSignificance
            let bits = ordered.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            let unused = 64 - 8 * byteCount
            return isSigned ? Int64(bitPattern: bits << unused) >> unused : Int64(bitPattern: bits)
        }
    }

    /// The bytes of some numbers; bits that an element has no room for are lost.
    func bytes(of numbers: [Int64]) -> [UInt8] {
        numbers.flatMap { number in
            (0..<byteCount).reversed().map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }[...].inSignificance
        }
    }
}

extension ArraySlice<UInt8> {
    /// Turns between the machine's order of bytes and that of their significance, the highest first.
    fileprivate var inSignificance: [UInt8] {
        1.littleEndian == 1 ? reversed() : Array(self)
    }
}

extension ControlDescription {
    /// How the numbers lie in memory where the value is an array, or a width and a height; nil for other values.
    package var element: ControlElement? {
        guard flags.contains(.hasPayload) else { return nil }
        return switch kind {
        case .bytes: ControlElement(byteCount: 1, isSigned: false)
        case .words: ControlElement(byteCount: 2, isSigned: false)
        case .longWords, .area: ControlElement(byteCount: 4, isSigned: false)
        case .integer, .boolean: ControlElement(byteCount: 4, isSigned: true)
        case .integer64: ControlElement(byteCount: 8, isSigned: true)
        default: nil
        }
    }

    /// Bytes of the whole value.
    var payloadByteCount: Int {
        // No driver's control has more; a senseless count must not take the memory away.
        min(max(elementCount * elementByteCount, 0), 1 << 24)
    }

    /// Bytes of the longest text and its final zero.
    var textByteCount: Int { Int(clamping: min(max(maximum, 0), 65535)) + 1 }
}
