// SPDX-License-Identifier: MIT

internal import CameraKit

/// The ring of `--circular`, and the files that it is written to.
struct RingWriter {
    /// What the recording writes to.
    let ring: CircularOutput
    private let names: FileTemplate
    private let files: RecordedFiles
    private var copies = 0

    /// Makes an empty ring.
    ///
    /// - Parameters:
    ///   - extent: What to keep at least.
    ///   - keyFrameInterval: Frames from one key frame to the next; what is written begins with one.
    ///   - frameRate: The nominal rate.
    ///   - names: The files' names.
    ///   - files: Opens the files.
    /// - Throws: `.invalidValue` for an extent that is not positive.
    init(
        _ extent: CircularOutput.Extent, keyFrameInterval: Int, frameRate: FrameRate, names: FileTemplate,
        files: RecordedFiles
    ) throws(CameraError) {
        let reserve: CircularOutput.Extent =
            switch extent {
            case .time(let duration): .time(duration + frameRate.interval * keyFrameInterval)
            case .frames(let count): .frames(count + keyFrameInterval)
            case .bytes: extent
            }
        ring = try CircularOutput(reserve)
        self.names = names
        self.files = files
    }

    /// Writes what the ring holds to the next file.
    mutating func write() throws(CameraError) {
        let file = try files.open(.path(names.name(counter: copies + 1)))
        do {
            try ring.copy(to: .output(file))
            try file.close()
        } catch {
            file.discard()
            throw CameraError(wrapping: error, as: .output, "writing the ring")
        }
        copies += 1
    }

    /// Writes what the ring holds when the recording has ended, unless that would replace what a signal asked for.
    mutating func writeEnd() throws(CameraError) {
        if copies == 0 || names.isSeries { try write() }
    }
}
