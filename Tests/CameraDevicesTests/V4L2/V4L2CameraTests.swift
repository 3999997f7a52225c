// SPDX-License-Identifier: MIT

import CameraCore
import CameraDevices
import SystemPackage
import TestSupport
import Testing
import V4L2

/// A camera over a scripted driver.
struct V4L2CameraTests {
    private func open(
        _ driver: ScriptedDriver, _ configuration: SourceConfiguration = SourceConfiguration(), bufferCount: Int = 8,
        copyLimit: Int = 32
    ) throws -> V4L2Camera {
        try V4L2Camera(
            "/dev/video0", configuration: configuration, bufferCount: bufferCount, copyLimit: copyLimit,
            calls: driver.calls)
    }

    /// What comes until nothing more comes.
    private func everything(of camera: V4L2Camera) throws -> [SourceEvent] {
        var events: [SourceEvent] = []
        while true {
            let event = try camera.next(timeout: .zero)
            if case .timedOut = event { return events }
            events.append(event)
        }
    }

    private func firstByte(_ frame: Frame) -> UInt8 {
        frame.plane(0).baseAddress.load(as: UInt8.self)
    }

    @Test func framesCarryTheDriversCountTimeAndBytes() throws {
        let driver = ScriptedDriver()
        let camera = try open(driver)
        try camera.start()
        driver.play([.frame(0x10), .gap(3), .frame(0x20)])
        let frames = try everything(of: camera).frames
        #expect(frames.map(firstByte) == [0x10, 0x20])
        #expect(frames.map(\.info.sequence) == [0, 4])
        #expect(frames.map(\.info.timestamp.nanoseconds) == [1_000_000_250_000, 1_004_000_250_000])
        #expect(frames.allSatisfy { $0.size == Resolution(32, 16) && $0.format == .yuyv && $0.isLoan })
        #expect(camera.streams.map(\.size) == [Resolution(32, 16)])
        #expect(camera.counts == SourceCounts())
        camera.close()
    }

    @Test func aTimeOfAnotherClockIsReplacedByTheTimeOfArrival() throws {
        var description = ScriptedDriver.Description()
        description.bufferFlags = 0x4000
        let driver = ScriptedDriver(description)
        let camera = try open(driver)
        try camera.start()
        driver.play([.frame(1)])
        let before = Timestamp.now
        let frame = try #require(try everything(of: camera).frames.first)
        #expect(frame.info.timestamp >= before)
        #expect(frame.info.timestamp <= .now)
    }

    @Test func theCountGoesOnAcrossTheEndOf32Bits() throws {
        var description = ScriptedDriver.Description()
        description.firstSequence = .max - 1
        let driver = ScriptedDriver(description)
        let camera = try open(driver)
        try camera.start()
        driver.play([.frame(1), .frame(2), .frame(3), .gap(2), .frame(4)])
        let wanted = [0, 1, 2, 5].map { UInt64(UInt32.max) - 1 + $0 }
        #expect(try everything(of: camera).frames.map(\.info.sequence) == wanted)
    }

    @Test func damagedBuffersAreCountedAndGoBack() throws {
        let driver = ScriptedDriver()
        let camera = try open(driver)
        try camera.start()
        driver.play([.frame(1), .damaged, .bytes([1, 2, 3]), .frame(4)])
        let events = try everything(of: camera)
        #expect(events.damaged == 2)
        #expect(events.frames.map(firstByte) == [1, 4])
        #expect(driver.queuedCount == 6)
        #expect(events.frames.map(\.info.sequence) == [0, 3])
        #expect(driver.violations.isEmpty)
    }

    @Test func buffersThatComeBackUnusedAreNoFrames() throws {
        let driver = ScriptedDriver()
        let camera = try open(driver)
        try camera.start()
        driver.play([.frame(1), .gap(2), .frame(2), .unused, .unused, .frame(3)])
        let events = try everything(of: camera)
        #expect(events.damaged == 0)
        #expect(events.frames.map(firstByte) == [1, 2, 3])
        #expect(events.frames.map(\.info.sequence) == [0, 3, 4])
    }

