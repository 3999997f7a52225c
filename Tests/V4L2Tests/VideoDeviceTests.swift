// SPDX-License-Identifier: MIT

import CameraCore
import Foundation
import SystemPackage
import TestSupport
import Testing
import V4L2

/// The small types over a scripted driver.
struct VideoDeviceTests {
    @Test func whatASignalInterruptsIsDoneAgain() throws {
        let driver = ScriptedDriver()
        for call in ["open", "VIDIOC_QUERYCAP", "VIDIOC_G_FMT", "VIDIOC_REQBUFS", "mmap", "poll"] {
            driver.fail(call, with: .interrupted, times: 3)
        }
        let device = try VideoDevice("/dev/video0", calls: driver.calls)
        #expect(try device.format(of: .videoCapture).size == Resolution(32, 16))
        let queue = try BufferQueue(device, .videoCapture, wanted: 2)
        #expect(queue.count == 2)
        try queue.start()
        driver.play([.frame(1)])
        #expect(try device.wait(try WakeUp(calls: driver.calls), until: nil) == .buffer)
    }

    @Test func anErrorNamesTheCallAndTheDevice() throws {
        let driver = ScriptedDriver()
        driver.fail("VIDIOC_G_FMT", with: .ioError)
        let device = try VideoDevice("/dev/video0", calls: driver.calls)
        #expect(throws: DeviceError("VIDIOC_G_FMT", device: "/dev/video0", .ioError)) {
            try device.format(of: .videoCapture)
        }
        #expect(throws: DeviceError("open", device: "/dev/video7", .noSuchFileOrDirectory)) {
            try VideoDevice("/dev/video7", calls: driver.calls)
        }
    }

    @Test func aClosedDeviceMakesNoCalls() throws {
        let driver = ScriptedDriver()
        let device = try VideoDevice("/dev/video0", calls: driver.calls)
        device.close()
        device.close()
        #expect(driver.openCount == 0)
        #expect(throws: DeviceError("VIDIOC_G_FMT", device: "/dev/video0", .badFileDescriptor)) {
            try device.format(of: .videoCapture)
        }
        #expect(driver.violations.isEmpty)
    }

    @Test func formatsSizesAndRatesAreListed() throws {
        var description = ScriptedDriver.Description()
        description.formats = [
            .init(.yuyv, [Resolution(32, 16), Resolution(64, 32)], [15, FrameRate(30000, 1001)]),
            .init(PixelFormat(fourCC: "pBAA"), [Resolution(64, 32)], []),
        ]
        let device = try VideoDevice("/dev/video0", calls: ScriptedDriver(description).calls)
        #expect(try device.formats(of: .videoCapture).map(\.pixelFormat.description) == ["YUYV", "pBAA"])
        #expect(try device.frameSizes(of: .yuyv) == .discrete([Resolution(32, 16), Resolution(64, 32)]))
        let rates = try device.frameRates(of: .yuyv, at: Resolution(32, 16))
        #expect(rates == .discrete([FrameRate(30000, 1001), 15]))
        #expect(try device.frameRates(of: PixelFormat(fourCC: "pBAA"), at: Resolution(64, 32)) == .unknown)
        #expect(try device.frameSizes(of: .nv12) == .unknown)
    }

    @Test func aBusyDeviceNamesTheProgramsThatHoldIt() throws {
        let driver = ScriptedDriver()
        let error = DeviceError("VIDIOC_STREAMON", device: "/dev/video0", .resourceBusy)
        driver.setFile("/proc/self", "-> 42")
        driver.setFile("/proc/42/fd/3", "-> /dev/video0")
        driver.setFile("/proc/42/comm", "myself\n")
        #expect(CameraError(error, calls: driver.calls).description.contains("sudo fuser -v /dev/video0"))

        driver.setFile("/proc/77/fd/0", "-> /dev/null")
        driver.setFile("/proc/77/fd/9", "-> /dev/video0")
        driver.setFile("/proc/77/comm", "ffmpeg\n")
        let message = CameraError(error, calls: driver.calls).description
        #expect(CameraError(error, calls: driver.calls).code == .busy)
        #expect(message.contains("ffmpeg (process 77) has it open"))
        #expect(!message.contains("myself"))
    }

    @Test(.enabled(if: !Machine.isEmulated, "an emulated program keeps its own name in those that it starts"))
    func theRealProgramThatHoldsAFileIsFound() throws {
        let folder = try TemporaryFolder()
        try Data().write(to: folder.file("held"))
        let path = try #require(SystemCalls.linux.canonicalPath(folder.path("held")))
        let holder = Process()
        holder.executableURL = URL(fileURLWithPath: "/bin/sleep")
        holder.arguments = ["60"]
        holder.standardInput = try FileHandle(forReadingFrom: folder.file("held"))
        try holder.run()
        defer {
            // Not SIGTERM: test runners block it, and their children inherit that.
            kill(holder.processIdentifier, SIGKILL)
            holder.waitUntilExit()
        }
        let message = CameraError(DeviceError("open", device: path, .resourceBusy), calls: .linux).description
        #expect(message.contains("sleep (process \(holder.processIdentifier)) has it open"))
    }

    @Test(arguments: [
        (Errno.permissionDenied, CameraError.Code.permissionDenied), (.noSuchFileOrDirectory, .notFound),
        (.operationNotSupportedByDevice, .deviceLost), (.resourceBusy, .busy), (.ioError, .device),
    ]) func errorsHaveTheCodeThatUsersKnow(errno: Errno, code: CameraError.Code) {
        let error = CameraError(
            DeviceError("VIDIOC_DQBUF", device: "/dev/video0", errno), calls: ScriptedDriver().calls)
        #expect(error.code == code)
        #expect(error.systemError == errno)
        #expect(error.subject == "/dev/video0")
    }

    @Test func aRealFileThatIsNoDeviceIsRefused() throws {
        #expect(throws: DeviceError("VIDIOC_QUERYCAP", device: "/dev/null", .inappropriateIOCTLForDevice)) {
            try VideoDevice("/dev/null")
        }
    }

    @Test func aRealWakeUpEndsAWaitUntilItIsCleared() throws {
        let driver = ScriptedDriver()
        // The scripted device behind the real poll: /dev/null would always be ready, an idle eventfd never is.
        var calls = driver.calls
        calls.open = { _ in SystemCalls.linux.makeCounter() }
        calls.ioctl = { _, _, _ in nil }
        calls.close = SystemCalls.linux.close
        calls.poll = SystemCalls.linux.poll
        let device = try VideoDevice("/dev/video0", calls: calls)
        let wakeUp = try WakeUp()
        #expect(try device.wait(wakeUp, until: .now) == [])
        wakeUp.raise()
        wakeUp.raise()
        #expect(try device.wait(wakeUp, until: nil) == .wakeUp)
        wakeUp.clear()
        #expect(try device.wait(wakeUp, until: .now) == [])
    }
}
