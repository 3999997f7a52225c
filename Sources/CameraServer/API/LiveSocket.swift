// SPDX-License-Identifier: MIT

internal import CameraCore
internal import FoundationEssentials

/// Live pictures over a WebSocket (RFC 6455).
struct LiveSocket: Sendable {
    let station: Station

    /// A client that answers no ping for so long is gone.
    private static let silence = Duration.seconds(60)
    private static let pingInterval = Duration.seconds(20)

    /// Answers the request that begins it.
    func response(to request: HTTPRequest) -> HTTPResponse {
        let head = request.head
        let connection = head.all("connection").flatMap {
            $0.lowercased().split(separator: ",").map { String($0).trimmed }
        }
        guard head["upgrade"]?.lowercased() == "websocket", connection.contains("upgrade") else {
            var response = HTTPResponse.error(426, "upgrade", "This address speaks WebSocket.")
            response.fields += [("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13")]
            return response
        }
        guard head["sec-websocket-version"] == "13", let key = head["sec-websocket-key"],
            Data(base64Encoded: key)?.count == 16
        else {
            var response = HTTPResponse.error(
                400, "malformed", "It takes version 13 of WebSocket and a key of 16 bytes.")
            response.fields.append(("Sec-WebSocket-Version", "13"))
            return response
        }
        // The text that RFC 6455, 1.3 has put behind the key.
        let digest = MessageDigest.sha1(Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
        let fields = [
            (name: "Upgrade", value: "websocket"), (name: "Connection", value: "Upgrade"),
            (name: "Sec-WebSocket-Accept", value: Data(digest).base64EncodedString()),
        ]
        return HTTPResponse(101, fields, body: .upgrade { connection, reader in try await serve(connection, reader) })
    }

    private func serve(_ connection: Connection, _ reader: MessageReader) async throws {
        guard let viewer = station.video.join(.fragments) else { return }
        defer { station.video.leave(viewer, .fragments) }
        let writer = ConnectionWriter(connection)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await Self.send(viewer, to: writer) }
            group.addTask { try await Self.read(from: connection, reader, answering: writer) }
            defer { group.cancelAll() }
            try await group.next()
        }
        await connection.finish()
    }

    private static func send(_ viewer: LiveViewer, to writer: ConnectionWriter) async throws {
        while !Task.isCancelled {
            switch await viewer.next(until: .now + pingInterval, sendingBy: { writer.writeAtOnce($0.bytes) }) {
            case .rest: try await writer.write([])
            case .beginning(let beginning): try await writer.write(beginning.bytes)
            case .picture(let chunk): try await writer.write(chunk.bytes)
            case nil:
                guard !viewer.isEnded else {
                    return try await writer.write(WebSocketFrame.close(1001, "the server ends"))
                }
                try await writer.write(WebSocketFrame.bytes(.ping, []))
            }
        }
    }

    /// Reads what the client sends until it has said its last word: it has nothing to say but answers and its end.
    private static func read(
        from connection: Connection, _ reader: MessageReader, answering writer: ConnectionWriter
    ) async throws {
        var reader = reader
        do {
            while true {
                connection.limitReading(to: silence)
                let frame = try await WebSocketFrame.read(from: &reader)
                switch frame.kind {
                case .ping: try await writer.write(WebSocketFrame.bytes(.pong, frame.payload))
                case .close: return try await writer.write(WebSocketFrame.close(1000))
                case .text, .binary, .continuation, .pong: break
                }
            }
        } catch MessageFault.malformed(let reason) {
            try await writer.write(WebSocketFrame.close(1002, reason))
        } catch MessageFault.bodyTooLong(let reason) {
            try await writer.write(WebSocketFrame.close(1009, reason))
        }
    }
}
