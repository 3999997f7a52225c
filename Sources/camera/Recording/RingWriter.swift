// SPDX-License-Identifier: MIT

internal import CameraKit

/// The ring of `--circular`, and the files that it is written to.
struct RingWriter {
    /// What the recording writes to.
    let ring: CircularOutput
    private let clips: RingClips
    private let patience: Duration
    private let extent: CircularOutput.Extent
    private let frameRate: FrameRate
    private var copies = 0

    /// Makes an empty ring.
    ///
    /// - Parameters:
    ///   - extent: What to keep at least.
    ///   - keyFrameInterval: Frames from one key frame to the next; what is written begins with one.
    ///   - frameRate: The nominal rate.
    ///   - command: Names the files and says when they go to the disk.
    ///   - series: Gives the files their places.
    ///   - patience: How long a file may stand still while it is written.
    /// - Throws: `.invalidValue` for an extent that is not positive.
    init(
        _ extent: CircularOutput.Extent, keyFrameInterval: Int, frameRate: FrameRate, for command: Record,
        series: FileSeries, patience: Duration
    ) throws(CameraError) {
        let reserve: CircularOutput.Extent =
            switch extent {
            case .time(let duration): .time(duration + frameRate.interval * keyFrameInterval)
            case .frames(let count): .frames(count + keyFrameInterval)
            case .bytes: extent
            }
        ring = try CircularOutput(reserve)
        clips = try RingClips(
            of: ring, to: command.output, times: command.savePts, metadata: command.metadata, series: series,
            sync: command.sync ?? .none)
        self.extent = extent
        self.frameRate = frameRate
        self.patience = patience
    }

    /// Writes what the ring holds to the next file.
    ///
    /// - Parameter tell: Called with what was written.
    /// - Throws: What ``RingClips/write(timeout:onFinished:)`` throws.
    mutating func write(_ tell: (FinishedFile) -> Void) throws(CameraError) {
        var written: FinishedFile?
        defer { if written != nil { copies += 1 } }
        try clips.write(timeout: patience) { file in
            written = file
            tell(file)
        }
        guard ring.isFull, let written, let text = shortage(keeping: written.duration.inSeconds) else { return }
        Console.print("camera: \(text)")
    }

    /// What to say where the ring has no room for what was asked of it; nil where it has, or nobody knows.
    func shortage(at bytesPerSecond: Double?) -> String? {
        guard let bytesPerSecond else { return nil }
        return shortage(keeping: Double(ring.byteLimit) / bytesPerSecond)
    }

    private func shortage(keeping seconds: Double) -> String? {
        let frames = seconds * frameRate.framesPerSecond
        let (kept, asked): (String, String)
        switch extent {
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

    /// Writes what the ring holds when the recording has ended, unless that would replace what a signal asked for, and waits
    /// for the files to be on the disk as far as that was asked for.
    ///
    /// - Parameter tell: Called with what was written.
    /// - Throws: What writing throws; `.timedOut` when the disk does not take the files.
    mutating func writeEnd(_ tell: (FinishedFile) -> Void) throws(CameraError) {
        if copies == 0 || clips.isSeries { try write(tell) }
        try clips.waitForDisk(timeout: patience)
    }
}
