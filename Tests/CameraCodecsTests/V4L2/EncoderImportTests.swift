// SPDX-License-Identifier: MIT

import CameraCodecs
import CameraCore
import SystemPackage
import TestSupport
import Testing

/// Frames in memory that devices share: taken where they are, or copied where the driver cannot.
@Suite struct EncoderImportTests {
    /// A buffer of a camera's; what is in it is gone when the frame that has it is.
    private final class Buffer: Sendable {
        let bytes: PooledBytes
        private let count: Int

        init(_ bytes: PooledBytes, _ count: Int) {
            (self.bytes, self.count) = (bytes, count)
        }

        deinit {
            bytes.baseAddress.initializeMemory(as: UInt8.self, repeating: 0xDD, count: count)
        }
    }

    private static let size = Resolution(64, 48)
    private static let pool = BytePool()

    /// A frame whose planes lie in memories with descriptors of their own.
    private func frame(
        _ number: Int, of driver: ScriptedEncoder, stride: Int = 64, memories: Int = 1, isKnown: Bool = true
    ) throws -> Frame {
        let (luma, all) = (stride * 48, stride * 72)
        let bytes = try #require(Self.pool.take(all))
        bytes.baseAddress.initializeMemory(as: UInt8.self, repeating: 128, count: all)
        bytes.baseAddress.storeBytes(of: UInt64(number).littleEndian, as: UInt64.self)
        let descriptor = Int32(10_000 + number * 2)
        if isKnown { driver.share(descriptor, UnsafeRawPointer(bytes.baseAddress)) }
        let planes = [0, 1].map { index in
            let (start, count) = index == 0 ? (0, luma) : (luma, all - luma)
            let isApart = memories > 1
            return Frame.Plane(
                baseAddress: UnsafeRawPointer(bytes.baseAddress + start), byteCount: count, stride: stride,
                dmaBuffer: DMABuffer(
                    descriptor: descriptor + (isApart ? Int32(index) : 0), offset: isApart ? 0 : start,
                    byteCount: isApart ? count : all))
        }
        return Frame(
            format: .nv12, size: Self.size, color: .bt601,
            info: FrameInfo(timestamp: .now, wallTime: .now, sequence: UInt64(number)), planes: planes,
            owner: Buffer(bytes, all), isLoan: true)
    }

    private func run(
        _ change: (inout ScriptedEncoder.Description) -> Void = { _ in },
        frame: @escaping (Int, ScriptedEncoder) throws -> Frame
    ) throws -> (run: ScriptedRun, driver: ScriptedEncoder) {
        let driver = ScriptedEncoder(ScriptedEncoder.with(change))
        let run = try ScriptedRun(driver, count: 30, frame: { try frame($0, driver) })
        run.check(count: 30)
        #expect(run.lost == [])
        #expect(driver.violations == [])
        #expect(driver.openCount == 0)
        return (run, driver)
    }

    @Test(arguments: [0, 2]) func sharedFramesAreTakenWhereTheyAre(bidirectional: Int) throws {
        let (_, driver) = try run {
            // The encoder reads a frame long after it was queued.
            $0.bidirectional = bidirectional
            $0.heldFrames = bidirectional
            $0.minimumRawBuffers = 6
        } frame: {
            try self.frame($0, of: $1)
        }
        #expect(driver.queuedKinds.imported == 30)
    }

    @Test(arguments: [1, 2]) func multiplanarQueuesTakeThemToo(memories: Int) throws {
        let (_, driver) = try run {
            $0.isMultiplanar = true
            if memories == 2 { $0.raw = [PixelFormat(fourCC: "NM12")] }
        } frame: {
            try self.frame($0, of: $1, memories: memories)
        }
        #expect(driver.queuedKinds.imported == 30)
    }

    @Test func aDriverThatImportsNothingGetsCopies() throws {
        let (_, driver) = try run {
            $0.importsMemory = false
        } frame: {
            try self.frame($0, of: $1)
        }
        #expect(driver.queuedKinds.imported == 0)
    }

    @Test func rowsThatLieOtherwiseAreCopied() throws {
        let (_, driver) = try run { try self.frame($0, of: $1, stride: 80) }
        #expect(driver.queuedKinds.imported == 0)
    }

    @Test func fromTheFirstFrameThatCannotBeSharedOnAllAreCopied() throws {
        let (run, driver) = try run { $0 < 10 ? try self.frame($0, of: $1) : ScriptedEncoder.frame($0) }
        #expect(driver.queuedKinds.imported == 10)
        #expect(run.keys.contains(10))
    }

    @Test func memoryThatTheDriverRefusesIsCopied() throws {
        let (_, driver) = try run { try self.frame($0, of: $1, isKnown: $0 < 10) }
        #expect(driver.queuedKinds.imported == 10)
    }
}
