// SPDX-License-Identifier: MIT

import CameraCore
import CameraDevices
import SystemPackage
import TestSupport
import Testing
import V4L2

/// Changes of controls over a scripted driver.
struct V4L2ControlWatchTests {
    private let driver: ScriptedDriver
    private let camera: V4L2Camera
    private static let patience = Duration.seconds(30)

    init() throws {
        var description = ScriptedDriver.Description()
        var automatic = ScriptedDriver.Control(2, "Gain, Automatic", kind: 2, 0...1, value: 0)
        automatic.rules = [3]
        description.controls = [
            .init(1, "Brightness", kind: 1, 0...255, value: 5), automatic,
            .init(3, "Gain", kind: 1, 0...255, value: 100),
            .init(4, "Label", kind: 7, 0...8, value: 0),
        ]
        driver = ScriptedDriver(description)
        camera = try V4L2Camera("/dev/video0", calls: driver.calls)
    }

    @Test(arguments: [false, true]) func aChangeByAnyoneIsTold(isRunning: Bool) throws {
        if isRunning { try camera.start() }
        defer { camera.close() }
        let watch = try camera.watchControls()
        driver.change("Brightness") { $0.value = 77 }
        var change = try #require(try watch.next(timeout: Self.patience))
        #expect(change.control.name == "brightness" && change.control.value == .integer(77))
        #expect(change.changes == .value)

        try camera.setControl("label", to: .text("hall"))
        change = try #require(try watch.next(timeout: Self.patience))
        #expect(change.control.name == "label" && change.control.value == .text("hall"))

        try camera.setControl("gain_automatic", to: .integer(1))
        let both = [try watch.next(timeout: Self.patience), try watch.next(timeout: Self.patience)]
        #expect(Set(both.map { $0?.control.name }) == ["gain_automatic", "gain"])
        let gain = try #require(both.compactMap(\.self).first { $0.control.name == "gain" })
        #expect(gain.changes == .traits && gain.control.traits == .inactive)

        driver.change("Brightness", 4) { $0.range = 0...15 }
        change = try #require(try watch.next(timeout: Self.patience))
        #expect(change.changes == .kind && change.control.kind == .integer(0...15, step: 1))
        #expect(try watch.next(timeout: .zero) == nil)
    }

    /// A camera that streams goes on with its frames.
    @Test func theFramesOfACameraThatIsWatchedFlow() throws {
        try camera.start()
        defer { camera.close() }
        let watch = try camera.watchControls()
        driver.play([.frame(1)])
        driver.change("Brightness") { $0.value = 1 }
        guard case .frame = try camera.next(timeout: Self.patience) else {
            Issue.record("no frame")
            return
        }
        #expect(try watch.next(timeout: Self.patience)?.control.value == .integer(1))
    }

    @Test func changesThatWereNotTakenBecomeOne() throws {
        let watch = try camera.watchControls()
        for value in 1...1000 { driver.change("Brightness") { $0.value = Int64(value % 256) } }
        #expect(try watch.next(timeout: Self.patience)?.control.value == .integer(1000 % 256))
        #expect(try watch.next(timeout: .zero) == nil)
    }

    @Test func severalWatchEachForThemselves() throws {
        let watches = [try camera.watchControls(), try camera.watchControls()]
        driver.change("Brightness") { $0.value = 3 }
        for watch in watches { #expect(try watch.next(timeout: Self.patience)?.control.value == .integer(3)) }
        watches[0].close()
        driver.change("Brightness") { $0.value = 4 }
        #expect(try watches[0].next(timeout: nil) == nil)
        #expect(try watches[1].next(timeout: Self.patience)?.control.value == .integer(4))
    }

    @Test(arguments: [false, true]) func closingEndsTheWait(byCamera: Bool) throws {
        let watch = try camera.watchControls()
        let result = Monitor<Result<ControlChange?, CameraError>?>(nil)
        let waiter = try WorkerThread("watch") {
            let outcome = Result { () throws(CameraError) in try watch.next(timeout: nil) }
            result.update { $0 = outcome }
        }
        #expect(eventually { driver.log.last == "poll" })
        if byCamera { camera.close() } else { watch.close() }
        #expect(waiter.join(until: .now + Self.patience))
        #expect(throws: Never.self) { try #expect(result.withLock { $0 }?.get() == nil) }
        camera.close()
        #expect(eventually { driver.openCount == 0 })
    }

    @Test func anUnpluggedCameraEndsTheWatch() throws {
        let watch = try camera.watchControls()
        driver.unplug()
        let error = try #require(throws: CameraError.self) { try watch.next(timeout: Self.patience) }
        #expect(error.code == .deviceLost)
    }

    @Test func aDriverWithoutControlsOrEventsSaysSo() throws {
        let bare = ScriptedDriver()
        let without = try V4L2Camera("/dev/video0", calls: bare.calls)
        var error = try #require(throws: CameraError.self) { try without.watchControls() }
        #expect(error.code == .unsupported)
        driver.fail("VIDIOC_SUBSCRIBE_EVENT", with: .inappropriateIOCTLForDevice, times: 4)
        error = try #require(throws: CameraError.self) { try camera.watchControls() }
        #expect(error.code == .unsupported && error.description.contains("does not tell"))
        camera.close()
        error = try #require(throws: CameraError.self) { try camera.watchControls() }
        #expect(error.code == .closed)
        #expect(driver.openCount == 0)
    }
}
