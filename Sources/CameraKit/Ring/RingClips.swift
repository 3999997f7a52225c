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
/// print(try clips.write().name)
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
    /// - Parameter timeout: How long the file may stand still while it is written.
    /// - Returns: What was written.
    /// - Throws: `.nothingToCopy`, `.alreadyRecording` while the ring is being written, `.timedOut`, `.output`.
    public func write(timeout: Duration = .seconds(15)) throws(CameraError) -> FinishedFile {
        let clip = Clip(names)
        do {
            // By a thread of the ring's: a file that is stuck must not keep the caller.
            try ring.startWriting(to: .output(clip))
            _ = try ring.stopWriting(timeout: timeout)
            try clip.close()
        } catch {
            clip.discard()
            throw CameraError(wrapping: error, as: .output, "writing the ring")
        }
        return try syncing.withLock { (syncing) throws(CameraError) in
            if let file = clip.file { syncing.add(file) }
            try syncing.check(until: .now)
            guard let finished = clip.finished else { throw CameraError(.nothingToCopy, "writing the ring") }
            return finished
        }
    }

    /// Waits for the files to be on the disk as far as their policy has it.
    ///
    /// - Throws: `.timedOut`; what syncing a file failed with.
    public func waitForDisk(timeout: Duration) throws(CameraError) {
        let isThere = try syncing.withLock { (syncing) throws(CameraError) in
            try syncing.check(until: .now + timeout)
        }
        guard !isThere else { return }
        throw CameraError(
            .timedOut, "syncing the files to the disk", reason: "the disk did not take them within \(timeout)")
    }
}

/// The names of a ring's files and of those beside them.
struct ClipNames: Sendable {
    let pictures: FileTemplate
    private let times: FileTemplate?
    private let metadata: FileTemplate?
    private let series: FileSeries
    private let sync: SyncPolicy

    init(
        _ pictures: String, times: String?, metadata: String?, _ series: FileSeries, _ sync: SyncPolicy
    ) throws(CameraError) {
        self.pictures = try FileTemplate(pictures)
        self.times = try Self.template(times)
        self.metadata = try Self.template(metadata)
        self.series = series
        self.sync = sync
    }

    private static func template(_ path: String?) throws(CameraError) -> FileTemplate? {
        guard let path else { return nil }
        return try FileTemplate(path)
    }

    private var templates: [FileTemplate] { [pictures, times, metadata].compactMap(\.self) }

    /// Opens the files whose first picture was taken at a moment.
    ///
    /// - Parameters:
    ///   - moment: The moment.
    ///   - telling: Called with the name of the pictures' file before it is opened.
    /// - Returns: The pictures' file first.
    /// - Throws: What opening them throws; none is left then.
    func open(at moment: WallTime, telling: (String) -> Void) throws(CameraError) -> [OpenedOutput] {
        let place = try series.place(for: templates, at: moment)
        telling(pictures.name(of: place))
        var opened: [OpenedOutput] = []
        do throws(CameraError) {
            opened.append(try OpenedOutput(.path(pictures.name(of: place)), sync: sync))
            if let times {
                let file = try OpenedOutput(.path(times.name(of: place)), sync: sync)
                opened.append(OpenedOutput(PTSOutput(file), isOwned: true, name: file.name))
            }
            if let metadata {
                let file = try OpenedOutput(.path(metadata.name(of: place)), sync: sync)
                opened.append(OpenedOutput(MetadataOutput(file), isOwned: true, name: file.name))
            }
        } catch {
            for output in opened { output.discard() }
            throw error
        }
        series.use(place, for: templates)
        return opened
    }
}
