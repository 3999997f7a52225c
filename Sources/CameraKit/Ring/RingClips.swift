// SPDX-License-Identifier: MIT

public import CameraCore
public import CameraEncoders
public import CameraOutputs
internal import Synchronization

/// Writes what a ring holds into files of a series, with what tells about their pictures beside them.
///
/// ```swift
/// let ring = try CircularOutput(.time(.seconds(20)))
/// try camera.startRecording(to: .output(ring), format: .h264)
/// let clips = try RingClips(of: ring, to: "event-{counter:03d}.h264")
/// try clips.write { print("\($0.name): \($0.frames) frames") }
/// ```
///
/// May be used from any thread; one file is written after the other.
public final class RingClips: Sendable {
    private let ring: CircularOutput
    private let names: ClipNames
    private let syncing = Mutex(SyncingFiles())

    /// Takes the names of the files.
    ///
    /// - Parameters:
    ///   - ring: What is written.
    ///   - template: The files' names, or the name of one that each writing replaces.
    ///   - times: The names of files of the pictures' times beside them; see ``PTSOutput``.
    ///   - metadata: The names of files of what is known about the pictures; see ``MetadataOutput``.
    ///   - series: Gives the files their places; nil for a series of their own.
    ///   - sync: When the files go to the disk.
    /// - Throws: `.invalidValue` for a template that cannot be.
    public init(
        of ring: CircularOutput, to template: String, times: String? = nil, metadata: String? = nil,
        series: FileSeries? = nil, sync: SyncPolicy = .none
    ) throws(CameraError) {
        self.ring = ring
        let own: FileSeries
        if let series { own = series } else { own = try FileSeries() }
        names = try ClipNames(template, times: times, metadata: metadata, own, sync)
    }

    /// Whether each writing has a file of its own.
    public var isSeries: Bool { names.pictures.isSeries }

    /// Writes what the ring holds to the next file, from a key frame on.
    ///
    /// The name tells the moment of the first picture. Files beside the pictures that fail leave those alone; their error is
    /// thrown when the pictures' file is complete.
    ///
    /// - Parameters:
    ///   - timeout: How long the file may stand still while it is written.
    ///   - onFinished: Called with what was written, before the error of a file beside it is thrown.
    /// - Throws: `.nothingToCopy`, `.alreadyRecording` while the ring is being written, `.timedOut`, `.output`.
    public func write(
        timeout: Duration = .seconds(15), onFinished: (FinishedFile) -> Void = { _ in }
    ) throws(CameraError) {
        let clip = Clip(names)
        defer {
            if let finished = clip.finished {
                if let file = clip.file { syncing.withLock { $0.add(file) } }
                onFinished(finished)
            }
        }
        do {
            // By a thread of the ring's: a file that is stuck must not keep the caller.
            try ring.startWriting(to: .output(clip))
            _ = try ring.stopWriting(timeout: timeout)
            try clip.close()
        } catch {
            clip.discard()
            throw CameraError(wrapping: error, as: .output, "writing the ring")
        }
        // Of those before it; what is on the disk is not kept any longer. It does not wait.
        _ = try syncing.withLock { (syncing) throws(CameraError) in try syncing.check(until: .now) }
    }

    /// Waits for the files to be on the disk as far as their policy has it.
    ///
    /// - Throws: `.timedOut`; what syncing a file failed with.
    public func waitForDisk(timeout: Duration) throws(CameraError) {
        // Out of the lock, which nobody may wait for as long as a disk takes.
        var files = syncing.withLock { syncing in
            defer { syncing = SyncingFiles() }
            return syncing
        }
        guard try !files.check(until: .now + timeout) else { return }
        throw CameraError(
            .timedOut, "syncing the files to the disk", reason: "the disk did not take them within \(timeout)")
    }
}
