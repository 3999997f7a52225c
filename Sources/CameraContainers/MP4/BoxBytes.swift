// SPDX-License-Identifier: MIT

/// The bytes of boxes, of which an MP4 file consists (ISO/IEC 14496-12, 4.2): size, type and content each.
struct BoxBytes {
    private(set) var bytes: [UInt8] = []

    /// Empties it, and keeps its memory.
    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
    }

    /// Appends a number, the most significant byte first.
    mutating func put(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// Appends the characters of a code: "avc1".
    mutating func put(code: StaticString) {
        code.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    mutating func put(contentsOf other: some Collection<UInt8>) {
        bytes.append(contentsOf: other)
    }

    mutating func put(contentsOf other: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: other)
    }

    mutating func putZeros(_ count: Int) {
        bytes.append(contentsOf: repeatElement(0, count: count))
    }

    /// Appends a box with what the closure puts into it.
    mutating func box(_ code: StaticString, _ content: (inout BoxBytes) -> Void) {
        let start = bytes.count
        putZeros(4)
        put(code: code)
        content(&self)
        replace(at: start, by: UInt32(clamping: bytes.count - start))
    }

    /// Appends a box that begins with a version and flags (a "full box").
    mutating func box(_ code: StaticString, version: UInt8, flags: UInt32 = 0, _ content: (inout BoxBytes) -> Void) {
        box(code) { box in
            box.put(UInt32(version) << 24 | flags)
            content(&box)
        }
    }

    /// Writes over four bytes that are there.
    mutating func replace(at place: Int, by value: UInt32) {
        withUnsafeBytes(of: value.bigEndian) { new in
            for (offset, byte) in new.enumerated() { bytes[place + offset] = byte }
        }
    }
}
