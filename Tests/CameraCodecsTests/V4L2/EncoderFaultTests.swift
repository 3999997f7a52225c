// SPDX-License-Identifier: MIT

import CameraCodecs
import CameraCore
import SystemPackage
import TestSupport
import Testing
import V4L2

/// What drivers do wrong: each frame is accounted for, and what is written can be decoded.
@Suite struct EncoderFaultTests {
    private func driver(_ change: (inout ScriptedEncoder.Description) -> Void) -> ScriptedEncoder {
        ScriptedEncoder(ScriptedEncoder.with(change))
    }

    // MARK: Error flags

    @Test(arguments: [1, 3]) func aDamagedPacketLosesWhatNeedsItAndNoMore(pieces: Int) throws {
        let driver = driver {
            $0.pieces = pieces
            $0.faults = [7: .damagedPacket]
        }
        let run = try ScriptedRun(driver, count: 40)
        run.check(count: 40)
        #expect(run.lost.first == 7)
        // What was inside at that moment, and nothing after the next key frame.
        #expect(run.lost == (7..<7 + Int64(run.lost.count)).map(\.self))
        #expect(run.lost.count <= 9)
        #expect(run.reasons.first?.contains("damaged") == true)
        #expect(driver.violations == [])
    }

    @Test func aDamagedFrameIsLostAlone() throws {
        let driver = driver { $0.faults = [0: .damagedFrame, 7: .damagedFrame, 8: .damagedFrame, 39: .damagedFrame] }
        let run = try ScriptedRun(driver, count: 40)
        run.check(count: 40)
        #expect(run.lost.sorted() == [0, 7, 8, 39])
        #expect(run.reasons.allSatisfy { $0.contains("failed with it") })
        #expect(run.keys == [1, 15, 27])
    }

    @Test func aFrameWithoutAnyPacketIsFoundOut() throws {
        let driver = driver { $0.faults = [7: .swallowed, 99: .swallowed] }
        let run = try ScriptedRun(driver, count: 100)
        run.check(count: 100)
        #expect(run.lost == [7, 99])
        // Not only at the end: a recording may be long.
        let place = try #require(run.frames.firstIndex { $0.index == 7 })
        #expect(place < 50)
    }

    /// A packet that does not fit has the mark of an error like any other.
    @Test(arguments: [false, true]) func codedBuffersThatAreTooSmallGrow(isMultiplanar: Bool) throws {
        let driver = driver {
            $0.isMultiplanar = isMultiplanar
            $0.keyByteCount = 30_000
        }
        var byteCount = 0
        let run = try ScriptedRun(driver, count: 60, size: Resolution(320, 240)) { number, _ in
            if number == 59 { byteCount = driver.codedByteCount }
        }
        run.check(count: 60)
        #expect(byteCount == 32_768)
        // Each size is tried once: 4, 8, 16 kilobytes.
        #expect(run.lost.count <= 3 * 9)
        #expect(run.lost.allSatisfy { $0 < 30 })
        #expect(driver.violations == [])
    }

    @Test func growingEndsAtTheSizeOfTheRawPicture() throws {
        let driver = driver { $0.keyByteCount = 1 << 20 }
        var byteCount = 0
        let run = try ScriptedRun(driver, count: 30) { number, _ in
            if number == 29 { byteCount = driver.codedByteCount }
        }
        #expect(run.lost == Array(0..<30))
        #expect(byteCount == 64 * 48 * 3 / 2)
    }

    // MARK: EIO

    @Test func aFatalFailureIsSurvivedOnceAndReported() throws {
        let driver = driver {
            $0.controls = ScriptedEncoder.usualControls
            $0.faults = [20: .fatal]
        }
        let run = try ScriptedRun(driver, count: 60, options: EncoderOptions { $0.bitRate = 3_000_000 })
        run.check(count: 60)
        #expect(run.lost.contains(20))
        #expect(run.lost.count <= 8)
        #expect(run.reasons.allSatisfy { $0.contains("set up anew") })
        // A stream of its own follows, with the same settings.
        let next = try #require(run.packets.first { $0.index > 20 })
        #expect(next.type == .key)
        #expect(next.headerByteCount > 0)
        #expect(run.pictures.allSatisfy { $0.bitRate == 3_000_000 })
        #expect(driver.violations == [])
    }

    @Test func aSecondFatalFailureEndsTheWork() throws {
        let driver = driver { $0.faults = [10: .fatal, 30: .fatal] }
        let error = #expect(throws: CameraError.self) { try ScriptedRun(driver, count: 60) }
        #expect(error?.systemError == .ioError)
        #expect(error?.description.contains("/dev/video11") == true)
        #expect(driver.openCount == 0)
        #expect(driver.mappedCount == 0)
    }

    @Test func aDriverThatCannotBeSetUpAnewEndsTheWork() throws {
        let driver = driver { $0.faults = [10: .fatal] }
        let error = #expect(throws: CameraError.self) {
            try ScriptedRun(driver, count: 60) { number, _ in
                if number == 10 { driver.fail("VIDIOC_STREAMON", with: .noMemory) }
            }
        }
        #expect(error?.systemError == .noMemory)
        #expect(driver.openCount == 0)
        #expect(driver.mappedCount == 0)
    }

    // MARK: Drivers that cannot be worked with

    @Test func aDriverThatFallsSilentIsGivenUp() throws {
        let driver = driver { $0.faults = [5: .silence] }
        let error = #expect(throws: CameraError.self) {
            try ScriptedRun(driver, count: 30, patience: .milliseconds(100))
        }
        #expect(error?.code == .codec)
        #expect(error?.description.contains("gave nothing back") == true)
        #expect(driver.openCount == 0)
    }

    @Test func aDriverThatLosesTimesIsRefused() throws {
        let driver = driver { $0.copiesTimes = false }
        let error = #expect(throws: CameraError.self) { try ScriptedRun(driver, count: 1) }
        #expect(error?.description.contains("time stamps") == true)
        #expect(error?.description.contains("encode in software") == true)
        #expect(driver.openCount == 0)
    }

    @Test(arguments: ["VIDIOC_S_FMT", "VIDIOC_REQBUFS", "mmap", "VIDIOC_STREAMON", "VIDIOC_QBUF", "VIDIOC_DQBUF"])
    func whatFailsWhileSettingUpIsToldAndFreesAll(_ call: String) throws {
        let driver = driver { $0.coded = [PixelFormat(fourCC: "H264")] }
        let codec = try V4L2Codec("/dev/video11", format: .h264, calls: driver.calls)
        driver.fail(call, with: .noMemory)
        let error = #expect(throws: CameraError.self) { try codec.configure(ScriptedRun.configuration()) { _ in } }
        #expect(error?.systemError == .noMemory)
        codec.close()
        #expect(driver.openCount == 0)
        #expect(driver.mappedCount == 0)
    }

    @Test func theDeprecatedEventIsNotAskedFor() throws {
        let driver = ScriptedEncoder()
        _ = try ScriptedRun(driver, count: 3)
        #expect(!driver.log.contains { $0.contains("EVENT") })
    }

    // MARK: Sizes

    @Test(arguments: [Resolution(62, 46), Resolution(66, 50), Resolution(320, 180)])
    func sizesThatAreNoMultipleOf16AreCropped(_ size: Resolution) throws {
        let driver = driver { $0.alignment = Resolution(16, 16) }
        let run = try ScriptedRun(driver, count: 10, size: size)
        run.check(count: 10)
        #expect(run.lost == [])
        #expect(driver.crop == size)
        #expect(driver.violations == [])
    }
}
