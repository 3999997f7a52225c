// SPDX-License-Identifier: MIT

public import CameraCore
internal import CameraEncoders
internal import Synchronization

/// Pictures that are taken when they are asked for, or at equal intervals.
///
/// ```swift
/// let lapse = try camera.captureContinuous(to: "lapse-{counter:04d}.jpg", every: .seconds(60))
/// while let name = try lapse.next() { print(name) }
/// ```
public final class CaptureSeries: Sendable {
    private let camera: Camera
    private let names: FileTemplate
    private let latest: LatestLink?
    private let take: @Sendable (Camera, String) throws(CameraError) -> Void
    private let state: Mutex<State>

    private struct State {
        var counter: Int
        var schedule: ShotSchedule?
    }

    init(
        camera: Camera, names: FileTemplate, from counter: Int, schedule: ShotSchedule?, latest: LatestLink?,
        take: @escaping @Sendable (Camera, String) throws(CameraError) -> Void
    ) {
        self.camera = camera
        self.names = names
        self.latest = latest
        self.take = take
        state = Mutex(State(counter: counter, schedule: schedule))
    }

    /// Takes the next picture; the time in its name is that before the exposure.
    ///
    /// With an interval it waits until the picture is due. One whose moment has passed, or for which the camera gives no
    /// frame in time, is left out and told as ``CameraEvent/shotsMissed(count:_:)``.
    ///
    /// - Returns: The file, complete and closed; nil when the camera's source has ended.
    /// - Throws: What taking the picture throws; the next call tries the same number again.
    public func next() throws(CameraError) -> String? {
        while true {
            let (number, schedule) = state.withLock { ($0.counter + 1, $0.schedule) }
            if let due = schedule?.due, due > .now { try camera.wait(due - .now) }
            let name = names.name(counter: number)
            let time = Timestamp.now
            do {
                try take(camera, name)
            } catch  where error.code == .sourceEnded {
                return nil
            } catch  where error.code == .timedOut && schedule != nil {
                camera.report(.shotsMissed(count: 1, error))
                advance(takenAt: time)
                continue
            }
            state.withLock { $0.counter = number }
            advance(takenAt: time)
            try latest?.point(to: name)
            return name
        }
    }

    private func advance(takenAt time: Timestamp) {
        let missed = state.withLock { $0.schedule?.advance(takenAt: time, now: .now) } ?? 0
        if missed > 0 { camera.report(.shotsMissed(count: missed, nil)) }
    }
}
