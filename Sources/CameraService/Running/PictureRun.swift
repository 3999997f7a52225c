// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraKit
internal import CameraServer
internal import Synchronization

/// Takes the pictures of a camera's timelapse and those at times of the day, beside what the server does with it.
final class PictureRun: Sendable {
    private let plan: CameraPlan
    private let server: CameraServer
    private let lapse = Mutex<Task<Void, Never>?>(nil)
    /// The minute of the last still, so that no minute has two.
    private let lastMoment = Mutex<LocalClock?>(nil)

    /// The longest time between two attempts.
    private static let longestPause = Duration.seconds(30)

    init(_ plan: CameraPlan, _ server: CameraServer) {
        (self.plan, self.server) = (plan, server)
    }

    /// Begins the timelapse, where there is one.
    func begin() {
        guard let pictures = plan.timelapse else { return }
        let (name, server) = (plan.name, server)
        lapse.withLock { task in
            task = Task.ofServer { await Self.takeLapse(pictures, of: name, server) }
        }
    }

    /// Ends it; a picture that is being taken is finished.
    func end() { lapse.withLock { $0?.cancel() } }

    /// Takes a still whose minute has come; does not wait for it.
    func look(at clock: LocalClock) {
        guard let pictures = plan.stills, plan.moments.contains(where: { $0.isNow(clock) }) else { return }
        let isNew = lastMoment.withLock { last in
            defer { last = clock }
            return last != clock
        }
        guard isNew else { return }
        let (name, server) = (plan.name, server)
        Task.ofServer {
            do throws(CameraError) {
                guard let camera = server.camera(name) else {
                    throw CameraError(.deviceLost, "taking a still", subject: name, reason: "the camera is away")
                }
                // A series, whose numbers go on behind those that are there.
                let series = try camera.captureContinuous(
                    to: pictures.template, options: pictures.options)
                if let file = try await series.next() { server.tell(name, "file", "finished", file) }
            } catch {
                server.tell(name, "still", "failed", "\(error)")
            }
        }
    }

    private static func takeLapse(_ pictures: CameraPlan.PicturePlan, of name: String, _ server: CameraServer) async {
        var told: String?
        var pause = Duration.seconds(1)
        while !Task.isCancelled {
            do throws(CameraError) {
                if let camera = server.camera(name) {
                    let series = try camera.captureContinuous(
                        to: pictures.template, every: pictures.interval, latest: pictures.latest,
                        options: pictures.options)
                    while try await series.next() != nil { (told, pause) = (nil, .seconds(1)) }
                }
            } catch {
                // A camera that is away is told by the server.
                let isNews = ![.cancelled, .closed, .deviceLost, .sourceEnded].contains(error.code)
                let text = "\(error)"
                if isNews, told != text { server.tell(name, "timelapse", "failed", text) }
                told = text
            }
            await WakeUpCall().wait(until: .now + pause)
            pause = min(pause + pause, longestPause)
        }
    }
}
