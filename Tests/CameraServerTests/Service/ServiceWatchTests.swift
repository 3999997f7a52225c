// SPDX-License-Identifier: MIT

import CameraCore
import CameraKit
import CameraServer
import Foundation
import Synchronization
import TestSupport
import Testing

/// What a service manager is told of a server.
@Suite struct ServiceWatchTests {
    private func makeServer(
        _ cameras: [ServedCamera], threadPatience: Duration = .seconds(120)
    ) throws -> CameraServer {
        var options = CameraServer.Options()
        options.threadPatience = threadPatience
        options.port = 0
        options.rtspPort = nil
        return try CameraServer(cameras, options: options)
    }

    private func served(
        _ name: String, _ source: some VideoSource, stallLimit: Duration = .seconds(3600)
    ) throws -> ServedCamera {
        let camera = try Camera(holding: source, stallLimit: stallLimit, stopTimeout: .seconds(15))
        try camera.startFrames()
        return ServedCamera(camera, name: name)
    }

    @Test(arguments: [false, true]) func itIsReadyWithTheFirstFrame(isAbstract: Bool) throws {
        let folder = try TemporaryFolder()
        let manager = try ServiceManager(folder, isAbstract: isAbstract)
        let source = LiveSource()
        let away = ServedCamera("yard") { () throws(CameraError) in
            throw CameraError(.notFound, "opening the camera", subject: "/dev/video9", reason: "it is not plugged in")
        }
        let server = try makeServer([try served("hall", source), away])
        defer { try? server.stop() }
        let watch = try ServiceWatch(server, ServiceNotifier(manager.address), watchdog: .milliseconds(100)) {
            Issue.record("the manager was not told: \($0)")
        }
        let before = manager.take(through: "STATUS=hall is being opened; yard is away")
        #expect(!before.contains("READY=1"))
        #expect(before.contains { $0.contains("it is not plugged in") })
        source.sendFrame()
        let ready = manager.take(through: "READY=1")
        #expect(ready.last == "WATCHDOG=1")
        #expect(ready.contains { $0.hasPrefix("STATUS=yard is away") && $0.hasSuffix("1 of 2 cameras deliver") })
        // It is fed on, with nothing else to tell.
        for _ in 0..<3 { #expect(manager.next() == ["WATCHDOG=1"]) }
        watch.isReloading()
        #expect(manager.take(through: "RELOADING=1").contains("RELOADING=1"))
        watch.hasReloaded()
        #expect(manager.take(through: "READY=1").contains("READY=1"))
        watch.isStopping()
        #expect(manager.take(through: "STOPPING=1").suffix(2) == ["STOPPING=1", "STATUS=finishing the files"])
    }

    @Test func aCameraThatHangsIsToldAndTheOthersGoOn() throws {
        let folder = try TemporaryFolder()
        let manager = try ServiceManager(folder)
        let (good, bad) = (LiveSource(), HangingSource())
        let server = try makeServer([
            try served("hall", good), try served("yard", bad, stallLimit: .milliseconds(50)),
        ])
        defer { try? server.stop() }
        good.sendFrame()
        bad.sendFrame()
        let watch = try ServiceWatch(server, ServiceNotifier(manager.address), watchdog: .milliseconds(20)) {
            Issue.record("the manager was not told: \($0)")
        }
        _ = manager.take(through: "READY=1")
        bad.isHanging = true
        let statements = manager.take(through: "STATUS=yard hangs")
        let hang = "STATUS=yard hangs (its driver does not come back from a call); 1 of 2 cameras deliver"
        // The service is not begun anew for it, which would cost the other one its frames.
        #expect(statements.suffix(2) == [hang, "WATCHDOG=1"])
        bad.isHanging = false
        #expect(manager.take(through: "STATUS=").contains { $0.hasPrefix("STATUS=") && !$0.contains("hangs") })
        watch.isStopping()
    }

    @Test func aCameraWithoutFramesThatAnswersIsKnown() throws {
        let source = LiveSource()
        let server = try makeServer([try served("hall", source, stallLimit: .milliseconds(20))])
        defer { try? server.stop() }
        // It never gave a frame, and the service is ready all the same.
        #expect(eventually { server.health.isReady })
        #expect(server.health.status == "hall gives no frames; 0 of 1 cameras deliver")
        #expect(server.health.isAlive)
        #expect(
            eventually {
                source.sendFrame()
                return server.health.status == "1 of 1 cameras deliver"
            })
    }

    @Test func aSourceThatWaitsForSomebodyDelivers() throws {
        let server = try makeServer([try served("hall", LiveSource(canWait: true))])
        defer { try? server.stop() }
        #expect(eventually { server.health.isReady })
    }

    @Test func threadsThatAnswerDoNotHang() throws {
        // Without patience, who has not answered when the next question is due counts as hanging.
        let server = try makeServer([try served("hall", LiveSource(canWait: true))], threadPatience: .zero)
        for _ in 0..<5 { #expect(eventually { server.health.isAlive }) }
        try server.stop()
        for _ in 0..<5 { #expect(eventually { server.health.isAlive }) }
    }

    @Test func aCameraThatIsOpenedForTooLongIsNamed() throws {
        let isHeld = Monitor(true)
        let slow = ServedCamera("yard") { () throws(CameraError) in
            _ = isHeld.wait(until: .now + .seconds(60)) { $0 ? nil : true }
            throw CameraError(.notFound, "opening the camera", subject: "/dev/video9")
        }
        let server = try makeServer(
            [try served("hall", LiveSource(canWait: true)), slow], threadPatience: .milliseconds(20))
        defer { try? server.stop() }
        #expect(eventually { server.health.status.contains("serve1 > opening the camera") })
        #expect(server.health.isAlive)
        #expect(server.health.isReady)
        isHeld.update { $0 = false }
        #expect(eventually { server.health.status.hasPrefix("yard is away") })
    }

    @Test func aManagerThatIsNotThereIsToldOfOnce() throws {
        let folder = try TemporaryFolder()
        let server = try makeServer([try served("hall", LiveSource(canWait: true))])
        defer { try? server.stop() }
        let troubles = Mutex<[CameraError]>([])
        let address = folder.path("notify")
        let watch = try ServiceWatch(server, ServiceNotifier(address), watchdog: .milliseconds(2)) { error in
            troubles.withLock { $0.append(error) }
        }
        #expect(eventually { !troubles.withLock(\.isEmpty) })
        // It is told all of it when it comes.
        let manager = try ServiceManager(folder)
        #expect(manager.take(through: "READY=1").contains("READY=1"))
        watch.isStopping()
        #expect(troubles.withLock(\.count) == 1)
        #expect(troubles.withLock { $0.first?.subject } == address)
    }

    @Test(arguments: ["notify", "vsock:2:1234", "@", "/" + String(repeating: "x", count: 120)])
    func addressesThatAreNoneAreRefused(address: String) {
        let error = #expect(throws: CameraError.self) { try ServiceNotifier(address) }
        #expect(error?.code == .invalidValue)
    }

    @Test func aStatusIsOneLine() throws {
        let server = try makeServer([try served("hall", LiveSource(canWait: true))])
        defer { try? server.stop() }
        var health = server.health
        health.cameras = [("hall", .away("two\nlines\r\nof it")), ("yard", .delivering)]
        health.hangingThreads = ["the threads of connections"]
        #expect(
            health.status
                == "hanging: the threads of connections; hall is away (two lines of it); 1 of 2 cameras deliver")
        #expect(!health.isAlive)
    }
}
