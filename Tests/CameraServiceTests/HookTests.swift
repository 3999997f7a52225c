// SPDX-License-Identifier: MIT

#if X264
import CameraKit
import CameraService
import Foundation
import TestSupport
import Testing

/// Commands and requests for what happens to the cameras of a service.
@Suite(.serialized) struct HookTests {
    private let folder: TemporaryFolder
    private let log = MQTTTests.Log()

    init() throws { folder = try TemporaryFolder() }

    private func start(_ hooks: String) throws -> CameraService {
        let text = """
            server: {port: 0, rtsp-port: none}
            hooks:
              \(hooks.split(separator: "\n").joined(separator: "\n  "))
            cameras:
              hall: {source: test, size: 160x96, fps: 30, record: {template: "\(folder.path("hall-{counter}.mp4"))", split: 15frames}}
            """
        try Data(text.utf8).write(to: folder.file("service.yaml"))
        let log = log
        let file = folder.path("service.yaml")
        return try CameraService(file: file, try Configuration(contentsOf: file), log: { log.add($0) })
    }

    private func lines(_ name: String) -> [String] {
        let text = try? String(contentsOf: folder.file(name), encoding: .utf8)
        return text?.split(separator: "\n").map(String.init) ?? []
    }

    @Test func commandsKnowTheirFilesAndEvents() throws {
        let service = try start(
            """
            on-file: 'echo "$CAMERA_NAME $CAMERA_FILE $CAMERA_FRAMES $CAMERA_BYTES $CAMERA_DURATION $CAMERA_START" >> \(folder.path("files"))'
            on-event: 'echo "$CAMERA_NAME $CAMERA_SUBJECT $CAMERA_EVENT" >> \(folder.path("events"))'
            """)
        #expect(eventually { lines("files").count >= 2 })
        try service.stop()
        // The last files are done as well, before the end is over.
        let files = folder.names.filter { $0.hasSuffix(".mp4") }
        #expect(lines("files").count == files.count)
        for (index, line) in lines("files").enumerated() {
            let words = line.split(separator: " ").map(String.init)
            #expect(words[0] == "hall" && words[1] == folder.path("hall-\(index + 1).mp4"), "\(line)")
            let probed = try run(
                "ffprobe",
                [
                    "-v", "error", "-count_packets", "-show_entries", "stream=nb_read_packets", "-of", "csv=p=0",
                    words[1],
                ])
            #expect(probed.text == "\(words[2])\n", "\(line)")
            let start = try #require(Double(words[5]))
            #expect(abs(start - Date().timeIntervalSince1970) < 3600)
        }
        #expect(lines("events").contains("hall camera running"))
        #expect(lines("events").contains("hall recording started"))
        #expect(lines("events").last == "hall recording stopped")
        #expect(!lines("events").contains { $0.contains("file") })
        #expect(log.lines == [])
    }

    @Test func aCommandThatHangsIsKilledWithItsChildrenAndOneThatFailsIsToldOnce() throws {
        let service = try start(
            """
            on-file: 'case $CAMERA_FILE in *-1.mp4) sleep 1234 & echo $! > \(folder.path("child")); wait;; *) echo x >> \(folder.path("done")); exit 3;; esac'
            limit: 500ms
            """)
        #expect(eventually { lines("done").count >= 3 })
        let child = try #require(lines("child").first)
        #expect(eventually { !FileManager.default.fileExists(atPath: "/proc/\(child)") })
        #expect(log.lines.count == 1, "\(log.lines)")
        #expect(log.lines.first?.contains("was killed: it took longer than 0.5 seconds") == true)
        try service.stop()
        let counts = try folder.names.filter { $0.hasSuffix(".mp4") }.map { name in
            try run(
                "ffprobe",
                ["-v", "error", "-count_packets", "-show_entries", "stream=nb_read_packets", "-of", "csv=p=0"]
                    + [folder.path(name)]
            ).text
        }
        // Its files are whole, but for the last.
        #expect(counts.count { $0 != "15\n" } <= 1, "\(counts)")
    }

    @Test func whatHappenedIsPostedUntilItArrives() throws {
        let server = """
            import http.server, sys
            count = 0
            class Handler(http.server.BaseHTTPRequestHandler):
                def do_POST(self):
                    global count
                    count += 1
                    body = self.rfile.read(int(self.headers["Content-Length"]))
                    if count == 1:
                        return self.send_error(503)
                    with open(sys.argv[1], "ab") as file:
                        file.write(self.path.encode() + b" " + self.headers["Content-Type"].encode() + b" " + body + b"\\n")
                    self.send_response(204)
                    self.end_headers()
                def log_message(self, *words): pass
            server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
            print(server.server_address[1], flush=True)
            server.serve_forever()
            """
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = ["-c", server, folder.path("posts")]
        process.standardOutput = output
        try process.run()
        // Children of a test's thread have its mask, in which SIGTERM is.
        defer { kill(process.processIdentifier, SIGKILL) }
        let port = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self).prefix { $0.isNumber }
        let service = try start("post: 'http://127.0.0.1:\(port)/hook?key=geheim'")
        #expect(eventually { lines("posts").contains { $0.contains("\"subject\":\"file\"") } })
        try service.stop()
        let words = try #require(lines("posts").first?.split(separator: " ", maxSplits: 2).map(String.init))
        #expect(words[0] == "/hook?key=geheim" && words[1] == "application/json")
        let bodies = try lines("posts").map { line in
            let body = Data(line.split(separator: " ", maxSplits: 2)[2].utf8)
            return try #require(try JSONSerialization.jsonObject(with: body) as? [String: Any])
        }
        // The first one was refused, and came again before the second.
        #expect(bodies.first?["event"] as? String == "running" && bodies.first?["camera"] as? String == "hall")
        let file = try #require(bodies.compactMap { $0["file"] as? [String: Any] }.first)
        #expect(file["name"] as? String == folder.path("hall-1.mp4") && file["frames"] as? Int == 15)
        #expect(log.lines.first?.contains("the server refuses it") == true, "\(log.lines)")
        #expect(log.lines.contains { $0.contains("works again") })
        #expect(!log.lines.contains { $0.contains("geheim") })
    }
}
#endif
