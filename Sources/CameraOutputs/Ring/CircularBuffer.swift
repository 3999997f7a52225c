// SPDX-License-Identifier: MIT

public import CameraCore
internal import Synchronization

/// A byte stream of limited size that forgets its oldest bytes; picamera's `CircularIO`.
///
/// Each call of `write` appends a chunk, and only whole chunks are forgotten, so that a picture is kept as a whole or not at
/// all. Positions count from the oldest byte that is kept, and move with it. Safe to use from any thread. For pictures
/// with their times, and for writing them to files, use ``CircularOutput``.
public final class CircularBuffer: Sendable {
    /// The most bytes that are kept.
    public let size: Int
    private let state: Mutex<State>

    private struct State {
        var chunks: ChunkRing
        var isClosed = false
    }

    /// Makes an empty buffer.
    ///
    /// - Parameter size: The most bytes that are kept.
    /// - Throws: `.invalidValue` when `size` is not at least 1.
    public init(size: Int) throws(CameraError) {
        guard size >= 1 else {
            throw CameraError(
                .invalidValue, "making a circular buffer", subject: "\(size)", reason: "it needs at least one byte")
        }
        self.size = size
        state = Mutex(State(chunks: ChunkRing(size: size)))
    }

    /// Whether the buffer can be read; true until it is closed.
    public var isReadable: Bool { state.withLock { !$0.isClosed } }
    /// Whether the buffer can be written to; true until it is closed.
    public var isWritable: Bool { isReadable }
    /// Whether the position can be set; true until the buffer is closed.
    public var isSeekable: Bool { isReadable }

    /// The number of bytes that are kept.
    public var count: Int { state.withLock { $0.chunks.count } }

    /// The position for reading and writing, in bytes from the oldest one; picamera's `tell`.
    public var position: Int { state.withLock { $0.chunks.position } }

    /// The point that a position is counted from.
    public enum Origin: Hashable, Sendable {
        /// The oldest byte.
        case start
        /// The present position.
        case current
        /// The end of the newest byte.
        case end
    }

    /// Sets the position, which may lie beyond the end.
    ///
    /// - Returns: The new position, from the oldest byte.
    /// - Throws: `.invalidValue` when the position would be negative; `.closed`.
    @discardableResult
    public func seek(to offset: Int, from origin: Origin = .start) throws(CameraError) -> Int {
        try access { chunks throws(CameraError) in
            let base =
                switch origin {
                case .start: 0
                case .current: chunks.position
                case .end: chunks.count
                }
            let (position, overflow) = base.addingReportingOverflow(offset)
            guard !overflow, chunks.seek(to: position) else {
                throw CameraError(
                    .invalidValue, "seeking in a circular buffer", subject: "\(offset)",
                    reason: "the position would lie before the oldest byte or beyond all numbers")
            }
            return position
        }
    }

    /// Reads from the position on.
    ///
    /// - Parameter limit: The most bytes to read; nil for all.
    /// - Returns: The bytes; empty at or beyond the end.
    /// - Throws: `.closed`.
    public func read(_ limit: Int? = nil) throws(CameraError) -> [UInt8] {
        try access { chunks in
            var result: [UInt8] = []
            while let part = chunks.read(max(limit ?? .max, 0) - result.count) { result += part }
            return result
        }
    }

    /// Reads from the position on, but not beyond the end of the chunk that it is in; picamera's `read1`.
    ///
    /// - Parameter limit: The most bytes to read; nil for the rest of the chunk.
    /// - Returns: The bytes; empty at or beyond the end.
    /// - Throws: `.closed`.
    public func readChunk(_ limit: Int? = nil) throws(CameraError) -> [UInt8] {
        try access { chunks in chunks.read(limit ?? .max).map { Array($0) } ?? [] }
    }

    /// Writes at the position: appends at the end, overwrites before it, fills a gap beyond it with zeros.
    ///
    /// - Returns: The number of bytes given.
    /// - Throws: `.closed`.
    @discardableResult
    public func write(_ bytes: some Sequence<UInt8>) throws(CameraError) -> Int {
        let bytes = Array(bytes)
        try access { $0.write(bytes) }
        return bytes.count
    }

    /// Makes the content end at a position, forgetting what is newer or appending zeros.
    ///
    /// The position for reading and writing stays where it is.
    ///
    /// - Parameter newCount: The bytes to keep; nil for up to the present position.
    /// - Throws: `.invalidValue` when it is negative; `.closed`.
    public func truncate(to newCount: Int? = nil) throws(CameraError) {
        try access { chunks throws(CameraError) in
            let newCount = newCount ?? chunks.position
            guard chunks.truncate(to: newCount) else {
                throw CameraError(
                    .invalidValue, "truncating a circular buffer", subject: "\(newCount)",
                    reason: "it cannot have such a length")
            }
        }
    }

    /// All that is kept, wherever the position is; picamera's `getvalue`.
    public var contents: [UInt8] { state.withLock { $0.chunks.contents } }

    /// Forgets everything and refuses further use.
    public func close() {
        state.withLock { state in
            state.chunks = ChunkRing(size: size)
            state.isClosed = true
        }
    }

    private func access<Result: Sendable>(
        _ body: (inout ChunkRing) throws(CameraError) -> Result
    ) throws(CameraError) -> Result {
        try state.withLock { state throws(CameraError) in
            guard !state.isClosed else { throw CameraError(.closed, "using a circular buffer") }
            return try body(&state.chunks)
        }
    }
}

extension CircularBuffer: Output {
    /// Appends one picture as a chunk, wherever the position is.
    public func write(_ bytes: RawSpan, _ info: PacketInfo) throws(CameraError) {
        try bytes.withUnsafeBytes { bytes throws(CameraError) in try access { $0.append(Array(bytes)) } }
    }
}
