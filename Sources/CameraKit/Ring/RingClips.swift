// SPDX-License-Identifier: MIT

public import CameraCore
public import CameraEncoders
public import CameraOutputs
internal import Synchronization

/// Writes the pictures of a ring into a series of files, with files of their times and metadata beside them.
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

    /// Prepares for writing; no file is made yet.
    ///
    /// - Parameters:
    ///   - ring: The ring to write.
    ///   - template: The template of the files' names; without a place it names one file, which each write replaces.
    ///   - times: The template of the names of files with the pictures' times, see ``PTSOutput``; nil for none.
    ///   - metadata: The template of the names of files with what is known about the pictures, see ``MetadataOutput``; nil for
    ///     none.
    ///   - sync: When the files go to the disk.
    /// - Throws: `.invalidValue` for a template that cannot be read.
    public convenience init(
        of ring: CircularOutput, to template: String, times: String? = nil, metadata: String? = nil,
        sync: SyncPolicy = .none
    ) throws(CameraError) {
        try self.init(
            of: ring, to: template, times: times, metadata: metadata, series: try FileSeries(), sync: sync)
    }

    /// Prepares for writing, with the series that numbers the files.
    package init(
        of ring: CircularOutput, to template: String, times: String?, metadata: String?, series: FileSeries,
        sync: SyncPolicy
    ) throws(CameraError) {
        self.ring = ring
        names = try ClipNames(template, times: times, metadata: metadata, series, sync)
    }

    /// Whether each write makes a file of its own.
    public var isSeries: Bool { names.pictures.isSeries }

    /// Writes the pictures of the ring to the next file, from a key frame on.
    ///
    /// `{timestamp}` in the names is the time of the first picture. When a file of times or metadata fails, the pictures' file
    /// is completed all the same, and the error is thrown afterwards.
    ///
    /// - Parameters:
    ///   - timeout: The longest time that the file may take no picture while it is written.
    ///   - onFinished: Called with the finished file, before the error of a file beside it is thrown.
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

    /// Waits until the written files are on the disk, as far as their sync policy asks for that.
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
