// SPDX-License-Identifier: MIT

public import CameraCore
internal import CameraEncoders
internal import Synchronization
internal import SystemPackage

/// Pictures that are taken when they are asked for, or at equal intervals.
///
/// ```swift
/// let lapse = try camera.captureContinuous(to: "lapse-{counter:04d}.jpg", every: .seconds(60))
/// while let name = try lapse.next() { print(name) }
/// ```
public final class CaptureSeries: Sendable {
    private let camera: Camera
    private let names: FileTemplate
    private let series: FileSeries
    private let latest: LatestLink?
    private let take: @Sendable (Camera, String) throws(CameraError) -> Void
    private let schedule: Mutex<ShotSchedule?>

    init(
        camera: Camera, names: FileTemplate, series: FileSeries, schedule: ShotSchedule?, latest: LatestLink?,
        take: @escaping @Sendable (Camera, String) throws(CameraError) -> Void
    ) {
        self.camera = camera
        self.names = names
        self.series = series
        self.latest = latest
        self.take = take
        self.schedule = Mutex(schedule)
    }

    /// Takes the next picture; the time in its name is that before the exposure.
    ///
    /// With an interval it waits until the picture is due. One whose moment has passed, for which the camera gives no frame
    /// in time, or which the disk did not take although another one may be (it is full, or a write failed), is left out and
    /// told as ``CameraEvent/shotsMissed(count:_:)``.
    ///
    /// - Returns: The file, complete and closed; nil when the camera's source has ended.
    /// - Throws: What taking the picture throws; the next call tries the same number again.
    public func next() throws(CameraError) -> String? {
        while true {
            let schedule = schedule.withLock { $0 }
            if let due = schedule?.due, due > .now { try camera.wait(due - .now) }
            let time = Timestamp.now
            let name: String
            do {
                name = try series.make(names) { name throws(CameraError) in try take(camera, name) }
            } catch  where error.code == .sourceEnded {
                return nil
            } catch  where schedule != nil && error.mayPass {
                camera.report(.shotsMissed(count: 1, error))
                advance(takenAt: time)
                continue
            }
            advance(takenAt: time)
            try latest?.point(to: name)
            return name
        }
    }

    private func advance(takenAt time: Timestamp) {
        let missed = schedule.withLock { $0?.advance(takenAt: time, now: .now) } ?? 0
        if missed > 0 { camera.report(.shotsMissed(count: missed, nil)) }
    }
}

extension CameraError {
    /// Whether the next picture of a series may be taken all the same: the camera was late, or the disk may take another.
    package var mayPass: Bool {
        if code == .timedOut { return true }
        let passing: [Errno] = [.ioError, .noSpace, .diskQuotaExceeded, .resourceTemporarilyUnavailable]
        return code == .output && systemError.map(passing.contains) == true
    }
}
