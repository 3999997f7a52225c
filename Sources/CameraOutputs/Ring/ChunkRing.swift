// SPDX-License-Identifier: MIT

internal import CameraCore
internal import DequeModule

/// The chunks of a ``CircularBuffer`` and the place in them where reading and writing go on.
struct ChunkRing: Sendable {
    private struct Chunk {
        /// Where it starts, on the scale of ``end``.
        let start: Int
        var bytes: [UInt8]
        var end: Int { start + bytes.count }
    }

    private let size: Int
    private var chunks = Deque<Chunk>()
    /// Where the next byte goes that is appended, and where reading and writing go on, both on a scale that stays when
    /// bytes are forgotten.
    private var end = 0
    private var cursor = 0
    private var start: Int { chunks.first?.start ?? end }

    /// Makes a ring of at most `size` bytes.
    init(size: Int) {
        self.size = size
    }

    var count: Int { end - start }
    var position: Int { cursor - start }
    var contents: [UInt8] { chunks.flatMap(\.bytes) }

    /// Sets the position; false when there cannot be such a one.
    mutating func seek(to position: Int) -> Bool {
        guard position >= 0, position <= .max - start else { return false }
        cursor = start + position
        return true
    }

    /// At most `limit` bytes of the chunk that the position is in; nil when there are none.
    mutating func read(_ limit: Int) -> ArraySlice<UInt8>? {
        guard limit > 0, let index = chunkAtCursor else { return nil }
        let part = chunks[index].bytes[(cursor - chunks[index].start)...].prefix(limit)
        cursor += part.count
        return part
    }

    /// Appends at the end, overwrites before it, fills a gap beyond it with zeros.
    mutating func write(_ bytes: [UInt8]) {
        if cursor > end { appendZeros(cursor - end) }
        var rest = bytes[...]
        while !rest.isEmpty, let index = chunkAtCursor {
            let offset = cursor - chunks[index].start
            let part = rest.prefix(chunks[index].bytes.count - offset)
            chunks[index].bytes.replaceSubrange(offset..<(offset + part.count), with: part)
            cursor += part.count
            rest = rest.dropFirst(part.count)
        }
        if !rest.isEmpty {
            append(Array(rest))
            cursor = end
        }
    }

    /// Appends a chunk, and forgets the oldest ones for as long as there are too many bytes.
    mutating func append(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        chunks.append(Chunk(start: end, bytes: bytes))
        end += bytes.count
        while end - start > size { _ = chunks.popFirst() }
        cursor = max(cursor, start)
    }

    /// Forgets what is newer, or appends zeros; false when there cannot be such a length.
    mutating func truncate(to count: Int) -> Bool {
        guard count >= 0, count <= .max - start else { return false }
        let newEnd = start + count
        while end > newEnd, let last = chunks.popLast() {
            end = last.start
            if end < newEnd { append(Array(last.bytes.prefix(newEnd - end))) }
        }
        if newEnd > end { appendZeros(newEnd - end) }
        return true
    }

    /// Appends a chunk of zeros, or, where it alone is too large, forgets everything as appending it would.
    private mutating func appendZeros(_ count: Int) {
        if count <= size {
            append(Array(repeating: 0, count: count))
        } else {
            let position = max(cursor - (end + count), 0)
            self = ChunkRing(size: size)
            cursor = position
        }
    }

    /// The chunk that the cursor is in; nil at and beyond the end.
    private var chunkAtCursor: Int? {
        guard cursor < end else { return nil }
        var (low, high) = (0, chunks.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if chunks[middle].end <= cursor { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