    @Test func motionJPEGThatIsNotWholeIsDamagedAndPaddingIsCutOff() throws {
        var description = ScriptedDriver.Description()
        description.formats = [.init(.mjpeg, [Resolution(32, 16)], [30])]
        let driver = ScriptedDriver(description)
        let camera = try open(driver)
        try camera.start()
        let picture: [UInt8] = [0xFF, 0xD8, 0xFF, 0xDA, 1, 2, 3, 0xFF, 0xD9]
        driver.play([
            .bytes(picture), .bytes(picture + [0, 0, 0]), .bytes([]), .bytes(Array(picture.dropLast())),
            .bytes(Array(picture.dropFirst())), .bytes([0xFF, 0xD8, 0xFF]),
        ])
        let events = try everything(of: camera)
        #expect(events.damaged == 4)
        #expect(events.frames.map { $0.plane(0).byteCount } == [9, 9])
        #expect(events.frames.allSatisfy { $0.color == .jpeg && $0.format == .mjpeg })
    }

    @Test func anUnpluggedDeviceIsLostAtOnceEvenInAWaitWithoutAnEnd() throws {
        let driver = ScriptedDriver()
        let camera = try open(driver)
        try camera.start()
        let thread = try WorkerThread("unplug") { driver.play([.frame(1), .unplug]) }
        let error = try #require(
            throws: CameraError.self,
            performing: { while true { _ = try camera.next(timeout: nil) } })
        thread.join()
        #expect(error.code == .deviceLost)
        #expect(error.systemError == .operationNotSupportedByDevice)
        #expect(error.subject == "/dev/video0")
        camera.close()
        #expect(driver.violations.isEmpty)
        #expect(driver.mappedCount == 0)
        #expect(driver.openCount == 0)
    }

    @Test func aFailedQueueIsALostDevice() throws {
        let driver = ScriptedDriver()
        let camera = try open(driver)
        try camera.start()
        driver.play([.queueFailure])
        let error = try #require(throws: CameraError.self, performing: { _ = try camera.next(timeout: nil) })
        #expect(error.code == .deviceLost)
        #expect(error.systemError == .ioError)
    }

    @Test(arguments: [
        (Errno.ioError, CameraError.Code.device), (.operationNotSupportedByDevice, .deviceLost),
    ]) func errorsOfDQBUFAreTold(errno: Errno, code: CameraError.Code) throws {
        let driver = ScriptedDriver()
        let camera = try open(driver)
        try camera.start()
        driver.fail("VIDIOC_DQBUF", with: errno)
        driver.play([.frame(1)])
        let error = try #require(throws: CameraError.self, performing: { _ = try camera.next(timeout: nil) })
        #expect(error.code == code)
        #expect(error.operation == "VIDIOC_DQBUF")
    }

    @Test func aChangedSignalIsAnError() throws {
        let driver = ScriptedDriver()
        let camera = try open(driver)
        try camera.start()
        driver.play([.event(1), .event(5)])
        let error = try #require(throws: CameraError.self, performing: { _ = try camera.next(timeout: nil) })
        #expect(error.code == .device)
        #expect(error.description.contains("signal"))
    }

    @Test(arguments: ["VIDIOC_S_FMT", "VIDIOC_REQBUFS", "VIDIOC_STREAMON"])
    func aBusyDeviceIsToldWithItsHolderAndCanBeStartedLater(call: String) throws {
        let driver = ScriptedDriver()
        driver.setFile("/proc/self", "-> 42")
        driver.setFile("/proc/77/fd/9", "-> /dev/video0")
        driver.setFile("/proc/77/comm", "cheese\n")
        let camera = try open(driver)
        driver.fail(call, with: .resourceBusy)
        let error = try #require(throws: CameraError.self, performing: { try camera.start() })
        #expect(error.code == .busy)
        #expect(error.operation == call)
        #expect(error.description.contains("cheese (process 77)"))
        #expect(driver.mappedCount == 0)

        try camera.start()
        driver.play([.frame(9)])
        #expect(try everything(of: camera).frames.count == 1)
        camera.close()
        #expect(driver.violations.isEmpty)
    }

    @Test(arguments: [
        (Errno.permissionDenied, CameraError.Code.permissionDenied), (.noSuchFileOrDirectory, .notFound),
        (.resourceBusy, .busy), (.operationNotSupportedByDevice, .notFound),
    ]) func errorsOfOpenHaveTheirCodes(errno: Errno, code: CameraError.Code) throws {
        let driver = ScriptedDriver()
        driver.fail("open", with: errno)
        let error = try #require(throws: CameraError.self, performing: { try open(driver) })
        #expect(error.code == code)
    }

    @Test func aNodeThatDeliversNoPicturesIsRefused() throws {
        var description = ScriptedDriver.Description()
        description.capabilities = 0x0420_0002
        let driver = ScriptedDriver(description)
        let error = try #require(throws: CameraError.self, performing: { try open(driver) })
        #expect(error.code == .unsupported)
        #expect(driver.openCount == 0)
        #expect(try V4L2Camera.available(calls: driver.calls).isEmpty)
    }

    @Test func anInterruptEndsTheWaitUnderWayOrTheNextOne() throws {
        let driver = ScriptedDriver()
        let camera = try open(driver)
        try camera.start()
        camera.interrupt()
        #expect(try camera.next(timeout: nil).isInterrupted)
        guard case .timedOut = try camera.next(timeout: .zero) else {
            Issue.record("an interrupt was seen twice")
            return
        }
        let thread = try WorkerThread("interrupt") { camera.interrupt() }
        #expect(try camera.next(timeout: nil).isInterrupted)
        thread.join()
    }

    @Test func framesStayValidAfterStopAndClose() throws {
        for freesMappedBuffers in [true, false] {
            var description = ScriptedDriver.Description()
            description.freesMappedBuffers = freesMappedBuffers
            let driver = ScriptedDriver(description)
            let camera = try open(driver)
            try camera.start()
            driver.play([.frame(0x21), .frame(0x22)])
            var kept = try everything(of: camera).frames
            camera.stop()
            #expect(kept.map(firstByte) == [0x21, 0x22])

            try camera.start()
            driver.play([.frame(0x33), .frame(0x34), .frame(0x35)])
            kept += try everything(of: camera).frames
            #expect(kept.map(firstByte) == [0x21, 0x22, 0x33, 0x34, 0x35])
            camera.close()
            #expect(driver.openCount == 0)
            #expect(driver.mappedCount == 5)
            #expect(kept.map(firstByte) == [0x21, 0x22, 0x33, 0x34, 0x35])
            kept = []
            #expect(driver.mappedCount == 0)
            #expect(driver.violations.isEmpty)
        }
    }

    @Test func aClosedCameraSaysSo() throws {
        let driver = ScriptedDriver()
        let camera = try open(driver)
        camera.close()
        camera.close()
        for call in [{ try camera.start() }, { _ = try camera.next(timeout: nil) }, { _ = try camera.controls() }] {
            let error = try #require(throws: CameraError.self, performing: { try call() })
            #expect(error.code == .closed)
        }
    }
}

