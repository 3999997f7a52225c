// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraKit
internal import CameraOutputs

/// Answers the requests that name a camera.
struct CameraRoutes: Sendable {
    let station: Station

    /// Answers a request.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - rest: The path behind the camera's name.
    /// - Returns: The answer.
    /// - Throws: What is told by ``HTTPResponse/error(_:)``.
    func respond(to request: HTTPRequest, _ rest: [String]) async throws(CameraError) -> HTTPResponse {
        switch (rest.first, rest.count) {
        case (nil, _): return only("GET", request) { .json(station.state) }
        case ("settings", 1): return try await settings(request)
        case ("record", 1):
            return try await act(request, "recording") { run throws(CameraError) in try run.startRecording() }
        case ("stop", 1):
            return try await act(request, "stopping the recording") { run throws(CameraError) in try run.stopRecording()
            }
        case ("split", 1):
            return try await act(request, "going on in the next file") { run throws(CameraError) in try run.split() }
        case ("trigger", 1):
            return try await act(request, "beginning the file of an event") { run throws(CameraError) in
                try run.trigger()
            }
        case ("recordings", 1): return try await recordings(request)
        case ("recordings", 2): return try await recording(request, rest[1])
        case ("archive", _): return try await ArchiveRoutes(station: station).respond(to: request, Array(rest[1...]))
        case ("snapshot.jpg", 1): return try await snapshot(request)
        case ("stream.mjpg", 1):
            guard request.method == "GET" else { return .wrongMethod("GET") }
            return try await JPEGStream.response(of: station)
        case ("live", 1): return only("GET", request) { LiveSocket(station: station).response(to: request) }
        case ("hls", 2): return try await playlist(request, rest[1])
        default: throw CameraError(.notFound, "answering the request", reason: "there is nothing at this address")
        }
    }

    private func only(_ method: String, _ request: HTTPRequest, _ response: () -> HTTPResponse) -> HTTPResponse {
        request.method == method ? response() : .wrongMethod(method)
    }

    /// Has the station do something, and tells its state afterwards.
    private func act(
        _ request: HTTPRequest, _ operation: String,
        _ body: @escaping @Sendable (StationRun) throws(CameraError) -> Void
    ) async throws(CameraError) -> HTTPResponse {
        guard request.method == "POST" else { return .wrongMethod("POST") }
        try await station.ask(operation, body)
        return .json(station.state)
    }

    // MARK: Settings

    private func settings(_ request: HTTPRequest) async throws(CameraError) -> HTTPResponse {
        let camera = try await station.camera("reading the settings")
        switch request.method {
        case "GET": break
        case "PATCH":
            guard let changes = try? JSON.value([String: JSONScalar].self, from: request.body), !changes.isEmpty,
                changes.count <= Self.mostChanges
            else {
                return .error(
                    400, "malformed",
                    #"The body must be an object of JSON with settings and their values: {"brightness": 60}."#)
            }
            try await station.ask("setting the camera") { run throws(CameraError) in
                guard run.camera === camera else { throw CameraError(.deviceLost, "setting the camera") }
                try run.change { () throws(CameraError) in try Self.set(changes, of: camera) }
            }
        default: return .wrongMethod("GET, PATCH")
        }
        let described = try await station.ask("reading the settings") { _ throws(CameraError) in
            try camera.settings().map(SettingState.init)
        }
        return .json(described)
    }

    private static let mostChanges = 50

    /// Changes settings, in the order of their names; all are checked before the first is changed.
    private static func set(_ changes: [String: JSONScalar], of camera: Camera) throws(CameraError) {
        let present = try camera.settings()
        var values: [(CameraSetting, SettingValue)] = []
        for (name, scalar) in changes.sorted(by: { $0.key < $1.key }) {
            guard let description = present.first(where: { "\($0.setting)" == name }) else {
                let names = present.map { "\($0.setting)" }.joined(separator: ", ")
                throw CameraError(
                    .unknownOption, "setting the camera", subject: name, reason: "this camera has \(names)")
            }
            values.append((description.setting, try description.value(parsing: scalar.text, of: camera.name)))
        }
        for (setting, value) in values { try camera.set(setting, to: value) }
    }

    // MARK: Recordings

    private func recordings(_ request: HTTPRequest) async throws(CameraError) -> HTTPResponse {
        guard request.method == "GET" else { return .wrongMethod("GET") }
        let limit = try request.number("limit", in: 1...1000) ?? 200
        let files = await RecordedFile.all(of: station)
        return .json(Array(files.prefix(limit)))
    }

    private func recording(_ request: HTTPRequest, _ id: String) async throws(CameraError) -> HTTPResponse {
        guard request.method == "GET" else { return .wrongMethod("GET") }
        // Only what the list has: no path of a client's is ever opened.
        guard let found = await RecordedFile.all(of: station).first(where: { $0.id == id }),
            let file = ServedFile(found.path)
        else { throw CameraError(.notFound, "looking for the recording", reason: "there is no such file (any more)") }
        return .file(file, named: found.name, request)
    }

    // MARK: Pictures

    private func snapshot(_ request: HTTPRequest) async throws(CameraError) -> HTTPResponse {
        guard request.method == "GET" else { return .wrongMethod("GET") }
        return HTTPResponse(200, type: "image/jpeg", try await station.snapshots.take(of: station))
    }

    private func playlist(_ request: HTTPRequest, _ name: String) async throws(CameraError) -> HTTPResponse {
        guard request.method == "GET" else { return .wrongMethod("GET") }
        let file = try await station.playlist.file(name, of: station)
        let type = name.hasSuffix(".m3u8") ? "application/vnd.apple.mpegurl" : "video/mp4"
        return .file(file, type: type, request)
    }
}

extension HTTPRequest {
    /// A number of the query; nil where it is not there.
    func number(_ name: String, in range: ClosedRange<Int>) throws(CameraError) -> Int? {
        guard let text = query[name] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw CameraError(
                .invalidValue, "reading the address", subject: "\(name)=\(text)",
                reason: "it is a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}
