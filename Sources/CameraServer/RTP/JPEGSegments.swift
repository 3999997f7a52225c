// SPDX-License-Identifier: MIT

internal import CameraCore

/// Walks through the segments of a JPEG picture up to its compressed data (ITU-T T.81, B.1).
struct JPEGSegments {
    private let bytes: UnsafeRawBufferPointer
    private var position = 2
    /// The data behind the header of the only scan, with the marker at its end; nil before that was reached.
    private(set) var data: UnsafeRawBufferPointer?

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The next segment in front of the compressed data: its marker, and what it holds behind its length.
    ///
    /// - Returns: Nil at the compressed data.
    /// - Throws: `.corruptData`.
    mutating func next() throws(CameraError) -> (marker: UInt8, content: UnsafeRawBufferPointer)? {
        guard bytes.count > 4, bytes[0] == 0xFF, bytes[1] == 0xD8 else { throw Self.corrupt }
        // Any number of FF may stand in front of a marker.
        while position + 1 < bytes.count, bytes[position] == 0xFF, bytes[position + 1] == 0xFF { position += 1 }
        guard position + 4 <= bytes.count, bytes[position] == 0xFF else { throw Self.corrupt }
        let marker = bytes[position + 1]
        let length = Int(bytes[position + 2]) << 8 | Int(bytes[position + 3])
        let end = position + 2 + length
        guard length >= 2, end <= bytes.count else { throw Self.corrupt }
        let content = UnsafeRawBufferPointer(rebasing: bytes[(position + 4)..<end])
        position = end
        guard marker == 0xDA else { return (marker, content) }
        data = scan(from: end)
        return nil
    }

    /// Up to the marker of the end, behind which cameras put padding.
    ///
    /// Receivers would add that marker, but GStreamer 1.22 does not where the data end in a byte of the same value.
    private func scan(from start: Int) -> UnsafeRawBufferPointer {
        var end = bytes.count
        while end >= start + 2, bytes[end - 2] != 0xFF || bytes[end - 1] != 0xD9 { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<(end >= start + 2 ? end : bytes.count)])
    }

    private static let corrupt = CameraError(
        .corruptData, "reading a JPEG picture", reason: "it is not a whole JPEG picture")
}
