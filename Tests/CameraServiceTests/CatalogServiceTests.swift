// SPDX-License-Identifier: MIT

#if X264
import CameraCatalog
import CameraKit
import CameraServer
import CameraService
import Foundation
import TestSupport
import Testing

/// A service that keeps account of what it records.
@Suite struct CatalogServiceTests {
    @Test func whatIsRecordedIsInTheCatalogueAndFoldersAreMade() throws {
        let folder = try TemporaryFolder()
        let catalog = folder.path("catalog.sqlite")
        let text = """
            server: {port: 0, rtsp-port: none, catalog: "\(catalog)"}
            cameras:
              hall:
                source: test:numbered
                size: 160x96
                fps: 30
                record: {template: "\(folder.path("clips/{camera}/{counter:03d}.mp4"))", split: 20frames}
            """
        try Data(text.utf8).write(to: folder.file("service.yaml"))
        func names() -> [String] {
            let found = try? FileManager.default.contentsOfDirectory(atPath: folder.path("clips/hall"))
            return (found ?? []).filter { $0.hasSuffix(".mp4") }.sorted()
        }
        var before = 0
        // Started twice: the second run goes on where the first one ended.
        for _ in 0..<2 {
            let file = folder.path("service.yaml")
            let service = try CameraService(file: file, try Configuration(contentsOf: file))
            #expect(eventually { names().count >= before + 3 })
            try service.stop()
            before = names().count
            let kept = try Catalog(path: catalog)
            defer { kept.close() }
            #expect(try kept.totals(of: "hall").files == names().count)
        }
        let expected = (1...before).map { number -> String in
            let digits = "00\(number)"
            return "\(digits.suffix(3)).mp4"
        }
        #expect(names() == expected)
    }

    /// What curl gets, its status in the last line.
    private func curl(_ arguments: [String]) throws -> (status: String, body: String) {
        let result = try run("curl", ["-s", "--max-time", "20", "-w", "\\n%{http_code}"] + arguments)
        var lines = result.text.split(separator: "\n", omittingEmptySubsequences: false)
        let status = String(lines.popLast() ?? "")
        return (status, lines.joined(separator: "\n"))
    }

    private struct Line: Decodable {
        struct File: Decodable {
            let id, frames: Int
            let name: String
            let isProtected: Bool
        }
        struct Gap: Decodable {
            let reason: String
            let end: Double?
        }
        struct Event: Decodable { let kind: String }
        let files: [File]
        let gaps: [Gap]
        let events: [Event]
    }

    @Test func theArchiveShowsKeepsAndExportsWhatIsRecorded() throws {
        let folder = try TemporaryFolder()
        func camera(_ name: String) -> String {
            """
              \(name):
                source: test:numbered
                size: 160x96
                fps: 30
                record: {template: "\(folder.path("{camera}-{counter:03d}.mp4"))", split: 20frames}
                retention: {keep-files: 3}

            """
        }
        let text =
            "server: {port: 0, rtsp-port: none, catalog: \"\(folder.path("catalog.sqlite"))\"}\ncameras:\n"
            + camera("hall") + camera("yard")
        try Data(text.utf8).write(to: folder.file("service.yaml"))
        let file = folder.path("service.yaml")
        let service = try CameraService(file: file, try Configuration(contentsOf: file))
        defer { try? service.stop() }
        let now = Date().timeIntervalSince1970
        let span = "from=\(Int(now) - 3600)&to=\(Int(now) + 3600)"
        let hall = "\(service.server.address)api/v1/cameras/hall"
        func line(_ camera: String = hall) throws -> Line {
            try JSONDecoder().decode(Line.self, from: Data(curl(["\(camera)/archive?\(span)"]).body.utf8))
        }
        #expect(try eventually { try !line().files.isEmpty })
        let first = try #require(try line().files.first)
        #expect(first.name == "hall-001.mp4" && first.frames == 20 && !first.isProtected)
        // One of the other camera's is none of this one's.
        let yard = "\(service.server.address)api/v1/cameras/yard"
        #expect(try eventually { try !line(yard).files.isEmpty })
        let other = try #require(try line(yard).files.first)
        let wish = ["-X", "PATCH", "-d", #"{"isProtected": true}"#]
        #expect(try curl(["\(hall)/archive/\(other.id)"]).status == "404")
        #expect(try curl(wish + ["\(hall)/archive/\(other.id)"]).status == "404")
        #expect(try curl(wish + ["\(hall)/archive/\(first.id)"]).status == "200")
        service.server.tell("hall", "motion", "began")
        service.server.tell("hall", "motion", "ended")
        // Retention goes by it: of the others the last three are left, and what has gone is a gap.
        #expect(eventually { folder.names.contains("hall-012.mp4") })
        #expect(try curl(["-X", "POST", "\(hall)/stop"]).status == "200")
        #expect(try eventually { try line().gaps.last?.reason == "stopped" })
        let shown = try line()
        let names = folder.names.filter { $0.hasPrefix("hall-") }
        #expect(names.contains("hall-001.mp4") && !names.contains("hall-002.mp4"))
        #expect(shown.files.map(\.name) == names)
        #expect(shown.files.map(\.isProtected) == names.map { $0 == "hall-001.mp4" })
        #expect(shown.gaps.map(\.reason) == ["deleted", "stopped"] && shown.gaps.last?.end == nil)
        #expect(shown.events.map(\.kind) == ["motion"])
        // All of it as one film.
        let film = folder.path("span.mp4")
        #expect(try curl(["-o", film, "\(hall)/archive/export.mp4?\(span)"]).status == "200")
        let probe = [
            "-v", "error", "-count_packets", "-show_entries", "stream=nb_read_packets", "-of", "csv=p=0", film,
        ]
        let counted = try run("ffprobe", probe)
        let pictures = shown.files.map(\.frames).reduce(0, +)
        #expect(counted.text == "\(pictures)\n" && counted.errors.isEmpty, "\(counted.text)\(counted.errors)")
        #expect(try curl(["\(hall)/archive/export.mp4?from=1&to=2"]).status == "409")
    }
}
#endif
