// SPDX-License-Identifier: MIT

import CameraKit
import CameraServer
import Foundation
import TestSupport
import Testing

/// Requests that are well made, badly made, too large, too slow, or from a page elsewhere.
@Suite struct RequestTests {
    private func makeServer(_ change: (inout CameraServer.Options) -> Void = { _ in }) throws -> CameraServer {
        var options = CameraServer.Options()
        options.port = 0
        options.rtspPort = nil
        change(&options)
        return try CameraServer(
            [ServedCamera("hall") { () throws(CameraError) in try Camera(.source(LiveSource())) }], options: options)
    }

    private func code(_ body: [UInt8]) -> String? {
        let object = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: [String: String]]
        return object?["error"]?["code"]
    }

    @Test func oneConnectionServesManyRequests() throws {
        let server = try makeServer()
        defer { try? server.stop() }
        let client = try Client(server)
        for _ in 0..<20 { #expect(client.ask("GET", "/api/v1/cameras")?.status == 200) }
        // All at once, and read one after the other.
        client.send(String(repeating: "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n", count: 50))
        for _ in 0..<50 { #expect(client.answer()?.status == 200) }
        // Lines that end in a line feed alone, an empty line in front.
        client.send("\r\nGET /metrics HTTP/1.1\nHost: localhost\n\n")
        #expect(client.answer()?.status == 200)
        client.send("GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n")
        #expect(client.answer()?.head.contains("Connection: close") == true)
        #expect(client.rest() == [])
        #expect(!client.timedOut)
    }

    @Test func headHasNoBody() throws {
        let server = try makeServer()
        defer { try? server.stop() }
        let client = try Client(server)
        client.send("HEAD /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        let text = String(decoding: client.rest(), as: UTF8.self)
        #expect(text.hasPrefix("HTTP/1.1 200 "))
        #expect(text.hasSuffix("\r\n\r\n"))
    }

    @Test(arguments: [
        ("GET\r\nHost: a\r\n\r\n", 400), ("GET / HTTP/1.1 x\r\nHost: localhost\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost : localhost\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: localhost\r\n folded\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: localhost\r\nX: a\u{0}b\r\n\r\n", 400), ("GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
        ("GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", 505), ("GET / RTSP/1.0\r\nHost: localhost\r\n\r\n", 505),
        ("GET / HTTP/1.1\r\n\r\n", 421), ("GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 421),
        ("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 70000\r\n\r\n", 413),
        ("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n", 413),
        ("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: +5\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        ("GET nothing HTTP/1.1\r\nHost: localhost\r\n\r\n", 400), ("GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        ("GET /%ff HTTP/1.1\r\nHost: localhost\r\n\r\n", 400), ("GET /%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        ("\r\n\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n", 400),
    ])
    func aBadOneIsRefusedAndEndsItsConnectionAlone(request: String, status: Int) throws {
        let server = try makeServer()
        defer { try? server.stop() }
        let other = try Client(server)
        #expect(other.ask("GET", "/metrics")?.status == 200)
        let client = try Client(server)
        client.send(request)
        let answer = try #require(client.answer())
        #expect(answer.status == status)
        #expect(code(answer.body) != nil)
        #expect(client.rest() == [])
        #expect(!client.timedOut)
        #expect(other.ask("GET", "/metrics")?.status == 200)
    }

    @Test func aHeadWithoutAnEndIsCutOff() throws {
        let server = try makeServer()
        defer { try? server.stop() }
        let client = try Client(server)
        client.send("GET / HTTP/1.1\r\nHost: localhost\r\nX: ")
        let piece = [UInt8](repeating: 0x61, count: 65_536)
        var sent = 0
        while sent < 64_000_000, client.send(piece) { sent += piece.count }
        // What lies in the system's buffers comes on top of the 16 kB that are taken.
        #expect(sent < 20_000_000)
        let fields = try Client(server)
        fields.send("GET / HTTP/1.1\r\nHost: localhost\r\n" + String(repeating: "a: b\r\n", count: 101) + "\r\n")
        #expect(fields.answer()?.status == 431)
    }

    @Test(arguments: [
        "", "GET / HT", "GET / HTTP/1.1\r\nHost: localhost\r\n",
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc",
    ])
    func whoIsTooSlowIsCutOff(beginning: String) throws {
        let server = try makeServer { options in
            options.limits.idle = .milliseconds(150)
            options.limits.head = .milliseconds(150)
            options.limits.body = .milliseconds(150)
        }
        defer { try? server.stop() }
        let client = try Client(server)
        client.send(beginning)
        #expect(client.rest() == [])
        #expect(!client.timedOut)
    }

    @Test func connectionsAreBounded() throws {
        let server = try makeServer { $0.connectionLimit = 4 }
        defer { try? server.stop() }
        var clients = try (0..<4).map { _ in try Client(server) }
        for client in clients { #expect(client.ask("GET", "/metrics")?.status == 200) }
        let refused = try Client(server)
        refused.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(refused.rest() == [])
        #expect(!refused.timedOut)
        clients.removeLast().close()
        #expect(try eventually { try Client(server).ask("GET", "/metrics")?.status == 200 })
    }

    @Test(arguments: [
        ("GET", "/nothing", 404), ("GET", "/api/v1/cameras/cellar", 404), ("GET", "/api/v1/cameras/hall/nothing", 404),
        ("POST", "/", 405), ("DELETE", "/api/v1/cameras", 405), ("GET", "/api/v1/cameras/hall/record", 405),
        ("PUT", "/api/v1/cameras/hall/settings", 405), ("POST", "/api/v1/cameras/hall/record", 409),
        ("POST", "/api/v1/cameras/hall/stop", 409), ("POST", "/api/v1/cameras/hall/split", 409),
        ("POST", "/api/v1/cameras/hall/trigger", 409), ("GET", "/api/v1/cameras/hall/live", 426),
        ("GET", "/api/v1/cameras/hall/recordings?limit=0", 400),
        ("GET", "/api/v1/cameras/hall/recordings?limit=x", 400),
        ("GET", "/api/v1/cameras/hall/recordings/..%2F..%2Fetc%2Fpasswd", 404),
        ("GET", "/api/v1/cameras/hall/hls/..%2Findex.m3u8", 404), ("GET", "/snapshot.jpg?camera=cellar", 404),
    ])
    func whatCannotBeIsToldWithItsReason(method: String, target: String, status: Int) throws {
        let server = try makeServer()
        defer { try? server.stop() }
        #expect(try eventually { try Client(server).ask("GET", "/healthz")?.status == 200 })
        let answer = try #require(try Client(server).ask(method, target))
        #expect(answer.status == status)
        #expect(code(answer.body) != nil)
    }

    @Test(arguments: [
        ("Host: evil.example", 421), ("Host: evil.example:8080", 421), ("Host: 1.2.3.4.evil.example", 421),
        ("Host: 127.0.0.1:1", 200), ("Host: [::1]:8080", 200), ("Host: LOCALHOST", 200), ("Host: cam.example", 200),
        ("Host: localhost\r\nOrigin: http://evil.example", 403), ("Host: localhost\r\nOrigin: null", 403),
        ("Host: localhost\r\nOrigin: http://localhost", 200), ("Host: localhost\r\nOrigin: http://localhost:81", 403),
        ("Host: localhost\r\nSec-Fetch-Site: cross-site", 403), ("Host: localhost\r\nSec-Fetch-Site: same-site", 403),
        ("Host: localhost\r\nSec-Fetch-Site: same-origin", 200), ("Host: localhost\r\nSec-Fetch-Site: none", 200),
        ("Host: localhost\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document", 200),
        ("Host: localhost\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe", 403),
    ])
    func aPageElsewhereReachesNothing(fields: String, status: Int) throws {
        let server = try makeServer { $0.hostNames = ["cam.example"] }
        defer { try? server.stop() }
        let client = try Client(server)
        client.send("GET /api/v1/cameras HTTP/1.1\r\n\(fields)\r\n\r\n")
        let answer = try #require(client.answer())
        #expect(answer.status == status)
        #expect(!answer.head.lowercased().contains("access-control"))
    }

    @Test func thePasswordIsNeeded() throws {
        let server = try makeServer { $0.password = "geheim:1" }
        defer { try? server.stop() }
        let basic = { (text: String) in "Authorization: Basic \(Data(text.utf8).base64EncodedString())" }
        let status = { (fields: [String]) in try Client(server).ask("GET", "/metrics", fields)?.status }
        #expect(try status([basic("anybody:geheim:1")]) == 200)
        #expect(try status(["Authorization: Bearer geheim:1"]) == 200)
        let refused = try #require(try Client(server).ask("GET", "/"))
        #expect(refused.status == 401)
        #expect(refused.head.contains("WWW-Authenticate: Basic"))
        for wrong in ["x:geheim:", "x:geheim:11", "x:", "geheim:1", "x:Geheim:1"] {
            #expect(try status([basic(wrong)]) == 401)
        }
        for wrong in ["Bearer", "Bearer ", "Basic ###", "Digest a"] { _ = try status(["Authorization: \(wrong)"]) }
        for _ in 0..<10 { _ = try status([basic("x:wrong")]) }
        let patient = try #require(try Client(server).ask("GET", "/metrics", [basic("x:geheim:1")]))
        #expect(patient.status == 429)
        #expect(patient.head.contains("Retry-After"))
        // Behind a proxy on this machine, the others may go on.
        let other = "X-Forwarded-For: 127.0.0.1, 192.0.2.7"
        #expect(try status([other, basic("x:geheim:1")]) == 200)
        for _ in 0..<10 { _ = try status([other, basic("x:wrong")]) }
        #expect(try status([other, basic("x:geheim:1")]) == 429)
        #expect(try status(["X-Forwarded-For: 192.0.2.8", basic("x:geheim:1")]) == 200)
    }

    @Test func beyondThisMachineAPasswordIsNeeded() throws {
        let open = #expect(throws: CameraError.self) { try makeServer { $0.address = "0.0.0.0" } }
        #expect("\(try #require(open))".contains("password"))
        let server = try makeServer { options in
            options.address = "0.0.0.0"
            options.password = "geheim"
        }
        try server.stop()
    }

    @Test func whatCannotListenSaysSo() throws {
        let first = try makeServer()
        defer { try? first.stop() }
        let port = URL(string: first.address)?.port ?? 0
        let inUse = #expect(throws: CameraError.self) { try makeServer { $0.port = port } }
        #expect("\(try #require(inUse))".contains("another program listens there"))
        let name = #expect(throws: CameraError.self) {
            try makeServer { options in
                options.address = "camera.example"
                options.password = "x"
            }
        }
        #expect(name?.code == .invalidValue)
        let number = #expect(throws: CameraError.self) { try makeServer { $0.port = 70_000 } }
        #expect(number?.code == .invalidValue)
    }
}
