// SPDX-License-Identifier: MIT

import CameraCore
import Testing

struct BytePoolTests {
    private static let size = Resolution(64, 64)

    /// A grey frame with a number, in memory of a pool.
    private func frame(_ number: UInt64, from pool: BytePool, _ format: PixelFormat = .yuv420) throws -> Frame {
        let count = try #require(format.byteCount(of: Self.size))
        let bytes = try #require(pool.take(count))
        bytes.baseAddress.initializeMemory(as: UInt8.self, repeating: UInt8(number), count: count)
        let info = FrameInfo(timestamp: Timestamp(nanoseconds: Int64(number)), wallTime: .now, sequence: number)
        return pool.frame(packed: format, size: Self.size, color: .bt601, info: info, bytes: bytes)
    }

    private func value(_ frame: Frame) -> UInt8 { frame.plane(0).baseAddress.load(as: UInt8.self) }

    @Test func aBlockIsUsedAgainWhenNobodyHoldsIt() throws {
        let pool = BytePool()
        var first = pool.take(1000)
        let address = try #require(first?.baseAddress)
        let second = try #require(pool.take(1000))
        #expect(second.baseAddress != address)
        #expect(pool.outstanding == 2)
        first = nil
        #expect(pool.outstanding == 1)
        // Another size of the same order; one of another order would be new.
        #expect(pool.take(900)?.baseAddress == address)
        #expect(pool.take(100)?.baseAddress != address)
    }

    @Test func aFrameThatSomebodyHoldsStaysAsItIs() throws {
        let pool = BytePool()
        let held = try frame(1, from: pool)
        for number: UInt64 in 2...40 {
            let other = try frame(number, from: pool, number.isMultiple(of: 2) ? .yuyv : .yuv420)
            #expect(value(other) == UInt8(number))
            #expect(other.info.sequence == number)
            #expect(other.format == (number.isMultiple(of: 2) ? .yuyv : .yuv420))
            #expect(other !== held)
        }
        #expect(held.info.sequence == 1)
        #expect(held.format == .yuv420)
        #expect(value(held) == 1)
    }

    @Test func objectsAndMemoryAreUsedAgain() throws {
        let pool = BytePool()
        var objects: Set<ObjectIdentifier> = []
        var addresses: Set<UnsafeRawPointer> = []
        for number: UInt64 in 0..<100 {
            let frame = try frame(number % 200, from: pool)
            objects.insert(ObjectIdentifier(frame))
            addresses.insert(frame.plane(0).baseAddress)
        }
        #expect(objects.count == 1)
        #expect(addresses.count == 1)
    }

    @Test func whatWasMadeOfAFrameIsNotThatOfTheNext() throws {
        let pool = BytePool()
        let key = Frame.DerivationKey(format: .grey, size: Self.size, color: .bt601)
        let small = BytePool()
        for number: UInt64 in 0..<3 {
            let frame = try frame(number, from: pool)
            #expect(frame.derived(key) == nil)
            frame.keep(try self.frame(number, from: small, .grey), as: key)
            #expect(frame.derived(key)?.info.sequence == number)
        }
        #expect(small.outstanding == 1)
        #expect(pool.outstanding == 0)
        // What nobody can ask for any more has let go of its memory.
        #expect(small.outstanding == 0)
    }

    @Test func aFrameThatIsLetGoWhileTheNextIsFilledLeavesNothingBehind() throws {
        let pool = BytePool()
        let key = Frame.DerivationKey(format: .grey, size: Self.size, color: .bt601)
        var first: Frame? = try frame(1, from: pool)
        first?.keep(try frame(1, from: BytePool(), .grey), as: key)
        let bytes = try #require(pool.take(64 * 64 * 3 / 2))
        let old = first.map(ObjectIdentifier.init)
        first = nil
        let info = FrameInfo(timestamp: Timestamp(nanoseconds: 2), wallTime: .now, sequence: 2)
        let second = pool.frame(packed: .yuv420, size: Self.size, color: .bt601, info: info, bytes: bytes)
        #expect(ObjectIdentifier(second) == old)
        #expect(second.derived(key) == nil)
        #expect(pool.outstanding == 1)
    }

    @Test func aLimitCountsWhatIsOutInAllSizes() throws {
        let pool = BytePool(limit: 3)
        var held = try (0..<3).map { try frame($0, from: pool, $0 == 1 ? .yuyv : .yuv420) }
        #expect(!held.contains { !$0.isLoan })
        #expect(pool.take(1) == nil)
        held.removeLast()
        let block = try #require(pool.take(1))
        #expect(block.isLimited)
        #expect(pool.take(1) == nil)
        #expect(pool.outstanding == 3)
        // Swift lets go of what is not named any more.
        withExtendedLifetime((held, block)) {}
    }

    @Test func memoryThatIsNotNeededAnyMoreIsGivenBack() throws {
        let pool = BytePool()
        weak var last: PooledBytes?
        do {
            let many = (0..<50).compactMap { _ in pool.take(4096) }
            last = many.first
            withExtendedLifetime(many) { #expect(pool.outstanding == 50) }
        }
        #expect(last != nil)
        // With each block that is taken, one of those that nobody needed for longest goes.
        for _ in 0..<50 { _ = pool.take(4096) }
        #expect(last == nil)
    }

    @Test func moreThanAPoolRemembersWorkAsWell() throws {
        let pool = BytePool()
        let frames = try (0..<200).map { try frame($0, from: pool) }
        #expect(frames.map(value) == (0..<200).map { UInt8($0) })
        #expect(Set(frames.map(ObjectIdentifier.init)).count == 200)
    }
}
