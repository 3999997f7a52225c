// SPDX-License-Identifier: MIT

internal import CameraCore

/// What happens, as server-sent events: the states of all cameras each second, and news.
struct EventStream: Sendable {
    let stations: [Station]
    let news: NewsHub

    private static let interval = Duration.seconds(1)

    var response: HTTPResponse {
        HTTPResponse(200, [("Content-Type", "text/event-stream")], body: .stream { connection in
            let turns = AsyncStream.makeStream(of: [UInt8].self, bufferingPolicy: .bufferingNewest(Self.backlog))
            let stream = news.stream()
            let ticker = Task {
                while !Task.isCancelled {
                    turns.continuation.yield(Self.event("cameras", stations.map(\.state)))
                    try? await Task.sleep(for: Self.interval)
                }
            }
            let listener = Task {
                for await piece in stream { turns.continuation.yield(Self.event("news", piece)) }
                turns.continuation.finish()
            }
            defer {
                ticker.cancel()
                listener.cancel()
            }
            try await connection.whileOpen {
                for await bytes in turns.stream { try await connection.write(bytes) }
            }
        })
    }

    /// Events that a slow client may be behind.
    private static let backlog = 64

    private static func event(_ name: String, _ value: some Encodable) -> [UInt8] {
        Array("event: \(name)\ndata: ".utf8) + JSON.bytes(value) + Array("\n\n".utf8)
    }
}
