// SPDX-License-Identifier: MIT

import CameraCore
import SystemPackage
import TestSupport
import Testing
import V4L2

/// The exchange of buffers with a scripted driver.
struct BufferQueueTests {
    private func makeQueue(
        _ driver: ScriptedDriver, wanted: Int = 4
    ) throws -> BufferQueue {
        try BufferQueue(try VideoDevice("/dev/video0", calls: driver.calls), .videoCapture, wanted: wanted)
    }

    @Test func aBufferGoesBackWhenItsLastReferenceGoesAndOnlyOnce() throws {
        let driver = ScriptedDriver()
        let queue = try makeQueue(driver)
        try queue.start()
        driver.play([.frame(7), .frame(8)])
        var first = try queue.dequeue()
        let second = try #require(try queue.dequeue())
        #expect(first?.sequence == 0)
        #expect(second.sequence == 1)
        #expect(queue.queuedCount == 2)
        var copy = first
        first = nil
        #expect(driver.queuedCount == 2)
        #expect(copy?.index == 0)
        copy = nil
        #expect(driver.queuedCount == 3)
        #expect(driver.log.filter { $0 == "VIDIOC_QBUF 0" }.count == 2)
        withExtendedLifetime(second) {}
        #expect(driver.violations.isEmpty)
    }

    @Test func nothingFilledIsNoError() throws {
        let driver = ScriptedDriver()
        let queue = try makeQueue(driver)
        try queue.start()
        #expect(try queue.dequeue() == nil)
    }

    @Test func aBufferThatCouldNotBeQueuedIsTriedAgainByTheThreadThatDequeues() throws {
        let driver = ScriptedDriver()
        let queue = try makeQueue(driver)
        try queue.start()
        driver.play([.frame(1), .frame(2), .frame(3)])
        var buffer = try queue.dequeue()
        driver.fail("VIDIOC_QBUF", with: .invalidArgument)
        withExtendedLifetime(buffer) {}
        buffer = nil
        #expect(driver.queuedCount == 3)
        #expect(queue.queuedCount == 3)
        withExtendedLifetime(try queue.dequeue()) {}
        #expect(driver.queuedCount == 4)

        buffer = try queue.dequeue()
        driver.fail("VIDIOC_QBUF", with: .invalidArgument, times: 2)
        withExtendedLifetime(buffer) {}
        buffer = nil
        #expect(throws: DeviceError("VIDIOC_QBUF", device: "/dev/video0", .invalidArgument)) { try queue.dequeue() }
    }

    @Test func aBufferKeptPastTheStopIsNotQueuedButItsMemoryStays() throws {
        let driver = ScriptedDriver()
        let queue = try makeQueue(driver)
        try queue.start()
        driver.play([.frame(0x5A)])
        var buffer = try queue.dequeue()
        try queue.stop()
        #expect(try queue.release())
        #expect(driver.mappedCount == 1)
        queue.device.close()
        #expect(driver.openCount == 0)
        let byte = buffer?.memory(0)?.baseAddress.load(fromByteOffset: 100, as: UInt8.self)
        #expect(byte == 0x5A)
        let requests = driver.log.count
        buffer = nil
        #expect(driver.mappedCount == 0)
        #expect(driver.log.count == requests)
        #expect(driver.violations.isEmpty)
    }

    @Test func aDriverThatCannotFreeMappedBuffersIsReported() throws {
        var description = ScriptedDriver.Description()
        description.freesMappedBuffers = false
        let driver = ScriptedDriver(description)
        let queue = try makeQueue(driver)
        try queue.start()
        driver.play([.frame(1)])
        let buffer = try queue.dequeue()
        try queue.stop()
        #expect(try queue.release() == false)
        withExtendedLifetime(buffer) {}
    }

    @Test func failedMappingsLeaveNothingBehind() throws {
        let driver = ScriptedDriver()
        driver.fail("VIDIOC_QUERYBUF", with: .ioError)
        #expect(throws: DeviceError("VIDIOC_QUERYBUF", device: "/dev/video0", .ioError)) { try makeQueue(driver) }
        driver.fail("mmap", with: .noMemory)
        #expect(throws: DeviceError("mmap", device: "/dev/video0", .noMemory)) { try makeQueue(driver) }
        #expect(driver.mappedCount == 0)
        #expect(driver.log.filter { $0 == "VIDIOC_REQBUFS" }.count == 4)
    }

    @Test func manyThreadsGiveBackWhileTheQueueStopsAndStarts() throws {
        let driver = ScriptedDriver()
        let device = try VideoDevice("/dev/video0", calls: driver.calls)
        let handedOver = Monitor<[DequeuedBuffer]>([])
        let isDone = Monitor(false)
        let releasers = try (0..<3).map { index in
            try WorkerThread("release\(index)") {
                while !isDone.withLock({ $0 }) {
                    let buffer = handedOver.waitAndUpdate(until: .now + .milliseconds(1)) { $0.popLast() }
                    withExtendedLifetime(buffer) {}
                }
            }
        }
        for _ in 0..<200 {
            let queue = try BufferQueue(device, .videoCapture, wanted: 8)
            try queue.start()
            driver.play(Array(repeating: .frame(3), count: 6))
            while driver.remaining > 0 {
                guard let buffer = try queue.dequeue() else { continue }
                handedOver.update { $0.append(buffer) }
            }
            try queue.stop()
            #expect(try queue.release())
        }
        isDone.update { $0 = true }
        for releaser in releasers { releaser.join() }
        handedOver.update { $0 = [] }
        #expect(driver.mappedCount == 0)
        #expect(driver.violations.isEmpty)
    }
}
