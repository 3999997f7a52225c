// SPDX-License-Identifier: MIT

internal import Synchronization

/// A pool of memory blocks, and of frames in them, that are used again when nobody holds them.
///
/// Steady recording therefore allocates no memory. Blocks have sizes of powers of two; untouched parts of a block cost no
/// memory. Safe to use from any thread.
public final class BytePool: Sendable {
    /// The largest number of blocks that may be in use at once.
    public let limit: Int
    private let state = Mutex(State())

    /// Makes a pool.
    ///
    /// - Parameter limit: The largest number of blocks that may be in use at once.
    public init(limit: Int = .max) {
        self.limit = limit
    }

    /// A block of at least `byteCount` bytes, aligned to 64; nil when ``limit`` blocks are in use.
    public func take(_ byteCount: Int) -> PooledBytes? {
        state.withLock { $0.take(byteCount, limit: limit) }
    }

    /// Makes a frame whose planes lie one after the other, without padding, in a block of this pool.
    ///
    /// - Parameters:
    ///   - format: A format that is not compressed.
    ///   - size: The picture's size.
    ///   - color: The colour space.
    ///   - info: The frame's time, number and metadata.
    ///   - bytes: The memory, already filled.
    /// - Returns: The frame, held by nobody else; the object may have been another frame before.
    public func frame(
        packed format: PixelFormat, size: Resolution, color: ColorSpace, info: FrameInfo, bytes: PooledBytes
    ) -> Frame {
        let content = Frame.Content(packed: format, size: size, color: color, info: info, bytes: bytes)
        return state.withLock { $0.frame(of: content) }
    }

    /// The number of blocks in use.
    package var outstanding: Int { state.withLock { $0.outstanding } }

    /// The objects that the pool knows; those that nobody else holds are idle.
    private struct State {
        private var blocks: [PooledBytes] = []
        private var frames: [Frame] = []

        /// Idle blocks that are kept for the next user.
        private static let idleLimit = 8
        /// Objects of a kind that are known at most; those above it are not used again.
        private static let knownLimit = 64

        var outstanding: Int {
            mutating get {
                emptyFrames()
                return blocks.indices.count { !isIdle(&blocks[$0]) }
            }
        }

        mutating func take(_ byteCount: Int, limit: Int) -> PooledBytes? {
            emptyFrames()
            let order = PooledBytes.order(of: byteCount)
            var (idleCount, oldest, fitting) = (0, Int?.none, Int?.none)
            for index in blocks.indices.reversed() where isIdle(&blocks[index]) {
                idleCount += 1
                oldest = index
                if fitting == nil, blocks[index].order == order { fitting = index }
            }
            guard blocks.count - idleCount < limit else { return nil }
            let block = fitting.map { blocks[$0] } ?? PooledBytes(order: order, isLimited: limit != .max)
            if fitting == nil { blocks.append(block) }
            if let oldest, oldest != fitting, idleCount > Self.idleLimit {
                blocks.remove(at: oldest)
            } else if limit == .max, blocks.count > Self.knownLimit {
                blocks.removeFirst()
            }
            return block
        }

        mutating func frame(of content: Frame.Content) -> Frame {
            for index in frames.indices.reversed() where isIdle(&frames[index]) {
                frames[index].fill(with: content)
                return frames[index]
            }
            let frame = Frame(content)
            if frames.count < Self.knownLimit { frames.append(frame) }
            return frame
        }

        /// Takes the memory from frames that nobody holds.
        private mutating func emptyFrames() {
            for index in frames.indices where isIdle(&frames[index]) { frames[index].empty() }
        }
    }
}

/// Whether nobody but the pool holds an object, so that it can be used again.
///
/// Releasing a reference orders what was done with the object before the count that is read here. The fence orders what
/// follows after that read, which processors other than x86 could otherwise move before it.
private func isIdle(_ object: inout some AnyObject) -> Bool {
    guard isKnownUniquelyReferenced(&object) else { return false }
    atomicMemoryFence(ordering: .acquiring)
    return true
}

/// A block of memory that its pool uses again when the last reference is released.
///
/// Whoever took the block may write to it until it is shared; from then on it is read only.
public final class PooledBytes: @unchecked Sendable {
    // Unchecked: written by its taker alone before it is shared, read only afterwards.

    /// The first byte; aligned to 64.
    public let baseAddress: UnsafeMutableRawPointer
    /// Whether the pool has a limit, so that keeping the block for long leaves fewer for others.
    package let isLimited: Bool
    /// The binary logarithm of its size.
    fileprivate let order: Int

    fileprivate init(order: Int, isLimited: Bool) {
        baseAddress = .allocate(byteCount: 1 << order, alignment: 64)
        self.order = order
        self.isLimited = isLimited
    }

    deinit {
        baseAddress.deallocate()
    }

    /// The size of the block in bytes.
    public var capacity: Int { 1 << order }

    /// The order of a block for so many bytes; none is smaller than a cache line.
    fileprivate static func order(of byteCount: Int) -> Int {
        Int.bitWidth - (max(byteCount, 64) - 1).leadingZeroBitCount
    }
}
