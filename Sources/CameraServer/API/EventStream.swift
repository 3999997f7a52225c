// SPDX-License-Identifier: MIT

internal import CameraCore

/// What happens, as server-sent events: the states of all cameras each second, and news.
struct EventStream: Sendable {
    let stations: @Sendable () -> [Station]
    let news: Hub<News>

    private static let interval = Duration.seconds(1)
    /// Events that a slow client may be behind.
    private static let backlog = 64

    var response: HTTPResponse {
        HTTPResponse(
            200, [("Content-Type", "text/event-stream")],
            body: .stream { connection in
                let (events, queue) = AsyncStream.makeStream(
                    of: [UInt8].self, bufferingPolicy: .bufferingNewest(Self.backlog))
                // The states come first, and nothing of what happens after them is left out.
                let pieces = news.stream()
                tellStates(queue)
                try await connection.whileOpen {
                    await withTaskGroup(of: Void.self) { group in
                        group.addTask {
                            while !Task.isCancelled {
                                await pause(for: Self.interval)
                                tellStates(queue)
                            }
                        }
                        group.addTask {
                            for await piece in pieces { queue.yield(Self.event("news", piece)) }
                        }
                        group.addTask {
                            for await bytes in events {
                                do { try await connection.write(bytes) } catch { return }
                            }
                        }
                        defer { group.cancelAll() }
                        await group.next()
                    }
                }
            })
    }

    private func tellStates(_ queue: AsyncStream<[UInt8]>.Continuation) {
        queue.yield(Self.event("cameras", stations().map(\.state)))
    }

    private static func event(_ name: String, _ value: some Encodable) -> [UInt8] {
        Array("event: \(name)\ndata: ".utf8) + JSON.bytes(value) + Array("\n\n".utf8)
    }
}
