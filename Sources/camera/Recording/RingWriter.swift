// SPDX-License-Identifier: MIT

internal import CameraCommands
internal import CameraKit

/// The ring of `--circular`, and the files that it is written to.
final class RingWriter {
    /// What the recording writes to.
    let ring: CircularOutput
    /// What begins files when something moves; nil where nobody asked for that.
    let motion: MotionTrigger?
    private let clips: RingClips
    private let patience: Duration
    private let after: Duration?
    private let room: RingRoom
    private var copies = 0

    /// Makes an empty ring.
    ///
    /// - Parameters:
    ///   - extent: What to keep at least.
    ///   - frameRate: The nominal rate.
    ///   - command: Names the files and says when they go to the disk, and what begins and ends them.
    ///   - series: Gives the files their places.
    ///   - patience: How long a file may stand still while it is written.
    ///   - onEvent: Told of each file, on a thread of its own.
    /// - Throws: `.invalidValue` for an extent that is not positive.
    init(
        _ extent: CircularOutput.Extent, frameRate: FrameRate, for command: Record, series: FileSeries,
        patience: Duration, onEvent: @escaping @Sendable (CameraEvent) -> Void
    ) throws(CameraError) {
        let ring = try CircularOutput(extent, stopTimeout: patience)
        let room = RingRoom(ring: ring, frameRate: frameRate)
        let after = command.after
        clips = try RingClips(
            of: ring, to: command.output, times: command.savePts, metadata: command.metadata,
            sync: command.sync ?? .none, retention: command.retention.retention, splitterPort: Recorder.port,
            series: series
        ) { event in
            onEvent(event)
            guard case .fileFinished(_, let file) = event, ring.isFull else { return }
            if let text = room.shortage(keeping: file.duration - (after ?? .zero)) { Console.print("camera: \(text)") }
        }
        motion = command.onMotion ? after.map { [clips] in MotionTrigger(clips, after: $0) } : nil
        self.ring = ring
        self.room = room
        self.after = after
        self.patience = patience
    }

    /// What to say where the ring has no room for what was asked of it; nil where it has, or nobody knows.
    func shortage(at bytesPerSecond: Double?) -> String? {
        bytesPerSecond.flatMap { room.shortage(keeping: .seconds(Double(ring.byteLimit) / $0)) }
    }

    /// Writes what the ring holds to the next file, or, where each file has a time after its event, begins it or prolongs it.
    ///
    /// - Throws: What ``RingClips/write(timeout:)`` and ``RingClips/trigger(at:before:after:)`` throw.
    func write() throws(CameraError) {
        if let after { return try clips.trigger(after: after) }
        copies += 1
        try clips.write(timeout: patience)
    }

    /// Writes what the ring holds when the recording has ended, unless only events are written or that would replace what a signal
    /// asked for, and completes all files.
    ///
    /// - Throws: What writing throws; the first error of an event's file; `.timedOut` when the disk does not take the files.
    func writeEnd() throws(CameraError) {
        if after == nil, copies == 0 || clips.isSeries { try clips.write(timeout: patience) }
        try clips.close(timeout: patience)
    }
}

/// What a ring has room for.
private struct RingRoom {
    let ring: CircularOutput
    let frameRate: FrameRate

    /// What to say where it keeps only so much; nil where that is what was asked for.
    func shortage(keeping duration: Duration) -> String? {
        let seconds = duration.inSeconds
        let frames = seconds * frameRate.framesPerSecond
        let (kept, asked): (String, String)
        switch ring.limit {
        case .time(let time) where seconds < time.inSeconds:
            let places = seconds < 10 ? 1 : 0
            kept = "\(Figures.decimal(seconds, places: places)) s"
            asked = "\(Figures.decimal(time.inSeconds, places: places)) s"
        case .frames(let count) where frames < Double(count):
            (kept, asked) = (Figures.frames(Int(frames)), "\(count)")
        default: return nil
        }
        return "the ring of \(Figures.bytes(ring.byteLimit)) keeps only \(kept) of this video, not \(asked): give its "
            + "size, as in --circular 1GB, or record with fewer bits"
    }
}
