// SPDX-License-Identifier: MIT

#if X264
import CameraCore
import CameraKit
import CameraServer
import Foundation
import Synchronization
import TestSupport
import Testing

/// Cameras that do all that cameras should not, beside two that do what they should: those lose no frame that was not counted.
///
/// It takes some seconds; `NEIGHBOUR_SECONDS=3600` has it take an hour, with a camera that comes and goes every 20 s.
@Suite struct NeighbourTests {
    private static let size = Resolution(160, 96)

    private static let seconds = ProcessInfo.processInfo.environment["NEIGHBOUR_SECONDS"].flatMap(Int.init) ?? 4
    /// How long the camera that comes and goes is there, and away.
    private static let turn = seconds < 600 ? Duration.milliseconds(200) : .seconds(20)

    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func makeServer(_ cameras: [ServedCamera], patience: Duration) throws -> CameraServer {
        var options = CameraServer.Options()
        (options.port, options.rtspPort, options.threadPatience) = (0, nil, patience)
        return try CameraServer(cameras, options: options)
    }

    private func recorded(
        _ name: String, opening: @escaping @Sendable () throws(CameraError) -> Camera
    ) -> ServedCamera {
        var served = ServedCamera(name, opening: opening)
        served.template = folder.path("\(name)-{counter:04d}.mp4")
        served.splitting = .every(.seconds(60))
        served.recordsAtOnce = true
        return served
    }

    /// A camera that draws its numbers.
    private func good(_ name: String) -> ServedCamera {
        recorded(name) { () throws(CameraError) in
            try Camera(
                .source(
                    try TestCamera(
                        resolution: Self.size, frameRate: 30, format: .nv12, pacing: .real, numbered: true)))
        }
    }

    private func camera(of source: some VideoSource, named name: String) -> ServedCamera {
        recorded(name) { () throws(CameraError) in
            let camera = try Camera(holding: source, stallLimit: .milliseconds(100), stopTimeout: .milliseconds(500))
            try camera.startFrames()
            return camera
        }
    }

    /// The numbers of all files of a camera, in their order.
    private func numbers(_ name: String) throws -> [UInt32] {
        let files = folder.names.filter { $0.hasPrefix("\(name)-") }.map { (folder.path($0), Self.size) }
        let videos = try NumberedVideo.decode(files)
        #expect(videos.allSatisfy { $0.complaints == "" })
        return videos.flatMap { $0.numbers.compactMap(\.self) }
    }

    /// What a camera's statistics count as lost, which is what a machine was too busy for.
    private func lost(_ name: String, _ server: CameraServer) throws -> Int {
        let counts = try #require(server.camera(name)).statistics
        let encoder = try #require(counts.encoders[1])
        return counts.source.framesLost + encoder.framesDropped + encoder.packetsDropped
    }

    /// Each number once, in their order, and none missing that was not counted.
    private func expectAll(_ name: String, lost: Int) throws {
        let found = try numbers(name)
        #expect(found.count > Self.seconds * 20)
        #expect(zip(found, found.dropFirst()).allSatisfy { $0 < $1 })
        let span = try Int(#require(found.last)) - Int(#require(found.first)) + 1
        #expect(span - found.count <= lost, "\(name): \(found.count) pictures of \(span)")
    }

    @Test func badNeighboursCostNobodyAFrame() throws {
        let (hanging, porch) = (HangingSource(), ReturningLiveSource(LiveSource(size: Self.size)))
        let (damaged, failing) = (LiveSource(size: Self.size), LiveSource(size: Self.size))
        let isHeld = Monitor(true)
        let held = recorded("held") { () throws(CameraError) in
            _ = isHeld.wait(until: .now + .seconds(3600)) { $0 ? nil : true }
            throw CameraError(.notFound, "opening the camera", subject: "/dev/video9")
        }
        let server = try makeServer(
            [
                good("hall"), held, camera(of: hanging, named: "hanging"), camera(of: porch, named: "porch"),
                camera(of: damaged, named: "damaged"), camera(of: failing, named: "failing"), good("yard"),
            ], patience: .seconds(1))
        let heard = Mutex<Set<String>>([])
        let events = server.events
        Task.ofServer {
            for await news in events where news.subject == "camera" {
                heard.withLock { _ = $0.insert("\(news.camera) \(news.event)") }
            }
        }
        let end = Timestamp.now + .seconds(Self.seconds)
        var turns = 0
        hanging.sendFrame()
        while Timestamp.now < end {
            let turnEnd = Timestamp.now + Self.turn
            while Timestamp.now < turnEnd {
                if porch.live.waiting < 30 { porch.live.sendFrame() }
                if damaged.waiting < 30 { damaged.send(.success(.damaged(1))) }
                hanging.sendFrame()
                hanging.isHanging = true
                usleep(33_000)
            }
            turns += 1
            if turns % 2 == 1 {
                porch.unplug()
                failing.send(.failure(CameraError(.device, "waiting for a frame", subject: "failing")))
            } else {
                porch.plugIn()
            }
        }
        // What hangs is told, with what it does; the service goes on.
        #expect(eventually { heard.withLock { $0.isSuperset(of: ["held hanging", "hanging away", "porch away"]) } })
        #expect(server.health.isAlive)
        // One that was opened again counts as being opened until its first frame, or until that is late.
        #expect(eventually { server.health.isReady })
        #expect(server.health.status.contains("serve1 > opening the camera"))
        #expect(server.states.first { $0.name == "held" }?.state == .away)
        isHeld.update { $0 = false }
        hanging.isHanging = false
        #expect(eventually { heard.withLock { $0.contains("held answers") } })
        // Read before the end: a picture that is lost in the last moment has none behind it, and is no gap.
        let counts = (hall: try lost("hall", server), yard: try lost("yard", server))
        try server.stop()
        try expectAll("hall", lost: counts.hall)
        try expectAll("yard", lost: counts.yard)
    }

    @Test func theEndDoesNotWaitForWhatHangs() throws {
        let isHeld = Monitor(true)
        let held = recorded("held") { () throws(CameraError) in
            _ = isHeld.wait(until: .now + .seconds(3600)) { $0 ? nil : true }
            throw CameraError(.notFound, "opening the camera", subject: "/dev/video9")
        }
        let server = try makeServer([held, good("hall")], patience: .milliseconds(100))
        #expect(eventually { !server.health.status.contains("opened") && server.health.isReady })
        let client = try Client(server)
        // Who asks it for something is refused at once, and told why.
        let refused = try #require(client.ask("POST", "/api/v1/cameras/held/record"))
        #expect(refused.status == 504)
        #expect(String(decoding: refused.body, as: UTF8.self).contains("serve0 > opening the camera"))
        #expect(client.ask("GET", "/healthz")?.status == 503)
        #expect(eventually { folder.names.contains("hall-0001.mp4") })
        let error = #expect(throws: CameraError.self) { try server.stop() }
        #expect(error?.code == .timedOut)
        let reason = error?.reason ?? ""
        #expect(reason.contains("the camera 'held' is left behind"))
        #expect(!reason.contains("hall"))
        // The other one's file is finished.
        #expect(
            try run("ffprobe", ["-v", "error", "-show_entries", "format=duration", folder.path("hall-0001.mp4")]).status
                == 0)
        isHeld.update { $0 = false }
    }
}
#endif
