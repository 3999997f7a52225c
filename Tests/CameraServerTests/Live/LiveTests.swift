// SPDX-License-Identifier: MIT

#if X264
import CameraKit
import CameraServer
import Foundation
import Synchronization
import TestSupport
import Testing

/// Live pictures: one encode for all who watch, none for nobody, and nobody waits for a slow one.
@Suite struct LiveTests {
    static let size = Resolution(160, 96)

    /// A server of a paced camera that numbers its pictures, and the camera.
    static func makeServer(
        _ folder: TemporaryFolder? = nil, frameRate: FrameRate = 60, _ change: (inout ServedCamera) -> Void = { _ in }
    ) throws -> (CameraServer, Camera) {
        let source = try TestCamera(
            resolution: size, frameRate: frameRate, format: .nv12, pacing: .real, numbered: true)
        let camera = try Camera(.source(source))
        var served = ServedCamera(camera, name: "hall")
        served.template = folder?.path("{counter:03d}.mp4")
        change(&served)
        var options = CameraServer.Options()
        options.port = 0
        options.rtspPort = nil
        return (try CameraServer([served], options: options), camera)
    }

    /// What a client of the WebSocket was sent: the files that it makes, one for each stream.
    struct Watching {
        let client: Client
        var streams: [[UInt8]] = []
        /// Binary messages that are no picture but the beginning of a file follow.
        private var beginnings = 0

        init(_ client: Client) { self.client = client }

        /// Takes messages until so many pictures have come.
        mutating func take(_ pictures: Int) throws {
            var count = 0
            while count < pictures {
                let frame = try #require(client.frame())
                switch frame.kind {
                case 1:
                    let words = try JSONSerialization.jsonObject(with: Data(frame.payload)) as? [String: Any]
                    #expect(words?["type"] as? String == "stream")
                    #expect((words?["codec"] as? String)?.hasPrefix("avc1.") == true)
                    #expect(words?["width"] as? Int == LiveTests.size.width)
                    streams.append([])
                    beginnings += 1
                case 2:
                    streams[streams.count - 1] += frame.payload
                    if beginnings > 0 { beginnings -= 1 } else { count += 1 }
                default: break
                }
            }
        }

        /// The numbers on all pictures.
        func numbers() throws -> [UInt32] { try streams.flatMap(LiveTests.numbers) }
    }

    /// Watches a camera until so many pictures have come.
    static func watch(_ client: Client, pictures: Int) throws -> [[UInt8]] {
        var watching = Watching(client)
        try watching.take(pictures)
        return watching.streams
    }

    /// The numbers on the pictures of a stream.
    static func numbers(_ stream: [UInt8]) throws -> [UInt32] {
        let folder = try TemporaryFolder()
        try Data(stream).write(to: folder.file("live.mp4"))
        let video = try NumberedVideo(decoding: folder.path("live.mp4"), size: Self.size)
        #expect(video.complaints == "")
        return video.numbers.compactMap(\.self)
    }

