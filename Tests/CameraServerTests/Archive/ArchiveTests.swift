// SPDX-License-Identifier: MIT

import CameraCore
import CameraKit
import CameraServer
import Foundation
import TestSupport
import Testing

/// What was recorded, as clients ask for it.
@Suite struct ArchiveTests {
    private let archive: MadeUpArchive

    init() throws { archive = try MadeUpArchive() }

    private func makeServer(_ archive: MadeUpArchive?) throws -> CameraServer {
        var options = CameraServer.Options()
        options.port = 0
        options.rtspPort = nil
        options.archive = archive
        let cameras = ["hall", "yard", "vast"].map { name in
            ServedCamera(name) { () throws(CameraError) in try Camera(.source(LiveSource())) }
        }
        return try CameraServer(cameras, options: options)
    }

    private func object(_ body: [UInt8]?) throws -> [String: Any] {
        let value = try JSONSerialization.jsonObject(with: Data(try #require(body)))
        return try #require(value as? [String: Any])
    }

    private static let hall = "/api/v1/cameras/hall"
    private static let span = "from=\(MadeUpArchive.start)&to=\(MadeUpArchive.start + 3600)"

    @Test func withoutAnArchiveItIsSaidHowToHaveOne() throws {
        let server = try makeServer(nil)
        defer { try? server.stop() }
        let client = try Client(server)
        #expect(try object(client.ask("GET", Self.hall)?.body)["hasArchive"] as? Bool == false)
        for rest in ["?\(Self.span)", "/1", "/export.mp4?\(Self.span)"] {
            let answer = try #require(client.ask("GET", Self.hall + "/archive" + rest))
            #expect(answer.status == 409)
            #expect(String(decoding: answer.body, as: UTF8.self).contains("server.catalog"))
        }
    }

    @Test func aTimeLineHasFilesGapsAndEvents() throws {
        let server = try makeServer(archive)
        defer { try? server.stop() }
        let client = try Client(server)
        #expect(try object(client.ask("GET", Self.hall)?.body)["hasArchive"] as? Bool == true)
        let line = try object(client.ask("GET", "\(Self.hall)/archive?\(Self.span)")?.body)
        let start = Double(MadeUpArchive.start)
        let file = try #require((line["files"] as? [[String: Any]])?.first)
        #expect(file["id"] as? Int == 1 && file["name"] as? String == "clip 1.mp4")
        #expect(file["start"] as? Double == start && file["end"] as? Double == start + 60)
        #expect(file["bytes"] as? Int == 10 && file["frames"] as? Int == 1800)
        #expect(file["isProtected"] as? Bool == false && file["type"] as? String == "video/mp4")
        // Nobody is told where files are.
        #expect(file["path"] == nil)
        let gap = try #require((line["gaps"] as? [[String: Any]])?.first)
        #expect(gap["reason"] as? String == "stopped" && gap["start"] as? Double == start + 60 && gap["end"] == nil)
        let event = try #require((line["events"] as? [[String: Any]])?.first)
        #expect(event["kind"] as? String == "motion" && event["text"] as? String == "a cat")
        #expect(event["time"] as? Double == start + 5 && event["file"] as? Int == 1)
    }

    @Test(arguments: [
        ("", 400), ("from=1", 400), ("to=1", 400), ("from=a&to=2", 400), ("from=2&to=1", 400), ("from=1&to=1", 400),
        ("from=nan&to=1", 400), ("from=0&to=inf", 400), ("from=0&to=0x10", 400), ("from=-1&to=1", 400),
        ("from=0&to=2764801", 400), ("from=0&to=2764800", 200), ("from=1e9&to=1000000001.5", 200),
        ("from=1e300&to=1e301", 400), ("from=7258118400&to=7258118401", 400),
    ])
    func spansAreBounded(query: String, status: Int) throws {
        let server = try makeServer(archive)
        defer { try? server.stop() }
        let client = try Client(server)
        #expect(client.ask("GET", "\(Self.hall)/archive?\(query)")?.status == status)
        if status == 400 { #expect(client.ask("GET", "\(Self.hall)/archive/export.mp4?\(query)")?.status == 400) }
    }

    @Test func aFileIsGivenByItsNumberToThoseWhoNameItsCamera() throws {
        let server = try makeServer(archive)
        defer { try? server.stop() }
        let client = try Client(server)
        let whole = try #require(client.ask("GET", "\(Self.hall)/archive/1?download"))
        #expect(whole.status == 200 && whole.body == MadeUpArchive.content)
        #expect(whole.head.contains("Content-Type: video/mp4"))
        #expect(whole.head.contains("attachment; filename=\"clip_1.mp4\""))
        let part = try #require(client.ask("GET", "\(Self.hall)/archive/1", ["Range: bytes=3-4"]))
        #expect(part.status == 206 && part.body == Array("34".utf8))
        #expect(!part.head.contains("attachment"))
        for id in ["2", "0", "-1", "1x", "99999999999999999999", "..%2F..%2Fetc%2Fpasswd", "1/1"] {
            #expect(client.ask("GET", "\(Self.hall)/archive/\(id)")?.status == 404, "\(id)")
        }
        try FileManager.default.removeItem(at: archive.folder.file("clip 1.mp4"))
        #expect(client.ask("GET", "\(Self.hall)/archive/1")?.status == 404)
        #expect(client.ask("DELETE", "\(Self.hall)/archive/1")?.status == 405)
    }

    @Test func aFileIsKeptByThoseWhoNameItsCamera() throws {
        let server = try makeServer(archive)
        defer { try? server.stop() }
        let client = try Client(server)
        for body in ["", "{}", "[]", #"{"isProtected": 1}"#, #"{"isProtected": "yes"}"#] {
            #expect(client.ask("PATCH", "\(Self.hall)/archive/1", body: body)?.status == 400, "\(body)")
        }
        let wish = #"{"isProtected": true}"#
        #expect(client.ask("PATCH", "\(Self.hall)/archive/2", body: wish)?.status == 404)
        #expect(try archive.file(2, of: "yard")?.isProtected == false)
        let kept = try object(client.ask("PATCH", "\(Self.hall)/archive/1", body: wish)?.body)
        #expect(kept["id"] as? Int == 1 && kept["isProtected"] as? Bool == true)
        #expect(try archive.file(1, of: "hall")?.isProtected == true)
        let free = client.ask("PATCH", "\(Self.hall)/archive/1", body: #"{"isProtected": false}"#)
        #expect(try object(free?.body)["isProtected"] as? Bool == false)
    }

    @Test func aSpanIsExportedAndNothingStays() throws {
        let server = try makeServer(archive)
        defer { try? server.stop() }
        let answer = try #require(try Client(server).ask("GET", "\(Self.hall)/archive/export.mp4?\(Self.span)"))
        #expect(answer.status == 200 && answer.body == MadeUpArchive.content)
        #expect(answer.head.contains("attachment; filename=\"hall-2026-03-01T12_00_00.mp4\""))
        #expect(answer.head.contains("Content-Type: video/mp4"))
        let path = try #require(archive.exports.withLock(\.paths).first)
        let folder = URL(filePath: path).deletingLastPathComponent().path
        #expect(!FileManager.default.fileExists(atPath: folder))
        let later = "from=\(MadeUpArchive.start + 100)&to=\(MadeUpArchive.start + 200)"
        #expect(try Client(server).ask("GET", "\(Self.hall)/archive/export.mp4?\(later)")?.status == 409)
        #expect(try Client(server).ask("POST", "\(Self.hall)/archive/export.mp4?\(Self.span)")?.status == 405)
    }

    @Test func anExportThatDoesNotFitIsRefused() throws {
        let server = try makeServer(archive)
        defer { try? server.stop() }
        let answer = try #require(
            try Client(server).ask("GET", "/api/v1/cameras/vast/archive/export.mp4?\(Self.span)"))
        #expect(answer.status == 507)
        #expect(String(decoding: answer.body, as: UTF8.self).contains("TMPDIR"))
        #expect(archive.exports.withLock(\.paths).isEmpty)
    }

    @Test func aClientThatLeavesEndsItsExportAndOthersWaitForTheirTurn() throws {
        let server = try makeServer(archive)
        defer { try? server.stop() }
        archive.exports.update { $0.areSlow = true }
        let leaving = try Client(server)
        leaving.send("GET \(Self.hall)/archive/export.mp4?\(Self.span) HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(eventually { archive.exports.withLock(\.paths).count == 1 })
        let refused = try #require(try Client(server).ask("GET", "\(Self.hall)/archive/export.mp4?\(Self.span)"))
        #expect(refused.status == 503 && refused.head.contains("Retry-After: 5"))
        leaving.close()
        #expect(eventually { archive.exports.withLock(\.cancelled) == 1 })
        let path = try #require(archive.exports.withLock(\.paths).first)
        let folder = URL(filePath: path).deletingLastPathComponent().path
        #expect(eventually { !FileManager.default.fileExists(atPath: folder) })
        archive.exports.update { $0.areSlow = false }
        // The turn is given back when the connection has noticed.
        #expect(
            try eventually {
                try Client(server).ask("GET", "\(Self.hall)/archive/export.mp4?\(Self.span)")?.status == 200
            })
    }

    @Test func theEndOfTheServerEndsAnExport() throws {
        let server = try makeServer(archive)
        archive.exports.update { $0.areSlow = true }
        let client = try Client(server)
        client.send("GET \(Self.hall)/archive/export.mp4?\(Self.span) HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(eventually { archive.exports.withLock(\.paths).count == 1 })
        try server.stop()
        #expect(archive.exports.withLock(\.cancelled) == 1)
    }
}
