// SPDX-License-Identifier: MIT

import CameraCore
import CameraKit
import CameraServer
import Foundation
import TestSupport
import Testing

/// Sessions as RFC 2326 has them, message by message.
@Suite(.timeLimit(.minutes(5))) struct RTSPSessionTests {
    /// The time that a report of the sender tells, in nanoseconds of civil time, and its ticks.
    private func clock(_ report: RTSPClient.Packet) -> (wall: Double, ticks: UInt32) {
        let seconds = Double(report.number(8..<12)) - 2_208_988_800
        return (seconds + Double(report.number(12..<16)) / 4_294_967_296, report.number(16..<20))
    }

    @Test func aSessionFromItsDescriptionToItsEnd() async throws {
        try await LiveCamera.with(LiveCamera(.mjpeg)) { camera in
            try await aside {
                let client = try RTSPClient(camera.url())
                let options = try client.request("OPTIONS", "*")
                #expect(options.status == 200)
                #expect(options["public"]?.contains("GET_PARAMETER") == true)
                let description = try client.request("DESCRIBE", "", ["Accept: application/sdp"])
                #expect(description.status == 200)
                #expect(description["content-type"] == "application/sdp")
                #expect(description["content-base"] == camera.url() + "/")
                let lines = description.body.components(separatedBy: "\r\n")
                #expect(lines.prefix(1) == ["v=0"])
                for line in [
                    "m=video 0 RTP/AVP 26", "a=rtpmap:26 JPEG/90000", "a=framerate:50", "a=x-dimensions:160,120",
                    "a=control:trackID=0", "a=range:npt=now-",
                ] { #expect(lines.contains(line), "\(line)") }
                let setUp = try client.setUp("RTP/AVP/TCP;unicast;interleaved=6-9")
                #expect(setUp.status == 200)
                #expect(setUp["transport"] == "RTP/AVP/TCP;unicast;interleaved=6-9;mode=\"PLAY\"")
                #expect(setUp["session"]?.hasSuffix(";timeout=60") == true)
                let play = try client.request("PLAY")
                #expect(play.status == 200)
                let report = try client.packet()
                #expect(report.channel == 9)
                #expect(report.bytes[1] == 200)
                let first = try client.packet()
                #expect(first.channel == 6)
                let place = "url=\(camera.url())/trackID=0;seq=\(first.number(2..<4));rtptime=\(first.number(4..<8))"
                #expect(play["rtp-info"] == place)
                #expect(report.number(4..<8) == first.number(8..<12))
                #expect(camera.counts.players == 1)
                // Another PLAY changes nothing, and a parameter is not asked for.
                #expect(try client.request("PLAY").status == 200)
                #expect(try client.request("GET_PARAMETER").status == 200)
                #expect(try client.request("SET_PARAMETER", "", body: "a: 1\r\n").status == 451)
                #expect(try client.request("SETUP", "/trackID=0", ["Transport: RTP/AVP/TCP"]).status == 455)
                #expect(try client.request("PAUSE").status == 200)
                #expect(camera.counts.players == 0)
                let again = try client.request("PLAY")
                #expect(again.status == 200 && again["rtp-info"] != play["rtp-info"])
                #expect(try client.request("TEARDOWN").status == 200)
                #expect(camera.counts.players == 0)
                // The farewell is the last of what came in front of the answer.
                var last = try client.packet()
                while last.channel != 9 || last.bytes.count <= 28 || !last.bytes.suffix(8).starts(with: [0x81, 203]) {
                    last = try client.packet()
                }
                #expect(try client.request("PLAY", "", ["Session: 1"]).status == 454)
                #expect(try client.request("OPTIONS", "*").status == 200)
            }
        }
    }

    /// What reports tell is the civil time of the exposures, and all of them tell the same.
    @Test func reportsTellTheSensorsClock() async throws {
        let camera = try LiveCamera(.mjpeg)
        try await LiveCamera.with(camera) { camera in
            try await aside {
                let client = try RTSPClient(camera.url())
                #expect(try client.setUp().status == 200)
                #expect(try client.request("PLAY").status == 200)
                var reports: [(wall: Double, ticks: UInt32)] = []
                var pictures: [UInt32] = []
                while reports.count < 3 {
                    let packet = try client.packet()
                    if packet.channel == 1 {
                        reports.append(clock(packet))
                    } else if packet.bytes[1] & 0x80 != 0 {
                        pictures.append(packet.number(4..<8))
                    }
                }
                let start = Double(try #require(camera.source.beginning).nanosecondsSince1970) / 1e9
                for report in reports {
                    // The report's moment is none of a picture, but what it says of the pictures is theirs.
                    for picture in pictures {
                        let ticks = Int32(bitPattern: picture &- report.ticks)
                        let time = (report.wall + Double(ticks) / 90_000 - start) * 1e9
                        let number = Int((time / 20e6).rounded(.down))
                        let errors = [number - 1, number, number + 1].map {
                            abs(Double(camera.source.time(of: max($0, 0))) - time)
                        }
                        // Both ends are rounded to ticks, and seconds since 1970 have no more digits here.
                        #expect((errors.min() ?? .infinity) < 24_000)
                    }
                }
            }
        }
    }

    /// A stream that ends says so, and then the connection ends.
    @Test func theEndOfTheServerIsTheEndOfAConnection() async throws {
        let camera = try LiveCamera(.mjpeg)
        try await LiveCamera.with(camera) { camera in
            try await aside {
                let client = try RTSPClient(camera.url())
                #expect(try client.setUp().status == 200)
                #expect(try client.request("PLAY").status == 200)
                _ = try client.packet()
                try camera.server.stop()
                client.waitForEnd()
                #expect(camera.counts.players == 0)
            }
        }
    }

    private static let refusals: [(String, [String], Int)] = [
        ("DESCRIBE /../../etc/passwd", [], 404), ("DESCRIBE /%2e%2e/x", [], 404), ("DESCRIBE /%zz", [], 400),
        ("DESCRIBE /a/b/c", [], 404), ("DESCRIBE ", ["Accept: text/html"], 406),
        ("DESCRIBE ", ["Require: play.basic"], 551),
        ("PLAY ", [], 454), ("PAUSE ", [], 454), ("TEARDOWN ", [], 454), ("GET_PARAMETER ", ["Session: 1"], 454),
        ("SETUP /trackID=0", [], 461), ("SETUP /trackID=1", ["Transport: RTP/AVP/TCP"], 404),
        ("SETUP ", ["Transport: RTP/AVP;multicast"], 461), ("SETUP ", ["Transport: RTP/SAVP;unicast"], 461),
        ("SETUP ", ["Transport: RTP/AVP;unicast;client_port=53-54"], 461),
        ("SETUP ", ["Transport: RTP/AVP;unicast;client_port=70000-70001"], 461),
        ("SETUP ", ["Transport: RTP/AVP;unicast;client_port=5001-5000"], 461),
        ("SETUP ", ["Transport: RTP/AVP;unicast"], 461),
        ("SETUP ", ["Transport: RTP/AVP;unicast;destination=10.0.0.1;client_port=5000-5001"], 461),
        ("SETUP ", ["Transport: RTP/AVP/TCP;interleaved=0-256"], 461),
        ("SETUP ", ["Transport: RTP/AVP/TCP;mode=record"], 461), ("SETUP ", ["Transport: ;;;,,="], 461),
        ("ANNOUNCE ", [], 405), ("RECORD ", [], 405), ("BREW ", [], 501),
    ]

    /// What cannot be is refused, and the connection goes on.
    @Test func refusesWhatCannotBe() async throws {
        try await LiveCamera.with(LiveCamera(.mjpeg)) { camera in
            try await aside {
                let client = try RTSPClient(camera.url())
                for (line, fields, status) in Self.refusals {
                    let words = line.split(separator: " ", omittingEmptySubsequences: false)
                    let answer = try client.request(String(words[0]), String(words[1]), fields)
                    #expect(answer.status == status, "\(line) \(fields)")
                }
                #expect(try client.setUp("RTP/AVP;unicast;client_port=1-2,RTP/AVP/TCP;unicast").status == 200)
            }
        }
    }

    private static let malformed: [(String, Int?)] = [
        ("DESCRIBE\r\n\r\n", 400), ("OPTIONS * RTSP/1.0\r\n\r\n", 400), ("OPTIONS * RTSP/1.0\r\nCSeq: x\r\n\r\n", 400),
        ("OPTIONS * RTSP/1.0\r\nCSeq 1\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nContent-Length: -1\r\n\r\n", 400),
        ("OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nContent-Length: 5000\r\n\r\n", 413),
        ("OPTIONS * RTSP/1.0\r\n\(String(repeating: "A: b\r\n", count: 200))\r\n", 413),
        ("OPTIONS * RTSP/1.0\r\nA: \(String(repeating: "b", count: 20_000))\r\n\r\n", 413),
        ("\u{0}\u{1}\u{2}\r\n\r\n", 400), ("\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n", 400),
        ("OPTIONS * RTSP/1.0\r\nCSeq: 1", nil),
    ]

    /// What is no request ends its connection, and no other.
    @Test func whatIsNoRequestEndsItsConnection() async throws {
        try await LiveCamera.with(LiveCamera(.mjpeg)) { camera in
            try await aside {
                let other = try RTSPClient(camera.url())
                #expect(try other.setUp().status == 200)
                #expect(try other.request("PLAY").status == 200)
                for (text, status) in Self.malformed {
                    let client = try RTSPClient(camera.url())
                    try client.write(Array(text.utf8))
                    client.finish()
                    #expect((try? client.answer())?.status == status, "\(text.prefix(60))")
                    client.waitForEnd()
                }
                // RTSP/2.0 is answered, and the connection goes on.
                let client = try RTSPClient(camera.url())
                try client.write(Array("OPTIONS * RTSP/2.0\r\nCSeq: 7\r\n\r\n".utf8))
                let answer = try client.answer()
                #expect(answer.status == 505 && answer["cseq"] == "7")
                #expect(try client.request("OPTIONS", "*").status == 200)
                #expect(try other.request("GET_PARAMETER").status == 200)
            }
        }
    }
}
