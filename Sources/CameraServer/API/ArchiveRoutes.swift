// SPDX-License-Identifier: MIT

internal import CameraCore

/// Answers the requests for what was recorded of a camera.
struct ArchiveRoutes: Sendable {
    let station: Station

    private var camera: String { station.plan.name }

    /// Answers a request.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - rest: The path behind the camera's archive.
    /// - Returns: The answer.
    /// - Throws: What is told by ``HTTPResponse/error(_:)``.
    func respond(to request: HTTPRequest, _ rest: [String]) async throws(CameraError) -> HTTPResponse {
        guard let archive = station.archive else {
            throw CameraError(
                .unsupported, "looking at what was recorded", subject: camera,
                reason: "this server keeps no catalogue; serve a configuration file whose server.catalog names one")
        }
        switch (rest.first, rest.count) {
        case (nil, _): return try await timeLine(archive, request)
        case ("export.mp4", 1): return try export(archive, request)
        case (let id?, 1): return try await file(id, archive, request)
        default: throw CameraError(.notFound, "answering the request", reason: "there is nothing at this address")
        }
    }

    // MARK: The time line

    /// The longest time line: a month, in whatever time zone.
    private static let longest = 32 * 86_400.0
    /// The last moment that can be asked for: the year 2200.
    private static let end = 7_258_118_400.0

    private func timeLine(_ archive: ServedArchive, _ request: HTTPRequest) async throws(CameraError) -> HTTPResponse {
        guard request.method == "GET" else { return .wrongMethod("GET") }
        let (from, to) = try span(of: request)
        let camera = camera
        return try await archive.ask { recordings throws(CameraError) in
            .json(try recordings.timeLine(of: camera, from: from, to: to, limit: ServedArchive.limit))
        }
    }

    private func span(of request: HTTPRequest) throws(CameraError) -> (from: WallTime, to: WallTime) {
        let (from, to) = (try seconds("from", of: request), try seconds("to", of: request))
        guard from < to, to - from <= Self.longest else {
            throw CameraError(
                .invalidValue, "reading the address", subject: "from=\(from)&to=\(to)",
                reason: "'to' is a moment after 'from', and 32 days after it at most")
        }
        return (WallTime(secondsSince1970: from), WallTime(secondsSince1970: to))
    }

    private func seconds(_ name: String, of request: HTTPRequest) throws(CameraError) -> Double {
        let text = request.query[name]
        // A decimal number: no infinity, and nothing to the base of 16.
        let isPlain = text?.utf8.allSatisfy { "0123456789.eE+-".utf8.contains($0) } ?? false
        guard isPlain, let seconds = text.flatMap(Double.init), (0...Self.end).contains(seconds) else {
            throw CameraError(
                .invalidValue, "reading the address", subject: "\(name)=\(text ?? "")",
                reason: "it is a moment in seconds since 1970")
        }
        return seconds
    }

    // MARK: Files

    private struct Change: Decodable {
        let isProtected: Bool
    }

    private func file(
        _ id: String, _ archive: ServedArchive, _ request: HTTPRequest
    ) async throws(CameraError) -> HTTPResponse {
        let camera = camera
        let absence = CameraError(.notFound, "looking for the recording", reason: "there is no such file (any more)")
        guard ["GET", "PATCH"].contains(request.method) else { return .wrongMethod("GET, PATCH") }
        guard let id = Int64(id), id > 0 else { throw absence }
        if request.method == "PATCH" {
            guard let change = try? JSON.value(Change.self, from: request.body) else {
                return .error(
                    400, "malformed", #"The body must say whether the file is to stay: {"isProtected": true}."#)
            }
            let file = try await archive.ask { recordings throws(CameraError) in
                try recordings.protect(id, of: camera, change.isProtected)
            }
            station.news.tell(camera, "archive", change.isProtected ? "protected" : "released", file.name)
            return .json(file)
        }
        let found = try await archive.ask { recordings throws(CameraError) -> (name: String, file: ServedFile)? in
            guard let file = try recordings.file(id, of: camera), let opened = ServedFile(file.path) else { return nil }
            return (file.name, opened)
        }
        guard let found else { throw absence }
        return .file(found.file, named: found.name, request)
    }

    // MARK: A span as one file

    private func export(_ archive: ServedArchive, _ request: HTTPRequest) throws(CameraError) -> HTTPResponse {
        guard request.method == "GET" else { return .wrongMethod("GET") }
        let (from, to) = try span(of: request)
        let camera = camera
        return HTTPResponse(200, body: .pending { await Self.export(archive, camera, from, to, request) })
    }

    private static func export(
        _ archive: ServedArchive, _ camera: String, _ from: WallTime, _ to: WallTime, _ request: HTTPRequest
    ) async -> HTTPResponse {
        do throws(CameraError) {
            guard let file = try await archive.export(of: camera, from: from, to: to) else {
                var refusal = HTTPResponse.error(
                    503, "busy", "Another span is being exported; ask again when that is done.")
                refusal.fields.append(("Retry-After", "5"))
                return refusal
            }
            var response = HTTPResponse.file(file, type: "video/mp4", request)
            // Without the fraction of the second, which is of no use in a name.
            response.save(as: "\(camera)-\(from.text(places: 1).prefix(19)).mp4")
            return response
        } catch {
            return .error(error)
        }
    }
}

extension WallTime {
    /// From a moment as the API has it.
    fileprivate init(secondsSince1970: Double) {
        self.init(nanosecondsSince1970: Int64((secondsSince1970 * 1e9).rounded()))
    }
}