/// What a camera does when its frames are kept.
struct V4L2LoanTests {
    @Test(arguments: [(1, 0), (2, 0), (3, 1), (4, 2), (8, 6)])
    func twoBuffersStayWithTheDriver(bufferCount: Int, loans: Int) throws {
        var description = ScriptedDriver.Description()
        description.bufferLimit = bufferCount
        let driver = ScriptedDriver(description)
        let camera = try V4L2Camera("/dev/video0", copyLimit: 100, calls: driver.calls)
        try camera.start()
        var kept: [Frame] = []
        for number in 0..<100 {
            driver.play([.frame(UInt8(number))])
            kept += try #require([try camera.next(timeout: nil)].frames)
            #expect(driver.queuedCount >= min(2, bufferCount))
        }
        #expect(camera.counts.framesCopied == 100 - loans)
        #expect(camera.counts.framesNotCopied == 0)
        #expect(kept.map { $0.plane(0).baseAddress.load(as: UInt8.self) } == Array(0..<100))
        #expect(kept.map(\.info.sequence) == Array(0..<100))
        camera.close()
        #expect(kept.map { $0.plane(0).baseAddress.load(as: UInt8.self) } == Array(0..<100))
        kept = []
        #expect(driver.violations.isEmpty)
        #expect(driver.mappedCount == 0)
    }

