// SPDX-License-Identifier: MIT

import Foundation
import TestSupport
import Testing

/// The tool as a server of RTSP: what clients send and how often they come leaves no trace in it.
@Suite(.timeLimit(.minutes(15))) struct RTSPToolTests {
    private let folder: TemporaryFolder
    private let tool: RunningTool
    private let url: String

    init() throws {
        folder = try TemporaryFolder()
        tool = try RunningTool(
            ["serve", "--camera", "lobby=test", "--size", "160x120", "--fps", "30", "--port", "0", "--rtsp-port", "0"],
            in: folder)
        var text = ""
        while !text.contains("rtsp://") || !text.hasSuffix("\n") {
            let bytes = tool.output.fileHandleForReading.availableData
            if bytes.isEmpty { break }
            text += String(decoding: bytes, as: UTF8.self)
        }
        url = try #require(text.split(separator: "\n").first { $0.hasPrefix("rtsp://") }.map(String.init))
    }

    private var process: String { "/proc/\(tool.processIdentifier)" }

    private var descriptors: Int { (try? FileManager.default.contentsOfDirectory(atPath: process + "/fd").count) ?? 0 }

    /// Kilobytes of memory that are its own.
    private var memory: Int {
        let status = (try? String(contentsOfFile: process + "/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
        return line.flatMap { Int($0.split(separator: " ").dropFirst().first ?? "") } ?? 0
    }

    private func expectEnd() {
        tool.send(SIGTERM)
        let end = tool.end()
        #expect(end.status == 143, "\(end.errors)")
    }

    /// A thousand clients leave no descriptor and no memory.
    @Test func aThousandClientsLeaveNothing() throws {
        func come(_ count: Int) throws {
            for round in 0..<count {
                let client = try RTSPClient(url + (round % 2 == 0 ? "/mjpeg" : ""))
                #expect(try client.request("DESCRIBE").status == 200)
                // To the port of discarding, and the next.
                let transport = round % 3 == 0 ? "RTP/AVP;unicast;client_port=40000-40001" : "RTP/AVP/TCP"
                #expect(try client.setUp(transport).status == 200)
                #expect(try client.request("PLAY").status == 200)
                if round % 5 != 0 { #expect(try client.request("TEARDOWN").status == 200) }
            }
        }
        // What a program keeps for good is there after the first ones; one client stays, so that nothing begins anew.
        let (one, other) = (try RTSPClient(url), try RTSPClient(url + "/mjpeg"))
        for client in [one, other] {
            #expect(try client.setUp("RTP/AVP;unicast;client_port=40002-40003").status == 200)
            #expect(try client.request("PLAY").status == 200)
        }
        try come(200)
        #expect(eventually { descriptors > 0 })
        let (before, held) = (descriptors, memory)
        try come(1000)
        #expect(eventually { descriptors <= before })
        let grown = memory - held
        print("RTSP: 1000 clients, \(grown) kB more memory, \(descriptors - before) more descriptors")
        #expect(grown < 4096)
        withExtendedLifetime((one, other)) {}
        expectEnd()
    }

    /// Requests of a whole session, as clients send them.
    private func requests(_ session: String) -> [UInt8] {
        let lines = [
            "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: test\r\n\r\n",
            "DESCRIBE \(url) RTSP/1.0\r\nCSeq: 2\r\nAccept: application/sdp\r\n\r\n",
            "SETUP \(url)/trackID=0 RTSP/1.0\r\nCSeq: 3\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n",
            "SETUP \(url)/trackID=0 RTSP/1.0\r\nCSeq: 4\r\nTransport: RTP/AVP;unicast;client_port=40004-40005\r\n\r\n",
            "PLAY \(url) RTSP/1.0\r\nCSeq: 5\r\nSession: \(session)\r\nRange: npt=0-\r\n\r\n",
            "GET_PARAMETER \(url) RTSP/1.0\r\nCSeq: 6\r\nSession: \(session)\r\nContent-Length: 5\r\n\r\nping\n",
            "PAUSE \(url) RTSP/1.0\r\nCSeq: 7\r\nSession: \(session)\r\nAuthorization: Digest username=\"camera\"\r\n\r\n",
            "$\u{1}\u{0}\u{8}", "TEARDOWN \(url) RTSP/1.0\r\nCSeq: 8\r\nSession: \(session)\r\n\r\n",
        ]
        return Array(lines.joined().utf8)
    }

    /// Mutated requests, 3,000 or as many as RTSP_REQUESTS says from the seed FUZZ_SEED: it goes on, and its memory is flat.
    @Test func mutatedRequestsDoNoHarm() throws {
        let environment = ProcessInfo.processInfo.environment
        let count = environment["RTSP_REQUESTS"].flatMap(Int.init) ?? 3000
        let seed = environment["FUZZ_SEED"].flatMap(UInt64.init) ?? .random(in: 0..<1_000_000_000)
        print("fuzz RTSP: FUZZ_SEED=\(seed) RTSP_REQUESTS=\(count)")
        let watcher = try RTSPClient(url)
        #expect(try watcher.setUp("RTP/AVP;unicast;client_port=40006-40007").status == 200)
        #expect(try watcher.request("PLAY").status == 200)
        var random = SeededRandom(seed: seed)
        var held = 0
        for index in 0..<count {
            let client = try RTSPClient(url)
            // Half of them have a session to play.
            if index % 2 == 0 { _ = try client.setUp() }
            let whole = requests(client.session ?? "0123456789abcdef")
            // The whole of it, or one request of it.
            let start = Bool.random(using: &random) ? 0 : Int.random(in: 0..<whole.count, using: &random)
            // It may end the connection before it has all of it.
            try? client.write(Array(whole[start...]).mutated(&random))
            client.finish()
            client.waitForEnd()
            if index == count / 4 { held = memory }
            if index % 500 == 0 { #expect(try watcher.request("GET_PARAMETER").status == 200, "FUZZ_SEED=\(seed)") }
        }
        #expect(try watcher.request("GET_PARAMETER").status == 200, "FUZZ_SEED=\(seed)")
        let grown = memory - held
        print("fuzz RTSP: \(count) mutated, \(grown) kB more memory, \(descriptors) descriptors")
        #expect(grown < 4096)
        expectEnd()
    }
}
