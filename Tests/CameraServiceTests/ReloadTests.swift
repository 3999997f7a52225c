// SPDX-License-Identifier: MIT

#if X264
import CameraCommands
import CameraKit
import CameraServer
import CameraService
import Foundation
import TestSupport
import Testing

/// Files that change while their cameras are served.
@Suite struct ReloadTests {
    private static let size = Resolution(160, 96)

    private let folder: TemporaryFolder
    private var file: String { folder.path("service.yaml") }

    init() throws { folder = try TemporaryFolder() }

    /// A test camera that draws its numbers, and records them.
    private func camera(_ name: String, _ more: String = "") -> String {
        """
          \(name):
            source: test:numbered
            size: 160x96
            fps: 30
            record: {template: "\(folder.path("{camera}-{counter:03d}.mp4"))", split: 20frames}
        \(more)

        """
    }

    private func write(_ cameras: String..., server: String = "port: 0, rtsp-port: none") throws {
        try Data(("server: {\(server)}\ncameras:\n" + cameras.joined()).utf8).write(to: folder.file("service.yaml"))
    }

    private func start() throws -> CameraService {
        try CameraService(file: file, try Configuration(contentsOf: file))
    }

    private func files(_ name: String) -> [String] {
        folder.names.filter { $0.hasPrefix("\(name)-") && $0.hasSuffix(".mp4") }
    }

    private func count(_ name: String) -> Int { files(name).count }

    /// The numbers of all files of a camera, in their order.
    private func numbers(_ name: String) throws -> [UInt32] {
        let videos = try NumberedVideo.decode(files(name).map { (folder.path($0), Self.size) })
        #expect(videos.allSatisfy { $0.complaints == "" })
        return videos.flatMap { $0.numbers.compactMap(\.self) }
    }

    @Test func whatDidNotChangeLosesNoFrame() throws {
        try write(camera("hall"), camera("yard"), camera("porch"))
        let service = try start()
        #expect(eventually { ["hall", "yard", "porch"].allSatisfy { count($0) >= 2 } })
        let before = service.server.camera("hall")
        try write(camera("shed"), camera("yard", "    encoding: {quality: 30}"), camera("hall"))
        let changes = try service.reload()
        #expect(changes.kept == ["hall"])
        #expect(changes.changed == ["yard"])
        #expect(changes.gone == ["porch"])
        #expect(changes.added == ["shed"])
        #expect(!changes.isServerChanged)
        #expect(service.server.cameraNames == ["shed", "yard", "hall"])
        #expect(service.server.camera("hall") === before)
        let (hall, yard, porch) = (count("hall"), count("yard"), count("porch"))
        #expect(eventually { count("hall") >= hall + 2 && count("yard") >= yard + 2 && count("shed") >= 2 })
        #expect(count("porch") == porch)
        try service.stop()
        let kept = try numbers("hall")
        #expect(kept.count > 60)
        #expect(zip(kept, kept.dropFirst()).allSatisfy { $1 == $0 + 1 }, "\(kept)")
        // The other's begin again, with the camera that was opened again.
        let again = try numbers("yard")
        #expect(zip(again, again.dropFirst()).count { $1 != $0 + 1 } == 1)
    }

    @Test func aFileWithFaultsChangesNothing() throws {
        try write(camera("hall"))
        let service = try start()
        #expect(eventually { count("hall") >= 1 })
        let before = service.server.camera("hall")
        try Data("cameras: {yard: {sorce: test}}".utf8).write(to: folder.file("service.yaml"))
        #expect(throws: ConfigurationFaults.self) { try service.reload() }
        try FileManager.default.removeItem(at: folder.file("service.yaml"))
        #expect(throws: ConfigurationFaults.self) { try service.reload() }
        #expect(service.server.cameraNames == ["hall"])
        #expect(service.server.camera("hall") === before)
        try write(camera("hall"), server: "port: 0, rtsp-port: none, host-names: cam.example")
        let changes = try service.reload()
        #expect(changes.kept == ["hall"])
        #expect(changes.isServerChanged)
        try service.stop()
        #expect(throws: CameraError.self) { try service.reload() }
    }

    @Test func reloadsRequestsAndTheEndMayComeAtAnyMoment() throws {
        for seed in UInt64(1)...3 {
            var random = SeededRandom(seed: seed)
            try write(camera("hall"), camera("yard"))
            let service = try start()
            let address = service.server.address
            let texts = (0..<4).map { number in
                [camera("hall"), camera("yard", "    encoding: {quality: \(25 + number)}"), camera("shed\(number)")]
            }
            let ends = Int.random(in: 0...60, using: &random)
            let threads = (0..<3).map { index in
                let folder = folder
                return Thread {
                    for step in 0..<6 {
                        let text = texts[(step + index) % 4][...(step % 3)].joined()
                        let whole = "server: {port: 0, rtsp-port: none}\ncameras:\n" + text
                        try? Data(whole.utf8).write(to: folder.file("service.yaml"), options: .atomic)
                        // A file that is just being replaced, or the end, is its only refusal.
                        do { _ = try service.reload() } catch let error as CameraError {
                            #expect([.closed, .busy, .timedOut].contains(error.code), "\(error) (seed \(seed))")
                        } catch { Issue.record("\(error) (seed \(seed))") }
                    }
                }
            }
            for thread in threads { thread.start() }
            for _ in 0..<ends {
                let path = ["api/v1/cameras", "api/v1/cameras/yard", "healthz", "metrics"].randomElement(using: &random)
                _ = try run("curl", ["-s", "--max-time", "20", address + (path ?? "")])
            }
            try service.stop()
            #expect(eventually { threads.allSatisfy(\.isFinished) }, "seed \(seed)")
            // It was in every file, and so it was never touched.
            if count("hall") > 0 {
                let kept = try numbers("hall")
                #expect(zip(kept, kept.dropFirst()).allSatisfy { $1 == $0 + 1 }, "seed \(seed): \(kept)")
            }
            for name in folder.names { try FileManager.default.removeItem(at: folder.file(name)) }
        }
    }
}
#endif
