// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraKit

/// Answers the requests of the page and of other programs, as openapi.yaml describes them.
struct Routes: Sendable {
    /// The stations of the cameras that there are now.
    let stations: @Sendable () -> [Station]
    let news: Hub<News>
    /// Pages of the program's own, by their paths.
    let pages: [String: String]
    /// What else is counted, for /metrics.
    let counts: [Metrics.Count]

    /// What a request names.
    private enum Place {
        case page([UInt8]), health, metrics, description, events, cameras
        case camera(Station, [String])
    }

    /// Answers a request.
    func answer(_ request: HTTPRequest) async -> HTTPResponse {
        do throws(CameraError) {
            return try await respond(to: request)
        } catch {
            return .error(error)
        }
    }

    private func respond(to request: HTTPRequest) async throws(CameraError) -> HTTPResponse {
        switch try place(of: request) {
        case .page(let page): return get(request) { Page.response(page) }
        case .health: return get(request) { health }
        case .metrics:
            return get(request) {
                HTTPResponse(
                    200, type: "text/plain; version=0.0.4; charset=utf-8", Array(Metrics.text(stations(), counts).utf8))
            }
        case .description:
            return get(request) { HTTPResponse(200, type: "application/yaml", PackageResources.openapi_yaml) }
        case .events: return get(request) { EventStream(stations: stations, news: news).response }
        case .cameras: return get(request) { .json(stations().map(\.state)) }
        case .camera(let station, let rest):
            return try await CameraRoutes(station: station).respond(to: request, rest)
        }
    }

    private func place(of request: HTTPRequest) throws(CameraError) -> Place {
        if let page = pages["/" + request.path.joined(separator: "/")] { return .page(Array(page.utf8)) }
        switch request.path {
        case [], ["index.html"]: return .page(PackageResources.page_html)
        case ["healthz"]: return .health
        case ["metrics"]: return .metrics
        case ["snapshot.jpg"], ["stream.mjpg"]:
            return .camera(try station(request.query["camera"]), request.path)
        case ["api", "v1", "openapi.yaml"]: return .description
        case ["api", "v1", "events"]: return .events
        case ["api", "v1", "cameras"]: return .cameras
        case let path where path.count >= 4 && path[..<3] == ["api", "v1", "cameras"]:
            return .camera(try station(path[3]), Array(path[4...]))
        default: throw CameraError(.notFound, "answering the request", reason: "there is nothing at this address")
        }
    }

    private func station(_ name: String?) throws(CameraError) -> Station {
        let stations = stations()
        let found = name == nil ? stations.first : stations.first { $0.plan.name == name }
        guard let found else {
            let names = stations.map(\.plan.name).joined(separator: ", ")
            throw CameraError(
                .notFound, "answering the request", reason: "there is no such camera, but these: \(names)")
        }
        return found
    }

    private func get(_ request: HTTPRequest, _ response: () -> HTTPResponse) -> HTTPResponse {
        request.method == "GET" ? response() : .wrongMethod("GET")
    }

    private struct Health: Encodable {
        let cameras: [String: CameraState.Phase]
    }

    private var health: HTTPResponse {
        let phases = Dictionary(uniqueKeysWithValues: stations().map { ($0.plan.name, $0.phase) })
        let isWell = phases.values.allSatisfy { $0 == .running }
        return .json(Health(cameras: phases), status: isWell ? 200 : 503)
    }
}

extension HTTPResponse {
    /// The answer for a method that the address does not know.
    static func wrongMethod(_ allowed: String) -> HTTPResponse {
        var response = HTTPResponse.error(405, "method", "This address takes \(allowed).")
        response.fields.append(("Allow", allowed == "GET" ? "GET, HEAD" : allowed))
        return response
    }
}
