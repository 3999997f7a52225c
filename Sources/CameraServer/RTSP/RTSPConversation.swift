// SPDX-License-Identifier: MIT

internal import CameraCore

/// Takes the requests of one connection and answers them, one after the other.
struct RTSPConversation {
    let server: RTSPServer
    let connection: Connection
    let writer: ConnectionWriter
    let activity = RTSPActivity()
    let reports: ClientReports
    let onEnd: @Sendable () -> Void
    var session: RTSPSession?
    /// The picture that is sent first, once PLAY is answered; nil within for none that has come.
    var begins: LiveChunk??
    private var reader: MessageReader
    private var authentication: DigestAuthentication
    /// Whether the client has sent the right password.
    private var isKnown = false

    /// - Parameters:
    ///   - server: What is served.
    ///   - connection: The client's connection.
    ///   - onEnd: Called when a stream that is sent has ended by itself, or the client takes nothing; must not wait.
    init(_ server: RTSPServer, _ connection: Connection, onEnd: @escaping @Sendable () -> Void) {
        self.server = server
        self.connection = connection
        self.onEnd = onEnd
        writer = ConnectionWriter(connection)
        reader = MessageReader(connection)
        reports = ClientReports(activity, server.counts)
        authentication = DigestAuthentication(password: server.password)
    }

    /// Answers requests until the client ends, is silent for too long, or sends what is no request.
    mutating func run() async {
        do {
            while try await takeOne() {}
        } catch let fault as MessageFault {
            await answer(fault)
        } catch {
            // It is gone.
        }
        await endSession(saysGoodbye: true)
    }

    /// Takes a request, or a packet within the connection.
    ///
    /// - Returns: Whether more may follow.
    private mutating func takeOne() async throws -> Bool {
        guard let first = try await firstByte() else { return false }
        connection.limitReading(to: server.limits.request)
        guard first != 0x24 else {
            try await takePacket()
            return true
        }
        guard let head = try await reader.head() else { return false }
        // The body is of no use, but what follows it is.
        let body = try await reader.take(try head.contentLength(atMost: server.limits.bodyByteCount))
        activity.note()
        return try await answer(head, body)
    }

    /// Waits until something comes, for as long as the client may be silent.
    ///
    /// - Returns: The first byte; nil at the end, or when the client has been silent for too long.
    private mutating func firstByte() async throws -> UInt8? {
        while true {
            let left = activity.moment + server.limits.silence - .now
            guard left > .zero else { return nil }
            connection.limitReading(to: left)
            do {
                let byte = try await reader.peek()
                return byte
            } catch ConnectionFault.late {
                // Reports by datagrams, or what was taken of the pictures, may have come meanwhile.
            }
        }
    }

    /// Takes a packet that the client sent within the connection (RFC 2326, 10.12).
    private mutating func takePacket() async throws {
        let head = try await reader.take(4)
        let bytes = try await reader.take(Int(head[2]) << 8 | Int(head[3]))
        activity.note()
        if let transport = session?.transport as? InterleavedTransport, transport.reportChannel == head[1] {
            reports.take(bytes[...])
        }
    }

    private func answer(_ fault: MessageFault) async {
        server.counts.change { $0.malformedRequests += 1 }
        let response: RTSPResponse
        switch fault {
        case .malformed(let reason): response = RTSPResponse(.badRequest, saying: reason)
        case .headTooLong: response = RTSPResponse(.tooLarge, saying: "The request is too long.")
        case .bodyTooLong(let reason): response = RTSPResponse(.tooLarge, saying: reason)
        case .unknownVersion: response = RTSPResponse(.versionNotSupported, saying: "This server speaks RTSP/1.0.")
        case .incomplete: return
        }
        // The connection ends in any case.
        try? await writer.write(response.bytes(number: nil))
    }

    // MARK: Requests

    /// Answers a request.
    ///
    /// - Returns: Whether more may follow.
    private mutating func answer(_ head: MessageHead, _ body: [UInt8]) async throws -> Bool {
        guard head.version.hasPrefix("RTSP/") else { throw MessageFault.malformed("This server speaks RTSP/1.0.") }
        guard let number = head["cseq"], (1...10).contains(number.utf8.count),
            number.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { throw MessageFault.malformed("The request has no number; CSeq tells it.") }
        let (response, mayFollow) = await response(to: head, body)
        try await writer.write(response.bytes(number: number))
        // Pictures follow the answer to PLAY.
        if let first = begins.take() { session?.player?.start(first) }
        return mayFollow
    }

    private mutating func response(to head: MessageHead, _ body: [UInt8]) async -> (RTSPResponse, mayFollow: Bool) {
        guard head.version == "RTSP/1.0" else {
            return (RTSPResponse(.versionNotSupported, saying: "This server speaks RTSP/1.0."), true)
        }
        let required = head.all("require") + head.all("proxy-require")
        guard required.isEmpty else {
            let names = required.joined(separator: ", ")
            return (RTSPResponse(.optionNotSupported, [("Unsupported", names)]), true)
        }
        if head.method == "OPTIONS" { return (RTSPResponse(.ok, [Self.methods]), true) }
        guard let target = RTSPTarget(head.target) else {
            let reason = "The address must be one such as rtsp://host:8554/name."
            return (RTSPResponse(.badRequest, saying: reason), true)
        }
        let client = connection.peer.host
        // Somebody who is let in already goes on, whatever others at the same address send.
        if server.password != nil, !isKnown, server.wrongPasswords.mustWait(client) {
            return (RTSPResponse(.unavailable, saying: "Too many wrong passwords; wait a minute."), false)
        }
        let failures = authentication.failures
        let verdict = authentication.judge(head["authorization"], method: head.method, path: target.path)
        if authentication.failures > failures { server.wrongPasswords.note(client) }
        switch verdict {
        case .accepted: isKnown = true
        case .refused(let challenges):
            if head["authorization"] != nil { server.counts.change { $0.refusals += 1 } }
            return (RTSPResponse(.unauthorized, challenges.map { ("WWW-Authenticate", $0) }), true)
        case .givenUp:
            server.counts.change { $0.refusals += 1 }
            return (RTSPResponse(.unauthorized), false)
        }
        return (await response(to: head, target, body), true)
    }

    private static let methods = (
        name: "Public",
        value: "OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, GET_PARAMETER, SET_PARAMETER, TEARDOWN"
    )

    private mutating func response(to head: MessageHead, _ target: RTSPTarget, _ body: [UInt8]) async -> RTSPResponse {
        switch head.method {
        case "DESCRIBE": return await describe(head, target)
        case "SETUP": return await setUp(head, target)
        case "GET_PARAMETER", "SET_PARAMETER":
            // Without a body it says that the client is there. There are no parameters.
            guard body.isEmpty else {
                return RTSPResponse(.parameterNotUnderstood, saying: "This server has no parameters.")
            }
            if head["session"] != nil, let refusal = refusal(head, target) { return refusal }
            return RTSPResponse(.ok, sessionFields)
        case "PLAY":
            if let refusal = refusal(head, target) { return refusal }
            return await play(target)
        case "PAUSE":
            if let refusal = refusal(head, target) { return refusal }
            await stopPlaying()
            return RTSPResponse(.ok, sessionFields)
        case "TEARDOWN":
            if let refusal = refusal(head, target) { return refusal }
            await endSession(saysGoodbye: true)
            return RTSPResponse(.ok)
        case "ANNOUNCE", "RECORD", "REDIRECT":
            return RTSPResponse(.methodNotAllowed, [("Allow", Self.methods.value)])
        default: return RTSPResponse(.notImplemented, [Self.methods])
        }
    }
}
