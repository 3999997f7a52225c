// SPDX-License-Identifier: MIT

import CameraCore
import CameraDevices
import SystemPackage
import TestSupport
import Testing
import V4L2

/// Cameras that come back after they were unplugged.
struct DeviceWatchTests {
    private let driver = ScriptedDriver()

    private func unplugged() throws -> DeviceWatch {
        let camera = try V4L2Camera("/dev/video0", calls: driver.calls)
        try camera.start()
        let watch = try DeviceWatch(for: camera.identity, calls: driver.calls)
        driver.play([.unplug])
        let error = try #require(throws: CameraError.self, performing: { _ = try camera.next(timeout: nil) })
        #expect(error.code == .deviceLost)
        camera.close()
        return watch
    }

    @Test func aCameraThatComesBackIsFoundUnderItsNewNumber() throws {
        let watch = try unplugged()
        // The plug comes while the other thread waits, or before it does: neither is missed.
        let thread = try WorkerThread("plug") { [driver] in driver.plug(at: "/dev/video7") }
        #expect(try watch.wait() == "/dev/video7")
        thread.join()
        let camera = try V4L2Camera("/dev/video7", calls: driver.calls)
        try camera.start()
        driver.play([.frame(9)])
        guard case .frame = try camera.next(timeout: nil) else {
            Issue.record("the camera that came back gives no frame")
            return
        }
        #expect(camera.identity == watch.identity)
        camera.close()
        #expect(driver.violations.isEmpty)
    }

    @Test func aCameraThatIsThereIsFoundAtOnce() throws {
        let camera = try V4L2Camera("/dev/video0", calls: driver.calls)
        #expect(try DeviceWatch(for: camera.identity, calls: driver.calls).wait(timeout: .zero) == "/dev/video0")
    }

    @Test func anotherCameraDoesNotCount() throws {
        driver.setFile("/sys/class/video4linux/video0/index", "0\n")
        let watch = try unplugged()
        #expect(watch.identity.nodeIndex == 0)
        driver.setFile("/sys/class/video4linux/video0/index", "1\n")
        driver.plug()
        let error = try #require(throws: CameraError.self, performing: { try watch.wait(timeout: .zero) })
        #expect(error.code == .timedOut)
        #expect(error.description.contains("script:0"))
    }

    @Test func theSerialNumberTellsCamerasOfOnePortApart() throws {
        driver.setFile("/sys/class/video4linux/video0/index", "0\n")
        driver.setFile("/sys/class/video4linux/video0/serial", "A1\n")
        driver.setFile("/sys/class/video4linux/video0/manufacturer", "Acme\n")
        let watch = try unplugged()
        #expect(watch.identity.serial == "A1")
        #expect(watch.identity.maker == "Acme")
        driver.setFile("/sys/class/video4linux/video0/serial", "B2\n")
        driver.plug()
        #expect(throws: CameraError.self) { try watch.wait(timeout: .zero) }
        driver.setFile("/sys/class/video4linux/video0/serial", "A1\n")
        driver.touchFolder()
        #expect(try watch.wait() == "/dev/video0")
    }

    /// udev sets group and mode after the kernel has made the node.
    @Test func aNodeWithoutPermissionYetIsWaitedFor() throws {
        let watch = try unplugged()
        driver.fail("open", with: .permissionDenied)
        driver.plug()
        let thread = try WorkerThread("udev") { [driver] in driver.touchFolder() }
        #expect(try watch.wait() == "/dev/video0")
        thread.join()
    }

    @Test func aNodeThatStaysForbiddenIsNamedAtTheEnd() throws {
        let watch = try unplugged()
        driver.fail("open", with: .permissionDenied, times: 100)
        driver.plug()
        let error = try #require(throws: CameraError.self, performing: { try watch.wait(timeout: .zero) })
        #expect(error.code == .timedOut)
        #expect(error.description.contains("/dev/video0"))
    }

    @Test func aWaitWithoutAnEndIsInterrupted() throws {
        let watch = try unplugged()
        let thread = try WorkerThread("interrupt") { watch.interrupt() }
        #expect(try watch.wait() == nil)
        thread.join()
    }

    @Test func theSystemTellsOfNewFiles() throws {
        let folder = try TemporaryFolder()
        let watch = try FolderWatch(folder.url.path)
        let wakeUp = try WakeUp()
        #expect(try watch.wait(wakeUp, until: .now) == .timedOut)
        try #require(run("touch", [folder.path("video0")]).status == 0)
        #expect(try watch.wait(wakeUp, until: nil) == .changed)
        #expect(try watch.wait(wakeUp, until: .now) == .timedOut)
        try #require(run("chmod", ["600", folder.path("video0")]).status == 0)
        #expect(try watch.wait(wakeUp, until: nil) == .changed)
        wakeUp.raise()
        #expect(try watch.wait(wakeUp, until: nil) == .wakeUp)
    }
}
