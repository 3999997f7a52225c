// SPDX-License-Identifier: MIT

#if X264
import CameraKit
import CameraServer
import Foundation
import Synchronization
import TestSupport
import Testing

/// Cameras that a server opens, loses, records and gives up.
@Suite struct StationTests {
    private func makeServer(
        _ cameras: [ServedCamera], _ change: (inout CameraServer.Options) -> Void = { _ in }
    ) throws -> CameraServer {
        var options = CameraServer.Options()
        options.port = 0
        options.rtspPort = nil
        change(&options)
        return try CameraServer(cameras, options: options)
    }

    private func state(_ server: CameraServer, _ name: String = "hall") throws -> [String: Any] {
        let answer = try #require(try Client(server).ask("GET", "/api/v1/cameras/\(name)"))
        return try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])
    }

    private static func numbered() throws(CameraError) -> Camera {
        try Camera(
            .source(
                try TestCamera(
                    resolution: LiveTests.size, frameRate: 60, format: .nv12, pacing: .real, numbered: true)))
    }

    @Test func aCameraThatIsAwayIsToldAndTriedAgain() throws {
        let isPluggedIn = Atomic(false)
        let served = ServedCamera("hall") { () throws(CameraError) in
            guard isPluggedIn.load(ordering: .acquiring) else {
                throw CameraError(
                    .notFound, "opening the camera", subject: "/dev/video9", reason: "it is not plugged in")
            }
            return try Self.numbered()
        }
        let server = try makeServer([served])
        defer { try? server.stop() }
        #expect(try eventually { try state(server)["state"] as? String == "away" })
        #expect((try state(server)["message"] as? String)?.contains("it is not plugged in") == true)
        let client = try Client(server)
        #expect(client.ask("GET", "/healthz")?.status == 503)
        let refused = try #require(client.ask("GET", "/snapshot.jpg"))
        #expect(refused.status == 503)
        #expect(String(decoding: refused.body, as: UTF8.self).contains("it is not plugged in"))
        #expect(refused.head.contains("Retry-After"))
        isPluggedIn.store(true, ordering: .releasing)
        #expect(try eventually { try state(server)["state"] as? String == "running" })
        #expect(client.ask("GET", "/healthz")?.status == 200)
        #expect(client.ask("GET", "/snapshot.jpg")?.body.starts(with: [0xFF, 0xD8]) == true)
    }

    @Test func aCameraThatFailsIsOpenedAgainAndViewersGoOn() throws {
        let opened = Mutex<[Camera]>([])
        let served = ServedCamera("hall") { () throws(CameraError) in
            let camera = try Self.numbered()
            opened.withLock { $0.append(camera) }
            return camera
        }
        let server = try makeServer([served])
        defer { try? server.stop() }
        #expect(try eventually { try state(server)["state"] as? String == "running" })
        let client = try Client(server)
        #expect(client.upgrade("/api/v1/cameras/hall/live") == 101)
        var watching = LiveTests.Watching(client)
        try watching.take(10)
        #expect(watching.streams.count == 1)
        opened.withLock { $0[0] }.close()
        // Another stream, from another camera.
        while watching.streams.count == 1 { try watching.take(1) }
        try watching.take(10)
        #expect(try LiveTests.numbers(watching.streams[1]).count >= 10)
        #expect(opened.withLock(\.count) == 2)
    }

    @Test func recordingsAreListedPlayedInPartsAndDownloaded() throws {
        let folder = try TemporaryFolder()
        var served = ServedCamera("hall", opening: Self.numbered)
        served.template = folder.path("{counter:03d}.mp4")
        served.recordsAtOnce = true
        let server = try makeServer([served])
        defer { try? server.stop() }
        let client = try Client(server)
        #expect(
            try eventually {
                ((try state(server)["recording"] as? [String: Any])?["isRunning"] as? Bool) == true
            })
        for _ in 0..<3 {
            let before = try #require(recordings(client)).count
            #expect(client.ask("POST", "/api/v1/cameras/hall/split")?.status == 200)
            #expect(try eventually { try #require(recordings(client)).count == before + 1 })
        }
        #expect(client.ask("POST", "/api/v1/cameras/hall/stop")?.status == 200)
        #expect(client.ask("POST", "/api/v1/cameras/hall/stop")?.status == 409)
        let all = try #require(recordings(client))
        #expect(all.compactMap { $0["id"] as? String } == ["004.mp4", "003.mp4", "002.mp4", "001.mp4"])
        #expect(all.allSatisfy { $0["isWritten"] as? Bool == false })
        let address = "/api/v1/cameras/hall/recordings/002.mp4"
        let whole = try #require(client.ask("GET", address))
        let bytes = try [UInt8](Data(contentsOf: folder.file("002.mp4")))
        #expect(whole.status == 200)
        #expect(whole.body == bytes)
        #expect(whole.head.contains("Content-Type: video/mp4"))
        let count = bytes.count
        let parts: [(String, Range<Int>?)] = [
            ("bytes=0-0", 0..<1), ("bytes=10-19", 10..<20), ("bytes=100-", 100..<count),
            ("bytes=-7", (count - 7)..<count),
            ("bytes=5-\(count * 2)", 5..<count), ("bytes=\(count)-", nil), ("bytes=-0", nil),
            ("bytes=9-5", 0..<count), ("bytes=0-1,3-4", 0..<count), ("bytes=x-y", 0..<count), ("lines=0-1", 0..<count),
        ]
        for (asked, expected) in parts {
            let answer = try #require(client.ask("GET", address, ["Range: \(asked)"]))
            guard let expected else {
                #expect(answer.status == 416)
                #expect(answer.head.contains("Content-Range: bytes */\(count)"))
                continue
            }
            #expect(answer.status == (expected == 0..<count ? 200 : 206))
            #expect(answer.body == Array(bytes[expected]))
        }
        let saved = try #require(client.ask("GET", address + "?download=1"))
        #expect(saved.head.contains("attachment; filename=\"002.mp4\""))
        // A link in the folder leads nowhere, even under a name of the template.
        try FileManager.default.createSymbolicLink(atPath: folder.path("009.mp4"), withDestinationPath: "/etc/passwd")
        #expect(client.ask("GET", "/api/v1/cameras/hall/recordings/009.mp4")?.status == 404)
        #expect(try NumberedVideo(decoding: folder.path("002.mp4"), size: LiveTests.size).complaints == "")
    }

    private func recordings(_ client: Client) -> [[String: Any]]? {
        guard let body = client.ask("GET", "/api/v1/cameras/hall/recordings")?.body else { return nil }
        return (try? JSONSerialization.jsonObject(with: Data(body))) as? [[String: Any]]
    }

    @Test func anEventHasWhatWasBeforeIt() throws {
        let folder = try TemporaryFolder()
        var served = ServedCamera("hall", opening: Self.numbered)
        served.ring = .seconds(5)
        served.afterEvent = .milliseconds(500)
        served.eventTemplate = folder.path("event-{counter:03d}.mp4")
        let server = try makeServer([served])
        defer { try? server.stop() }
        let (client, listening) = (try Client(server), try Client(server))
        listening.send("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(eventually { client.ask("POST", "/api/v1/cameras/hall/trigger")?.status == 200 })
        // The states come each second: half a minute is enough for what happens in one.
        let isFinished = (0..<30).contains { _ in
            listening.take(through: "\n\n")?.contains("\"event\":\"finished\"") ?? false
        }
        #expect(isFinished)
        #expect(recordings(client)?.compactMap { $0["id"] as? String } == ["event:event-001.mp4"])
        #expect(client.ask("GET", "/api/v1/cameras/hall/recordings/event:event-001.mp4")?.status == 200)
        try server.stop()
        let video = try NumberedVideo(decoding: folder.path("event-001.mp4"), size: LiveTests.size)
        #expect(video.complaints == "")
        #expect(video.numbers.count > 10)
    }

    @Test func eventsAreKeptWhileTheRecordingFails() throws {
        let folder = try TemporaryFolder()
        var served = ServedCamera("hall", opening: Self.numbered)
        served.template = folder.path("missing/{counter:03d}.mp4")
        served.recordsAtOnce = true
        served.ring = .seconds(5)
        served.afterEvent = .milliseconds(300)
        served.eventTemplate = folder.path("event-{counter:03d}.mp4")
        let server = try makeServer([served])
        defer { try? server.stop() }
        let client = try Client(server)
        #expect(eventually { client.ask("POST", "/api/v1/cameras/hall/trigger")?.status == 200 })
        #expect(eventually { recordings(client)?.count == 1 })
        try server.stop()
        #expect(try NumberedVideo(decoding: folder.path("event-001.mp4"), size: LiveTests.size).complaints == "")
    }

    @Test func settingsAreCheckedBeforeTheFirstIsChanged() throws {
        let server = try makeServer([ServedCamera("hall", opening: Self.numbered)])
        defer { try? server.stop() }
        let client = try Client(server)
        #expect(eventually { client.ask("GET", "/healthz")?.status == 200 })
        let address = "/api/v1/cameras/hall/settings"
        func value(_ name: String) throws -> String? {
            let body = try #require(client.ask("GET", address)).body
            let settings = try JSONSerialization.jsonObject(with: Data(body)) as? [[String: Any]]
            return settings?.first { $0["name"] as? String == name }?["value"] as? String
        }
        #expect(try value("hflip") == "off")
        #expect(client.ask("PATCH", address, body: #"{"hflip":true,"rotation":180}"#)?.status == 200)
        #expect(try value("hflip") == "on")
        #expect(try value("rotation") == "180")
        for wrong in [
            #"{"hflip":false,"rotation":45}"#, #"{"hflip":false,"zzz":1}"#, "{}", "[]", "{", #"{"hflip":[1]}"#, "",
        ] {
            #expect(client.ask("PATCH", address, body: wrong)?.status == 400)
        }
        #expect(try value("hflip") == "on")
    }

    @Test func aPictureThatIsTurnedGoesOnForThoseWhoWatch() throws {
        let server = try makeServer([ServedCamera("hall", opening: Self.numbered)])
        defer { try? server.stop() }
        let (client, watching) = (try Client(server), try Client(server))
        #expect(watching.upgrade("/api/v1/cameras/hall/live") == 101)
        while let frame = watching.frame(), frame.kind != 2 {}
        let address = "/api/v1/cameras/hall/settings"
        #expect(client.ask("PATCH", address, body: #"{"rotation":90}"#)?.status == 200)
        var sizes: [[Int]] = []
        while sizes.isEmpty, let frame = watching.frame() {
            guard frame.kind == 1 else { continue }
            let words = try JSONSerialization.jsonObject(with: Data(frame.payload)) as? [String: Any]
            sizes.append([words?["width"] as? Int ?? 0, words?["height"] as? Int ?? 0])
        }
        #expect(sizes == [[LiveTests.size.height, LiveTests.size.width]])
    }

    @Test func whatHappensIsTold() throws {
        let folder = try TemporaryFolder()
        var served = ServedCamera("hall", opening: Self.numbered)
        served.template = folder.path("{counter}.mp4")
        let server = try makeServer([served])
        defer { try? server.stop() }
        let listening = try Client(server)
        listening.send("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(listening.take(through: "\r\n\r\n")?.contains("text/event-stream") == true)
        #expect(listening.take(through: "\n\n")?.hasPrefix("event: cameras\ndata: [{") == true)
        let client = try Client(server)
        #expect(client.ask("POST", "/api/v1/cameras/hall/record")?.status == 200)
        // A file without a picture is none.
        #expect(eventually { (recordings(client)?.first?["bytes"] as? Int ?? 0) > 10_000 })
        #expect(client.ask("POST", "/api/v1/cameras/hall/stop")?.status == 200)
        var told: Set<String> = []
        for _ in 0..<30 where !told.isSuperset(of: ["started", "finished", "stopped"]) {
            let event = try #require(listening.take(through: "\n\n"))
            for word in ["started", "finished", "stopped"] where event.contains("\"event\":\"\(word)\"") {
                told.insert(word)
            }
        }
        #expect(told == ["started", "finished", "stopped"])
    }

    @Test func namesThatCannotBeAreRefused() throws {
        for name in ["", "a b", "a/b", "ä", String(repeating: "x", count: 65)] {
            let error = #expect(throws: CameraError.self) {
                try makeServer([ServedCamera(name, opening: Self.numbered)])
            }
            #expect(error?.code == .invalidValue)
        }
        let twice = ServedCamera("hall", opening: Self.numbered)
        #expect(throws: CameraError.self) { try makeServer([twice, twice]) }
        #expect(throws: CameraError.self) { try makeServer([]) }
        var plain = ServedCamera("hall", opening: Self.numbered)
        plain.template = "clip.mp4"
        #expect(throws: CameraError.self) { try makeServer([plain]) }
    }

    @Test(arguments: [11, 4711, 99] as [UInt64])
    func aStormOfRequestsWhileItStopsLeavesWholeFiles(seed: UInt64) throws {
        let folder = try TemporaryFolder()
        var served = ServedCamera("hall", opening: Self.numbered)
        served.template = folder.path("{counter}.mp4")
        let server = try makeServer([served])
        let requests: [(String, String)] = [
            ("POST", "record"), ("POST", "stop"), ("POST", "split"), ("GET", "settings"), ("GET", "recordings"),
            ("GET", "snapshot.jpg"), ("GET", ""), ("GET", "live"), ("POST", "trigger"),
            ("GET", "hls/index.m3u8"), ("GET", "hls/init.mp4"),
        ]
        let answered = Atomic(0)
        let threads = try (0..<6).map { number in
            try WorkerThread("client\(number)") {
                var random = SeededRandom(seed: seed &+ UInt64(number))
                for _ in 0..<40 {
                    guard let client = try? Client(server), let (method, path) = requests.randomElement(using: &random)
                    else { return }
                    if Int.random(in: 0..<8, using: &random) == 0 {
                        guard client.upgrade("/api/v1/cameras/hall/live") == 101 else { continue }
                        for _ in 0..<Int.random(in: 0..<10, using: &random) { _ = client.frame() }
                    } else if client.ask(method, "/api/v1/cameras/hall/\(path)") != nil {
                        answered.add(1, ordering: .relaxed)
                    }
                }
            }
        }
        #expect(eventually { answered.load(ordering: .relaxed) > 60 })
        try server.stop()
        try server.stop()
        for thread in threads { #expect(thread.join(until: .now + .seconds(60))) }
        #expect(throws: (any Error).self) { try Client(server) }
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path("")) {
            let video = try NumberedVideo(decoding: folder.path(name), size: LiveTests.size)
            #expect(video.complaints == "")
            let numbers = video.numbers.compactMap(\.self)
            #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 })
        }
    }
}
#endif
