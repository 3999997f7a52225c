// SPDX-License-Identifier: MIT

internal import CameraContainers
internal import CameraCore
internal import CameraOutputs
internal import Synchronization

/// The names of a ring's files and of those beside them.
final class ClipNames: Sendable {
    let pictures: FileTemplate
    private let times: FileTemplate?
    private let metadata: FileTemplate?
    private let series: FileSeries
    private let sync: SyncPolicy
    private let keeper: RetentionKeeper?
    /// Held while files are opened: no two get the same place.
    private let opening = Mutex(())

    init(
        _ pictures: String, times: String?, metadata: String?, _ series: FileSeries, _ sync: SyncPolicy,
        _ keeper: RetentionKeeper?
    ) throws(CameraError) {
        try OutputTarget.path(pictures).refusePlaylist("naming the ring's files", "write the ring to an .mp4")
        self.pictures = try FileTemplate(pictures)
        self.times = try Self.template(times)
        self.metadata = try Self.template(metadata)
        self.series = series
        self.sync = sync
        self.keeper = keeper
        // Where there is no retention, nobody makes the folders.
        if keeper == nil { for template in templates { try template.checkFolder() } }
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
        try opening.withLock { _ throws(CameraError) in try openNext(at: moment, telling: telling) }
    }

    private func openNext(at moment: WallTime, telling: (String) -> Void) throws(CameraError) -> [OpenedOutput] {
        let place = try series.place(for: templates, at: moment)
        telling(pictures.name(of: place))
        if let keeper {
            keeper.noteBegun(pictures.name(of: place))
            for template in templates { try keeper.makeFolders(of: template.name(of: place), template) }
        }
        var opened: [OpenedOutput] = []
        do throws(CameraError) {
            let name = pictures.name(of: place)
            opened.append(try open(name).inContainer(of: name))
            if let times {
                let file = try open(times.name(of: place))
                opened.append(OpenedOutput(PTSOutput(file), isOwned: true, name: file.name))
            }
            if let metadata {
                let file = try open(metadata.name(of: place))
                opened.append(OpenedOutput(MetadataOutput(file), isOwned: true, name: file.name))
            }
        } catch {
            for output in opened { output.discard() }
            throw error
        }
        series.use(place, for: templates)
        keeper?.wake()
        return opened
    }

    private func open(_ name: String) throws(CameraError) -> OpenedOutput {
        try OpenedOutput(.path(name), sync: sync, timeout: .seconds(15), keeper: keeper)
    }
}
