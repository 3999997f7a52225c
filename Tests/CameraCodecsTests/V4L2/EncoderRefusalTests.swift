// SPDX-License-Identifier: MIT

import CameraCodecs
import CameraCore
import SystemPackage
import TestSupport
import Testing
import V4L2

/// What a driver refuses, or makes something else of, without having failed.
@Suite struct EncoderRefusalTests {
    private static let refusals: [Errno] = [
        .invalidArgument, .outOfRange, .permissionDenied, .notPermitted, .noSpace, .inappropriateIOCTLForDevice,
    ]

    private func driver(_ change: (inout ScriptedEncoder.Description) -> Void = { _ in }) -> ScriptedEncoder {
        ScriptedEncoder(
            ScriptedEncoder.with {
                $0.controls = ScriptedEncoder.usualControls
                change(&$0)
            })
    }

    // MARK: Live controls

    @Test(arguments: refusals) func aLiveBitRateThatIsRefusedIsAnErrorOfThatCallAlone(_ errno: Errno) throws {
        let driver = driver()
        let run = try ScriptedRun(driver, count: 30, options: EncoderOptions { $0.bitRate = 4_000_000 }) {
            number, codec in
            guard number == 12 else { return }
            driver.fail("VIDIOC_S_EXT_CTRLS", with: errno)
            let error = #expect(throws: CameraError.self) { try codec.setBitRate(1_500_000) }
            #expect(error?.systemError == errno)
            #expect(error?.code == .invalidValue)
            #expect(error?.description.contains("Video Bitrate") == true)
        }
        run.check(count: 30)
        #expect(run.lost == [])
        #expect(run.keys == [0])
        #expect(run.pictures.allSatisfy { $0.bitRate == 4_000_000 })
    }

    /// Also where the stream has to be stopped for it; and what was refused does not come back with a new start.
    @Test func aRefusalWithTheStreamStoppedIsForgotten() throws {
        let driver = driver {
            $0.grabbed = [EncoderControl.bitRate]
            $0.faults = [20: .fatal]
        }
        let run = try ScriptedRun(driver, count: 40, options: EncoderOptions { $0.bitRate = 4_000_000 }) {
            number, codec in
            guard number == 12 else { return }
            driver.fail("VIDIOC_S_EXT_CTRLS", with: .resourceBusy)
            driver.fail("VIDIOC_S_EXT_CTRLS", with: .outOfRange)
            let error = #expect(throws: CameraError.self) { try codec.setBitRate(1_500_000) }
            #expect(error?.systemError == .outOfRange)
        }
        run.check(count: 40)
        #expect(run.pictures.allSatisfy { $0.bitRate == 4_000_000 })
        #expect(run.packets.last?.index == 39)
    }

    /// The sibling: a key frame that cannot be asked for is made by beginning a stream.
    @Test(arguments: refusals) func aRefusedKeyFrameIsMadeInAnotherWay(_ errno: Errno) throws {
        let driver = driver()
        let run = try ScriptedRun(driver, count: 30, keyFrames: [12, 20]) { number, _ in
            if number == 12 { driver.fail("VIDIOC_S_EXT_CTRLS", with: errno) }
        }
        run.check(count: 30)
        #expect(run.lost == [])
        #expect(Set(run.keys).isSuperset(of: [0, 12, 20]))
    }

    /// What nobody asked for may be refused while the encoder is set up.
    @Test(arguments: refusals) func aControlThatNobodyAskedForMayBeRefused(_ errno: Errno) throws {
        let driver = driver()
        driver.fail("VIDIOC_S_EXT_CTRLS", with: errno)
        let run = try ScriptedRun(driver, count: 5)
        run.check(count: 5)
    }

    @Test func aFailureOfTheDeviceIsNoRefusal() throws {
        let driver = driver()
        let error = #expect(throws: CameraError.self) {
            try ScriptedRun(driver, count: 30) { number, codec in
                guard number == 12 else { return }
                driver.fail("VIDIOC_S_EXT_CTRLS", with: .operationNotSupportedByDevice)
                try codec.setBitRate(1_500_000)
            }
        }
        #expect(error?.code == .deviceLost)
        #expect(driver.openCount == 0)
    }

    // MARK: Frame intervals

    /// 29 frames of a second get the bits of a second: of 30 there are as many more.
    @Test(arguments: [false, true]) func theBitRateFollowsTheRateThatTheDriverMadeOfIt(hasOwnInterval: Bool) throws {
        let driver = driver {
            $0.fastestRate = 29
            $0.hasOwnInterval = hasOwnInterval
        }
        let run = try ScriptedRun(driver, count: 20, options: EncoderOptions { $0.bitRate = 3_000_000 }) {
            number, codec in
            if number == 10 { try codec.setBitRate(1_500_000) }
        }
        run.check(count: 20)
        #expect(run.pictures.first?.bitRate == 2_900_000)
        #expect(run.pictures.last?.bitRate == 1_450_000)
    }

    @Test func aRateThatTheDriverCannotDoIsRefused() throws {
        let driver = driver { $0.fastestRate = 25 }
        let error = #expect(throws: CameraError.self) { try ScriptedRun(driver, count: 1) }
        #expect(error?.code == .unsupported)
        #expect(error?.description.contains("of 30 frames") == true && error?.description.contains("25") == true)
        #expect(driver.openCount == 0)
    }

    #if X264
    @Test func anotherCodecIsTakenForARateThatTheDriverCannotDo() throws {
        let driver = driver { $0.fastestRate = 25 }
        func name(at rate: FrameRate) throws -> String {
            let codec = try Codecs.make(
                for: .h264, size: Resolution(640, 360), frameRate: rate, options: EncoderOptions(), calls: driver.calls)
            defer { codec.close() }
            return codec.name
        }
        #expect(try name(at: 25) == "scripted (/dev/video11)")
        #expect(try name(at: 30) == "libx264")
    }
    #endif

    // MARK: Profiles

    /// A promise, here too: the driver takes the control, and the stream says something else.
    @Test func aProfileThatTheStreamDoesNotHaveIsRefused() throws {
        let driver = driver { $0.sequenceSet = [0x67, 77, 0, 31] }
        let error = #expect(throws: CameraError.self) {
            try ScriptedRun(driver, count: 1, options: EncoderOptions { $0.profile = "high" })
        }
        #expect(error?.code == .unsupported)
        #expect(error?.description.contains("makes Main where it is told to make high") == true)
        #expect(driver.openCount == 0)
        #expect(try ScriptedRun(driver, count: 1, options: EncoderOptions { $0.profile = "main" }).packets.count == 1)
        #expect(try ScriptedRun(driver, count: 1).packets.count == 1)
    }
}
