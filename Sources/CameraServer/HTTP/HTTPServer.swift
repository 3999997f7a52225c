// SPDX-License-Identifier: MIT

internal import CameraCore

/// How long a client may take.
package struct HTTPLimits: Sendable {
    /// Between two requests.
    package var idle = Duration.seconds(60)
    /// For the head of a request.
    package var head = Duration.seconds(10)
    /// For its body.
    package var body = Duration.seconds(20)
}

/// Speaks HTTP/1.1 with one client after the other: reads requests within bounds, has them answered, and sends the answers.
struct HTTPServer: Sendable {
    /// Who may ask.
    let gate: HTTPGate
    /// Answers a request.
    let answer: @Sendable (HTTPRequest) async -> HTTPResponse
    let limits: HTTPLimits

    /// Bytes of a request's body at most.
    static let bodySize = 65_536

    /// Serves a connection until it ends.
    func serve(_ connection: Connection) async {
        var reader = MessageReader(connection)
        do {
            while try await serveNext(&reader, connection) {}
        } catch let fault as MessageFault {
            await refuse(fault, connection)
        } catch {
            // The client is gone, too slow, or the server ends: there is nobody to tell.
        }
    }

    /// Serves the next request.
    ///
    /// - Returns: Whether another may follow.
    private func serveNext(_ reader: inout MessageReader, _ connection: Connection) async throws -> Bool {
        connection.limitReading(to: limits.idle)
        guard try await reader.peek() != nil else { return false }
        connection.limitReading(to: limits.head)
        guard let head = try await reader.head() else { return false }
        guard head.version == "HTTP/1.1" || head.version == "HTTP/1.0" else { throw MessageFault.unknownVersion }
        let isHead = head.method == "HEAD"
        guard head["transfer-encoding"] == nil else {
            throw MessageFault.malformed("A body is taken with its Content-Length alone.")
        }
        // Before the body: nobody who may not ask has it read.
        if let refusal = gate.refusal(of: head, from: connection) {
            try await send(refusal, isHead: isHead, keeps: false, connection)
            await connection.finish()
            return false
        }
        let count = try head.contentLength(atMost: Self.bodySize)
        connection.limitReading(to: limits.body)
        if count > 0, head["expect"]?.lowercased() == "100-continue" {
            try await connection.write(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
        }
        let request = try HTTPRequest(head, body: try await reader.take(count))
        let response = await answer(request)
        if case .upgrade(let body) = response.body {
            try await connection.write(response.head(length: nil, keepsConnection: true))
            try await body(connection, reader)
            return false
        }
        return try await send(response, isHead: isHead, keeps: request.keepsConnection, connection)
    }

    /// Sends an answer.
    ///
    /// - Returns: Whether another request may follow.
    @discardableResult
    private func send(
        _ response: HTTPResponse, isHead: Bool, keeps: Bool, _ connection: Connection
    ) async throws -> Bool {
        switch response.body {
        case .bytes(let bytes):
            let head = response.head(length: bytes.count, keepsConnection: keeps)
            try await connection.write(isHead ? head : head + bytes)
            return keeps
        case .file(let file, let range):
            try await connection.write(response.head(length: range.count, keepsConnection: keeps))
            if !isHead { try await file.send(range, to: connection) }
            return keeps
        case .pending(let make):
            guard let made = try await connection.whileOpen(make) else { throw ConnectionFault.ended }
            // What the client has sent meanwhile is forgotten, so that nothing of it can be answered.
            try await send(made, isHead: isHead, keeps: false, connection)
            return false
        case .stream(let body):
            try await connection.write(response.head(length: nil, keepsConnection: false))
            if !isHead { try await body(connection) }
            return false
        case .upgrade:
            return false
        }
    }

    private func refuse(_ fault: MessageFault, _ connection: Connection) async {
        let response: HTTPResponse
        switch fault {
        case .malformed(let reason): response = .error(400, "malformed", reason)
        case .headTooLong: response = .error(431, "tooLong", "The head of a request may have 16 kB and 100 fields.")
        case .bodyTooLong(let reason): response = .error(413, "tooLong", reason)
        case .unknownVersion: response = .error(505, "unsupported", "This server speaks HTTP/1.1.")
        case .incomplete: return
        }
        guard case .bytes(let bytes) = response.body else { return }
        try? await connection.write(response.head(length: bytes.count, keepsConnection: false) + bytes)
        await connection.finish()
    }
}