    @Test func whatIsGivenBackIsLentAgain() throws {
        var description = ScriptedDriver.Description()
        description.bufferLimit = 3
        let driver = ScriptedDriver(description)
        let camera = try V4L2Camera("/dev/video0", calls: driver.calls)
        try camera.start()
        for number in 0..<50 {
            driver.play([.frame(UInt8(number))])
            let frames = [try camera.next(timeout: nil)].frames
            #expect(frames.map(\.isLoan) == [true])
        }
        #expect(camera.counts == SourceCounts())
        #expect(driver.violations.isEmpty)
    }

    @Test func withoutMemoryForCopiesFramesAreDroppedAndCounted() throws {
        var description = ScriptedDriver.Description()
        description.bufferLimit = 4
        let driver = ScriptedDriver(description)
        let camera = try V4L2Camera("/dev/video0", copyLimit: 5, calls: driver.calls)
        try camera.start()
        driver.play((0..<20).map { .frame($0) })
        var kept: [Frame] = []
        while case .frame(let frame) = try camera.next(timeout: .zero) { kept.append(frame) }
        #expect(kept.count == 7)
        #expect(camera.counts.framesCopied == 5)
        #expect(camera.counts.framesNotCopied == 13)
        kept.removeLast()
        driver.play([.frame(99)])
        #expect([try camera.next(timeout: nil)].frames.map(\.info.sequence) == [20])
        #expect(driver.violations.isEmpty)
    }

    @Test func framesOfALoopbackDeviceAreCopiesSinceItsWriterOverwritesThem() throws {
        var description = ScriptedDriver.Description()
        description.driver = "v4l2 loopback"
        let driver = ScriptedDriver(description)
        let camera = try V4L2Camera("/dev/video0", calls: driver.calls)
        try camera.start()
        driver.play([.frame(1)])
        #expect([try camera.next(timeout: nil)].frames.count == 1)
        #expect(camera.counts.framesCopied == 1)
        #expect(driver.queuedCount == 8)
    }

    @Test func paddedRowsArePackedInCopies() throws {
        var description = ScriptedDriver.Description()
        description.formats = [.init(.yuv420, [Resolution(34, 18)], [30])]
        description.rowAlignment = 64
        description.bufferLimit = 3
        let driver = ScriptedDriver(description)
        let camera = try V4L2Camera("/dev/video0", calls: driver.calls)
        try camera.start()
        driver.play([.frame(1), .frame(2)])
        let frames = try [camera.next(timeout: nil), camera.next(timeout: nil)].frames
        let loan = try #require(frames.first)
        #expect(loan.isLoan)
        #expect((0..<3).map { loan.plane($0).stride } == [64, 32, 32])
        #expect(loan.plane(1).baseAddress - loan.plane(0).baseAddress == 64 * 18)
        #expect(loan.plane(2).baseAddress - loan.plane(1).baseAddress == 32 * 9)
        let copy = try #require(frames.last)
        #expect(camera.counts.framesCopied == 1)
        #expect(copy.isPacked)
    }
}

extension [SourceEvent] {
    fileprivate var frames: [Frame] {
        compactMap { event in
            if case .frame(let frame) = event { frame } else { nil }
        }
    }

    fileprivate var damaged: Int {
        reduce(0) { sum, event in
            if case .damaged(let count) = event { sum + count } else { sum }
        }
    }
}

extension SourceEvent {
    fileprivate var isInterrupted: Bool {
        if case .interrupted = self { true } else { false }
    }
}
