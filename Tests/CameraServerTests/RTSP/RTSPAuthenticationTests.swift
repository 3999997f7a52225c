// SPDX-License-Identifier: MIT

import CameraKit
import CameraServer
import Foundation
import TestSupport
import Testing

/// Who may look, by the digests of RFC 2617 and RFC 7616.
@Suite(.timeLimit(.minutes(5))) struct RTSPAuthenticationTests {
    private static let password = "pass: word"

    /// A client's answer to a challenge.
    private struct Answer {
        var user = "camera"
        var password = RTSPAuthenticationTests.password
        var algorithm: String?
        /// Whether the answer tells its algorithm.
        var isTold = true
        var hasQuality = false
        var nonce: String
        var uri: String

        func field(_ method: String) -> String {
            func hash(_ text: String) -> String {
                let bytes = Array(text.utf8)
                return MessageDigest.hex(
                    algorithm == "SHA-256" ? MessageDigest.sha256(bytes) : MessageDigest.md5(bytes))
            }
            let middle = hasQuality ? "\(nonce):00000001:c\"n:auth" : nonce
            let response = hash("\(hash("\(user):camera:\(password)")):\(middle):\(hash("\(method):\(uri)"))")
            var text =
                "Authorization: Digest username=\"\(user)\", realm=\"camera\", nonce=\"\(nonce)\", uri=\"\(uri)\", "
            text += "response=\"\(response)\""
            if let algorithm, isTold { text += ", algorithm=\(algorithm)" }
            if hasQuality { text += ", qop=auth, nc=00000001, cnonce=\"c\\\"n\"" }
            return text
        }
    }

    private func nonce(_ answer: RTSPClient.Answer) throws -> String {
        let challenge = try #require(answer["www-authenticate"])
        return String(try #require(challenge.firstMatch(of: #/nonce="([^"]+)"/#)).1)
    }

    private func withCamera(_ body: @escaping @Sendable (LiveCamera) throws -> Void) async throws {
        let camera = try LiveCamera(.mjpeg) { $0.password = Self.password }
        try await LiveCamera.with(camera) { camera in try await aside { try body(camera) } }
    }

    @Test func eachDigestIsTaken() async throws {
        try await withCamera { camera in
            let kinds = [
                (nil, false, true), (nil, true, true), ("MD5", true, true), ("SHA-256", true, true),
                ("SHA-256", false, true), ("SHA-256", false, false),
            ]
            for (algorithm, hasQuality, isTold) in kinds {
                let client = try RTSPClient(camera.url())
                #expect(try client.request("OPTIONS").status == 200)
                let challenge = try client.request("DESCRIBE")
                #expect(challenge.status == 401)
                let offers = challenge.fields.filter { $0.name == "www-authenticate" }.map(\.value)
                #expect(offers.count == 2 && offers[0].contains("SHA-256") && offers[1].contains("MD5"))
                // With the address of the track as well as with that of the whole.
                for path in ["", "/", "/trackID=0"] {
                    let answer = Answer(
                        algorithm: algorithm, isTold: isTold, hasQuality: hasQuality, nonce: try nonce(challenge),
                        uri: camera.url() + path)
                    #expect(try client.request("DESCRIBE", "", [answer.field("DESCRIBE")]).status == 200)
                }
            }
        }
    }

    @Test func wrongOnesAreRefused() async throws {
        try await withCamera { camera in
            func attempt(_ change: (inout Answer) -> Void, for method: String = "DESCRIBE") throws -> Int {
                let client = try RTSPClient(camera.url())
                var answer = Answer(nonce: try nonce(try client.request("DESCRIBE")), uri: camera.url())
                change(&answer)
                return try client.request("DESCRIBE", "", [answer.field(method)]).status
            }
            #expect(try attempt { _ in } == 200)
            #expect(try attempt { $0.password = "pass: worD" } == 401)
            #expect(try attempt { $0.user = "admin" } == 401)
            #expect(try attempt { $0.uri = "rtsp://127.0.0.1/other" } == 401)
            #expect(try attempt { $0.algorithm = "MD5-sess" } == 401)
            #expect(try attempt({ _ in }, for: "PLAY") == 401)
            let client = try RTSPClient(camera.url())
            let plain = Data("camera:\(Self.password)".utf8).base64EncodedString()
            #expect(try client.request("DESCRIBE", "", ["Authorization: Basic \(plain)"]).status == 401)
            // What is not there is not told from what is.
            #expect(try client.request("DESCRIBE", "x").status == 401)
            #expect(try client.request("SETUP", "/trackID=0", ["Transport: RTP/AVP/TCP"]).status == 401)
        }
    }

    /// An answer to another connection's challenge is right but old; wrong ones are given up after five.
    @Test func challengesAreForOneConnectionAndNotForEver() async throws {
        try await withCamera { camera in
            let other = try RTSPClient(camera.url())
            let old = Answer(nonce: try nonce(try other.request("DESCRIBE")), uri: camera.url()).field("DESCRIBE")
            let client = try RTSPClient(camera.url())
            let stale = try client.request("DESCRIBE", "", [old])
            #expect(stale.status == 401)
            #expect(stale["www-authenticate"]?.contains("stale=true") == true)
            let fresh = Answer(nonce: try nonce(stale), uri: camera.url()).field("DESCRIBE")
            #expect(try client.request("DESCRIBE", "", [fresh]).status == 200)
            let wrong = Answer(password: "guess", nonce: try nonce(stale), uri: camera.url()).field("DESCRIBE")
            for _ in 0..<5 { #expect(try client.request("DESCRIBE", "", [wrong]).status == 401) }
            client.waitForEnd()
            #expect(throws: RTSPClient.Ended.self) { try client.request("DESCRIBE", "", [fresh]) }
        }
    }

    /// Other connections of the same address have to wait as well, but for those that were let in before.
    @Test func tenWrongOnesEndThePatienceForAnAddress() async throws {
        try await withCamera { camera in
            let known = try RTSPClient(camera.url())
            let right = Answer(nonce: try nonce(try known.request("DESCRIBE")), uri: camera.url()).field("DESCRIBE")
            #expect(try known.request("DESCRIBE", "", [right]).status == 200)
            for _ in 0..<2 {
                let client = try RTSPClient(camera.url())
                var answer = Answer(nonce: try nonce(try client.request("DESCRIBE")), uri: camera.url())
                answer.password = "guess"
                for _ in 0..<5 { #expect(try client.request("DESCRIBE", "", [answer.field("DESCRIBE")]).status == 401) }
            }
            let late = try RTSPClient(camera.url())
            let refusal = try late.request("DESCRIBE")
            #expect(refusal.status == 503)
            #expect(refusal.body.contains("wait a minute"))
            #expect(try known.request("DESCRIBE", "", [right]).status == 200)
        }
    }
}
