// SPDX-License-Identifier: MIT

internal import CameraCore

/// Live pictures as JPEG, for browsers and programs that can show nothing else (multipart/x-mixed-replace).
enum JPEGStream {
    private static let boundary = "camera-picture"
    /// How long the first picture may take.
    private static let patience = Duration.seconds(10)

    static func response(of station: Station) async throws(CameraError) -> HTTPResponse {
        _ = try await station.camera("showing live pictures")
        let type = "multipart/x-mixed-replace; boundary=\(boundary)"
        return HTTPResponse(
            200, [("Content-Type", type)],
            body: .stream { connection in
                guard let viewer = station.jpeg.join(.pictures) else { return }
                defer { station.jpeg.leave(viewer, .pictures) }
                try await connection.whileOpen { try await send(viewer, to: connection) }
            })
    }

    private static func send(_ viewer: LiveViewer, to connection: Connection) async throws {
        try await connection.write(Array("--\(boundary)\r\n".utf8))
        while let item = await viewer.next() {
            guard case .picture(let chunk) = item else { continue }
            let time = Double(chunk.info.wallTime.nanosecondsSince1970) / 1e9
            let head =
                "Content-Type: image/jpeg\r\nContent-Length: \(chunk.bytes.count)\r\nX-Timestamp: \(time)\r\n\r\n"
            // The next boundary at once: a browser shows a picture when it has seen its end.
            try await connection.write(Array(head.utf8) + chunk.bytes + Array("\r\n--\(boundary)\r\n".utf8))
        }
    }
}

extension Connection {
    /// Does something that does not read, until it is done or the client is gone, which cancels it.
    ///
    /// What the client sends is read and forgotten, since that is how its going is noticed.
    ///
    /// - Returns: What it gives; nil when the client has gone before.
    /// - Throws: What it throws; what reading throws.
    @discardableResult
    func whileOpen<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value? {
        limitReading(to: nil)
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask { [self] in
                while try await !read().isEmpty {}
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }
}
