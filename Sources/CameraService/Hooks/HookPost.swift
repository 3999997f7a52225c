// SPDX-License-Identifier: MIT

internal import CameraCommands
internal import CameraCore
internal import CameraKit
internal import CameraServer

/// Sends news to an address of the web, by curl, which has TLS, proxies and an end for every wait.
struct HookPost: Sendable {
    private let url: String

    /// How long one attempt may take.
    private static let attemptSeconds = 20
    /// The pauses between attempts grow up to this one.
    private static let longestPause = Duration.seconds(60)
    /// How long it is tried; what could not be sent by then is left out.
    private static let patience = Duration.seconds(3600)

    init(_ url: String) { self.url = url }

    /// Sends news, again and again until it has arrived.
    ///
    /// - Parameters:
    ///   - news: What happened.
    ///   - pause: Told why an attempt failed, and waits before the next; false when there is to be none.
    /// - Returns: Why it could not be sent; nil when it was.
    func send(_ news: News, pause: (String, Duration) -> Bool) -> String? {
        let input = Self.configuration(url, HomeAssistant.json(Body(news)))
        let end = Timestamp.now + Self.patience
        var rest = Duration.seconds(1)
        while true {
            // What is secret in the address stands in what curl reads: everybody may see its arguments.
            let outcome = ChildProgram.run(
                ["curl", "--config", "-"], [:], input: input, limit: .seconds(Self.attemptSeconds + 10))
            guard let trouble = outcome.trouble else { return nil }
            let text = "what happened could not be sent: \(Self.meaning(of: outcome.status) ?? "curl \(trouble)")"
            guard outcome.status != nil, Timestamp.now < end, pause(text, rest) else { return text }
            rest = min(rest + rest, Self.longestPause)
        }
    }

    /// What curl reads instead of arguments.
    static func configuration(_ url: String, _ body: [UInt8]) -> [UInt8] {
        func quoted(_ text: String) -> String {
            var quoted = ""
            for character in text.unicodeScalars {
                if character == "\"" || character == "\\" { quoted.append("\\") }
                quoted.unicodeScalars.append(character)
            }
            return "\"\(quoted)\""
        }
        let lines = [
            "url = \(quoted(url))", "data-raw = \(quoted(String(decoding: body, as: UTF8.self)))",
            "header = \"Content-Type: application/json\"", "max-time = \(attemptSeconds)", "silent", "fail",
            "output = \"/dev/null\"", "proto = \"=http,https\"",
        ]
        return Array((lines.joined(separator: "\n") + "\n").utf8)
    }

    /// What an exit status of curl says, of those that people can do something about.
    private static func meaning(of status: Int32?) -> String? {
        switch status {
        case 6: "the server's name cannot be looked up"
        case 7: "no connection to the server"
        case 22: "the server refuses it"
        case 28: "the server does not answer in time"
        case 35, 60: "the server's certificate is not taken"
        case 127: "curl is missing; install the package curl"
        default: nil
        }
    }

    /// The JSON that is sent.
    private struct Body: Encodable {
        let camera: String
        let subject: String
        let event: String
        let message: String?
        let time: Double
        let file: File?

        init(_ news: News) {
            (camera, subject, event) = (news.camera, news.subject, news.event)
            (message, time) = (news.message.map { String($0.prefix(1000)) }, news.time)
            file = news.file.map(File.init)
        }
    }

    private struct File: Encodable {
        let name: String
        let frames: Int
        let bytes: Int
        let duration: Double
        let start: Double
        let end: Double

        init(_ file: FinishedFile) {
            (name, frames, bytes) = (file.name, file.frames, file.bytes)
            duration = file.duration.inSeconds
            start = Double(file.start.nanosecondsSince1970) / 1e9
            end = Double(file.end.nanosecondsSince1970) / 1e9
        }
    }
}