    private func statistics(_ client: Client) throws -> (encoders: [String: [String: Any]], viewers: Int) {
        let answer = try #require(client.ask("GET", "/api/v1/cameras/hall"))
        let state = try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])
        let all = state["statistics"] as? [String: Any]
        return (all?["encoders"] as? [String: [String: Any]] ?? [:], state["viewers"] as? Int ?? -1)
    }

    @Test func twentyViewersCostOneEncodeAndNobodyCostsNone() throws {
        let (server, camera) = try Self.makeServer()
        defer { camera.close() }
        defer { try? server.stop() }
        let asking = try Client(server)
        #expect(try statistics(asking).encoders.isEmpty)
        let clients = try (0..<20).map { _ in try Client(server) }
        for client in clients { #expect(client.upgrade("/api/v1/cameras/hall/live") == 101) }
        for client in clients {
            let streams = try Self.watch(client, pictures: 30)
            #expect(streams.count == 1)
            let numbers = try Self.numbers(streams[0])
            #expect(numbers.count == 30)
            #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 })
        }
        #expect(try statistics(asking).viewers == 20)
        #expect(try statistics(asking).encoders.count == 1)
        for client in clients { client.close() }
        #expect(try eventually { try statistics(asking).viewers == 0 })
        // After a moment the recording for them has ended.
        #expect(eventually { !camera.isRecording })
    }

    @Test func theRecordingIsWhatViewersSeeAndNoPictureIsMissingWhenItTakesOver() throws {
        let folder = try TemporaryFolder()
        let (server, camera) = try Self.makeServer(folder)
        defer { camera.close() }
        defer { try? server.stop() }
        let asking = try Client(server)
        let client = try Client(server)
        #expect(client.upgrade("/api/v1/cameras/hall/live") == 101)
        var watching = Watching(client)
        try watching.take(20)
        #expect(asking.ask("POST", "/api/v1/cameras/hall/record")?.status == 200)
        try watching.take(60)
        #expect(asking.ask("POST", "/api/v1/cameras/hall/split")?.status == 200)
        #expect(try eventually { try statistics(asking).encoders["1"]?["splits"] as? Int == 1 })
        // The encode for viewers alone has ended: the recording is the only one that runs.
        #expect(eventually { camera.activeRecordings.map(\.splitterPort) == [1] })
        #expect(asking.ask("POST", "/api/v1/cameras/hall/stop")?.status == 200)
        try watching.take(60)
        client.close()
        let numbers = try watching.numbers()
        #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 })
        // Frames that the camera itself was late for are missing in what is recorded, too.
        let files = try (1...2).flatMap { counter in
            try NumberedVideo(decoding: folder.path("00\(counter).mp4"), size: Self.size).numbers.compactMap(\.self)
        }
        #expect(zip(files, files.dropFirst()).allSatisfy { $0 < $1 })
        let seen = Set(numbers)
        let common = files.filter { $0 >= numbers.first ?? 0 && $0 <= numbers.last ?? 0 }
        #expect(!common.isEmpty)
        #expect(common.filter { !seen.contains($0) } == [])
    }

    @Test func aSlowViewerGoesOnWithAKeyFrameAndHoldsNobodyUp() throws {
        // Raw-like bit rate, so that the system's buffers are full soon.
        let (server, camera) = try Self.makeServer(frameRate: 120) { $0.options.quality = 1 }
        defer { camera.close() }
        defer { try? server.stop() }
        let (slow, quick) = (try Client(server), try Client(server))
        #expect(slow.upgrade("/api/v1/cameras/hall/live") == 101)
        #expect(quick.upgrade("/api/v1/cameras/hall/live") == 101)
        // Four seconds of the camera, while the slow one reads nothing.
        let numbers = try Self.numbers(try Self.watch(quick, pictures: 1500)[0])
        #expect(numbers.count == 1500)
        #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 })
        let late = try Self.watch(slow, pictures: 1500)
        let seen = try Self.numbers(late[0])
        #expect(seen.count == 1500)
        #expect(zip(seen, seen.dropFirst()).allSatisfy { $0 < $1 })
        #expect(try #require(seen.last) - seen[0] > 1500)
    }

    /// The encoder by itself would make the second one after 250 pictures.
    @Test func whileSomebodyWatchesThereIsAKeyFrameInFourSeconds() throws {
        let (server, camera) = try Self.makeServer(frameRate: 10)
        defer { camera.close() }
        defer { try? server.stop() }
        let client = try Client(server)
        #expect(client.upgrade("/api/v1/cameras/hall/live") == 101)
        let stream = try Self.watch(client, pictures: 90)[0]
        client.close()
        let folder = try TemporaryFolder()
        try Data(stream).write(to: folder.file("live.mp4"))
        let words = ["-v", "error", "-show_entries", "packet=flags", "-of", "csv=p=0", folder.path("live.mp4")]
        let flags = try run("ffprobe", words).text.split(separator: "\n")
        let keys = flags.indices.filter { flags[$0].hasPrefix("K") }
        #expect(flags.count == 90)
        #expect(keys.first == 0 && keys.count >= 3)
        // The request goes with the picture behind the one that is four seconds after.
        #expect(zip(keys, keys.dropFirst()).allSatisfy { $1 - $0 <= 44 }, "\(keys)")
    }

    @Test func whatAViewerSendsIsAnsweredOrEndsItAlone() throws {
        let (server, camera) = try Self.makeServer()
        defer { camera.close() }
        defer { try? server.stop() }
        let other = try Client(server)
        #expect(other.upgrade("/api/v1/cameras/hall/live") == 101)
        func closing(_ client: Client) throws -> Int {
            while let frame = client.frame() {
                if frame.kind == 8 { return Int(frame.payload[0]) << 8 | Int(frame.payload[1]) }
            }
            return 0
        }
        let pinging = try Client(server)
        #expect(pinging.upgrade("/api/v1/cameras/hall/live") == 101)
        pinging.sendFrame(0x89, Array("hello".utf8))
        var pong: [UInt8]?
        while pong == nil, let frame = pinging.frame() { if frame.kind == 10 { pong = frame.payload } }
        #expect(pong == Array("hello".utf8))
        pinging.sendFrame(0x88, [3, 0xE8])
        #expect(try closing(pinging) == 1000)
        let bad: [([UInt8], Int)] = [
            ([0x82, 0x01, 0x00], 1002), ([0xF2, 0x80, 0, 0, 0, 0], 1002), ([0x83, 0x80, 0, 0, 0, 0], 1002),
            ([0x09, 0x80, 0, 0, 0, 0], 1002), ([0x89, 0xFE, 0, 126, 0, 0, 0, 0], 1002),
            ([0x82, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], 1009), ([0x82, 0xFE, 0x20, 0x00], 1009),
        ]
        for (bytes, code) in bad {
            let client = try Client(server)
            #expect(client.upgrade("/api/v1/cameras/hall/live") == 101)
            client.send(bytes)
            #expect(try closing(client) == code)
        }
        #expect(try Self.numbers(try Self.watch(other, pictures: 20)[0]).count == 20)
    }

    @Test func motionJPEGIsAPictureAPart() throws {
        let (server, camera) = try Self.makeServer()
        defer { camera.close() }
        defer { try? server.stop() }
        let client = try Client(server)
        client.send("GET /stream.mjpg HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(client.take(through: "\r\n\r\n")?.contains("multipart/x-mixed-replace; boundary=") == true)
        for _ in 0..<10 {
            let head = try #require(client.take(through: "\r\n\r\n"))
            let length = try #require(head.split(separator: "\r\n").first { $0.hasPrefix("Content-Length") })
            let picture = try #require(client.take(Int(length.split(separator: " ")[1]) ?? 0))
            #expect(picture.starts(with: [0xFF, 0xD8, 0xFF]))
            #expect(picture.suffix(2) == [0xFF, 0xD9])
        }
    }

    @Test func aPlaylistIsMadeWhileSomebodyAsks() throws {
        let (server, camera) = try Self.makeServer()
        defer { camera.close() }
        let client = try Client(server)
        let list = try #require(client.ask("GET", "/api/v1/cameras/hall/hls/index.m3u8"))
        #expect(list.status == 200)
        let text = String(decoding: list.body, as: UTF8.self)
        #expect(text.hasPrefix("#EXTM3U"))
        let segment = try #require(text.split(separator: "\n").first { !$0.hasPrefix("#") })
        #expect(client.ask("GET", "/api/v1/cameras/hall/hls/\(segment)")?.status == 200)
        let address = server.address + "api/v1/cameras/hall/hls/index.m3u8"
        let words = [
            "-v", "error", "-count_frames", "-read_intervals", "%+2", "-show_entries", "stream=codec_name", "-of",
            "csv=p=0", address,
        ]
        let probed = try run("ffprobe", words)
        #expect(probed.text.contains("h264"))
        try server.stop()
    }
}
#endif
