// SPDX-License-Identifier: MIT

internal import Synchronization

/// Memory blocks that come back to be used again, so that steady recording asks the allocator for nothing.
///
/// Blocks have sizes of powers of two; what is not touched of them costs no memory. Safe to use from any thread.
public final class BytePool: Sendable {
    /// The most blocks that may be out at once.
    public let limit: Int
    private let state = Mutex(State())

    private struct State: @unchecked Sendable {
        // Unchecked: the idle blocks are owned by the pool alone.
        var idle: [[UnsafeMutableRawPointer]] = Array(repeating: [], count: Int.bitWidth)
        var outstanding = 0
    }

    /// Makes a pool.
    ///
    /// - Parameter limit: The most blocks that may be out at once.
    public init(limit: Int = .max) {
        self.limit = limit
    }

    deinit {
        state.withLock { state in
            for blocks in state.idle { for block in blocks { block.deallocate() } }
        }
    }

    /// A block of at least `byteCount` bytes, aligned to 64; nil when ``limit`` blocks are out.
    public func take(_ byteCount: Int) -> PooledBytes? {
        let order = Self.order(of: byteCount)
        let (granted, reused) = state.withLock { state -> (Bool, Block?) in
            guard state.outstanding < limit else { return (false, nil) }
            state.outstanding += 1
            return (true, state.idle[order].popLast().map(Block.init))
        }
        guard granted else { return nil }
        let block = reused?.address ?? .allocate(byteCount: 1 << order, alignment: 64)
        return PooledBytes(block, order: order, pool: self)
    }

    /// Blocks that are out.
    public var outstanding: Int { state.withLock { $0.outstanding } }

    fileprivate func giveBack(_ address: UnsafeMutableRawPointer, order: Int) {
        let block = Block(address: address)
        let kept = state.withLock { state in
            state.outstanding -= 1
            guard state.idle[order].count < Self.idleLimit else { return false }
            state.idle[order].append(block.address)
            return true
        }
        if !kept { block.address.deallocate() }
    }

    /// Idle blocks of one size that are kept for the next user.
    private static let idleLimit = 8

    /// The block sizes' binary logarithm; none is smaller than a cache line.
    private static func order(of byteCount: Int) -> Int {
        Int.bitWidth - (max(byteCount, 64) - 1).leadingZeroBitCount
    }

    /// An address on its way into or out of the lock; owned by whoever holds it.
    private struct Block: @unchecked Sendable {
        let address: UnsafeMutableRawPointer
    }
}

/// A block of memory that returns to its pool when the last reference goes.
///
/// Whoever took it may write to it until it is shared; from then on it is read only.
public final class PooledBytes: @unchecked Sendable {
    // Unchecked: written by its taker alone before it is shared, read only afterwards.

    /// The first byte; aligned to 64.
    public let baseAddress: UnsafeMutableRawPointer
    private let order: Int
    private let pool: BytePool

    fileprivate init(_ baseAddress: UnsafeMutableRawPointer, order: Int, pool: BytePool) {
        self.baseAddress = baseAddress
        self.order = order
        self.pool = pool
    }

    deinit {
        pool.giveBack(baseAddress, order: order)
    }

    /// Whether there are only so many such blocks, so that keeping one for long takes it from others.
    public var isLimited: Bool { pool.limit != .max }

    /// Bytes that fit.
    public var capacity: Int { 1 << order }
}
