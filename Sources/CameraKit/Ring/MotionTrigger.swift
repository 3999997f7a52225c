// SPDX-License-Identifier: MIT

public import CameraCore
public import CameraOutputs
internal import Synchronization

/// Has a ring's files written while something moves: the `motionOutput` of the ring's recording.
///
/// ```swift
/// let ring = try CircularOutput(.time(.seconds(10)))
/// let clips = try RingClips(of: ring, to: "event-{counter:03d}.mp4")
/// let trigger = MotionTrigger(clips, before: .seconds(5), after: .seconds(10))
/// try camera.startRecording(to: .output(ring), format: .h264, motionOutput: .output(trigger))
/// ```
///
/// Each picture with movement is an event, so that a file ends when nothing has moved for as long as `after`. A file that cannot be
/// begun does not end the recording; ``RingClips`` tells of it.
public final class MotionTrigger: MotionAnalysis, @unchecked Sendable {
    // Unchecked because its class is: all that is its own is locked.

    private let clips: RingClips
    private let before: Duration?
    private let after: Duration
    private let onChange: @Sendable (Bool) -> Void
    private let state: Mutex<State>

    private struct State {
        var detector: MotionDetector
        /// Whether the present movement could not be written, which is told once.
        var hasFailed = false
    }

    /// Makes a trigger.
    ///
    /// - Parameters:
    ///   - clips: What writes the files.
    ///   - detector: What tells movement.
    ///   - before: The time before the movement that a file has at least; nil for all that the ring keeps.
    ///   - after: The time after the last picture with movement that it has.
    public convenience init(
        _ clips: RingClips, detector: MotionDetector = MotionDetector(), before: Duration? = nil, after: Duration
    ) {
        self.init(clips, detector: detector, before: before, after: after) { _ in }
    }

    /// Makes a trigger that tells when movement begins and ends.
    ///
    /// - Parameters:
    ///   - clips: As above.
    ///   - detector: As above.
    ///   - before: As above.
    ///   - after: As above.
    ///   - onChange: Told whether something moves, on the callback thread; must not wait.
    package init(
        _ clips: RingClips, detector: MotionDetector, before: Duration?, after: Duration,
        onChange: @escaping @Sendable (Bool) -> Void
    ) {
        self.onChange = onChange
        self.clips = clips
        self.before = before
        self.after = after
        state = Mutex(State(detector: detector))
        super.init()
    }

    /// Looks at the vectors of one picture, on the callback thread.
    public override func analyze(_ field: MotionField) {
        let (isMoving, change) = state.withLock { state in
            let change = state.detector.add(field)
            if !state.detector.isMoving { state.hasFailed = false }
            return (state.detector.isMoving, change)
        }
        if change != nil { onChange(isMoving) }
        guard isMoving, let info = field.info else { return }
        do throws(CameraError) {
            try clips.trigger(at: info.sensorTime, before: before, after: after)
        } catch {
            let isNews = state.withLock { state in
                defer { state.hasFailed = true }
                return !state.hasFailed
            }
            if isNews { clips.fail(error) }
        }
    }
}
