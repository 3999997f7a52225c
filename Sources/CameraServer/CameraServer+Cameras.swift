// SPDX-License-Identifier: MIT

internal import CameraCore
public import CameraKit

/// Cameras that come and go while the server runs.
///
/// The others are not touched: their recordings, viewers and streams go on.
extension CameraServer {
    /// The names of the cameras, the one that is shown first in front.
    public var cameraNames: [String] { state.withLock { $0.stations.map(\.plan.name) } }

    /// Serves another camera from now on.
    ///
    /// - Parameter camera: The camera; one that cannot be opened is shown as away, and tried again.
    /// - Throws: `.invalidValue` for a name that cannot stand in an address or is used; `.busy` while a camera of this name is
    ///   still ending; `.closed` when the server ends.
    public func add(_ camera: ServedCamera) throws(CameraError) {
        try camera.check()
        try state.update { state throws(CameraError) in
            guard state.phase == .serving else {
                throw CameraError(.closed, "serving another camera", subject: camera.name)
            }
            guard !state.leaving.contains(where: { $0.plan.name == camera.name }) else {
                throw CameraError(
                    .busy, "serving another camera", subject: camera.name,
                    reason: "the camera that had this name is still finishing its files; try again soon")
            }
            try state.add(camera, news)
        }
    }

    /// Serves a camera no more, and waits for its end.
    ///
    /// Its recordings are finished, it is closed where the server has opened it, and who watches it learns that it has ended.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - timeout: The longest time to wait; it goes on ending afterwards.
    /// - Throws: `.notFound` for a name that there is not; `.timedOut` when a file or the camera takes longer.
    public func remove(_ name: String, timeout: Duration = .seconds(60)) throws(CameraError) {
        let station = try dismiss(name)
        let isGone = state.wait(until: .now + timeout) { $0.hasLeft(station) ? true : nil }
        if isGone == nil { throw Self.lateness(of: name) }
    }

    /// As the blocking method, and throws as it does; suspends the task meanwhile.
    public func remove(_ name: String, timeout: Duration = .seconds(60)) async throws(CameraError) {
        let station = try dismiss(name)
        let isGone = await state.suspend(until: .now + timeout) { $0.hasLeft(station) ? true : nil }
        if isGone == nil { throw Self.lateness(of: name) }
    }

    private static func lateness(of name: String) -> CameraError {
        CameraError(.timedOut, "ending a camera", subject: name, reason: "it or a disk does not answer")
    }

    /// Begins the end of a camera.
    private func dismiss(_ name: String) throws(CameraError) -> Station {
        let state = state
        let removed = state.update { state -> Station? in
            guard let index = state.stations.firstIndex(where: { $0.plan.name == name }) else { return nil }
            let station = state.stations.remove(at: index)
            state.leaving.append(station)
            return station
        }
        guard let station = removed else { throw CameraError(.notFound, "ending a camera", subject: name) }
        station.end()
        // However long others wait, it is forgotten only when it has ended: the end of the server waits for it as well.
        Task.ofServer {
            _ = await station.waitForEnd(until: nil)
            await station.playlist.end()
            state.update { state in state.leaving.removeAll { $0 === station } }
        }
        return station
    }

    /// Shows the cameras in the order of the names; those that it does not have follow.
    package func arrange(_ names: [String]) {
        state.update { state in
            let rank = Dictionary(zip(names, names.indices)) { first, _ in first }
            let ranked = state.stations.enumerated().sorted { a, b in
                let ranks = (rank[a.element.plan.name] ?? .max, rank[b.element.plan.name] ?? .max)
                return ranks.0 == ranks.1 ? a.offset < b.offset : ranks.0 < ranks.1
            }
            state.stations = ranked.map(\.element)
        }
    }

    /// Wants a camera to record from now on, or no more; does not wait.
    ///
    /// It holds also while the camera is away.
    package func want(recording isWanted: Bool, of name: String) {
        let station = state.withLock { $0.stations.first { $0.plan.name == name } }
        station?.request { $0.want(isWanted) }
    }

    /// A camera while it is open; nil while it is away, and for a name that there is not.
    package func camera(_ name: String) -> Camera? {
        state.withLock { $0.stations.first { $0.plan.name == name } }?.shown.camera
    }

    /// What each camera does now.
    package var states: [CameraState] { state.withLock(\.stations).map(\.state) }

    /// A picture of a camera as JPEG, taken now.
    ///
    /// - Throws: `.notFound` for a name that there is not; `.deviceLost` while it is away; what taking it throws.
    package func picture(of name: String) async throws(CameraError) -> [UInt8] {
        guard let station = state.withLock({ $0.stations.first { $0.plan.name == name } }) else {
            throw CameraError(.notFound, "taking a picture", subject: name)
        }
        return try await station.snapshots.take(of: station)
    }

    /// Tells those who listen to the server of something that others do with a camera.
    package func tell(_ camera: String, _ subject: String, _ event: String, _ message: String? = nil) {
        news.tell(camera, subject, event, message)
    }
}

extension CameraServer.State {
    /// Whether a station that was removed has ended.
    fileprivate func hasLeft(_ station: Station) -> Bool { !leaving.contains { $0 === station } }

    /// Begins to serve a camera whose plan was checked.
    mutating func add(_ camera: ServedCamera, _ news: Hub<News>) throws(CameraError) {
        guard !stations.contains(where: { $0.plan.name == camera.name }) else {
            throw CameraError(
                .invalidValue, "serving a camera", subject: camera.name,
                reason: "two cameras have this name; give each its own")
        }
        stations.append(
            try Station(camera, number: count, news: news, archive: archive, patience: patience))
        count += 1
    }
}
