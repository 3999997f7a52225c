// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraEncoders
internal import CameraOutputs
internal import Synchronization
internal import SystemPackage

/// Names the files of one recording by templates, all that go together by the same place in a series.
final class RecordingNames: NextFileNames {
    private let templates: [OutputKey: FileTemplate]
    private let series: FileSeries
    /// Keeps the files within their bounds.
    private let keeper: RetentionKeeper?
    /// The names that were given out and are not used yet: their files may be open already.
    private let offered = Mutex<Set<String>>([])

    init(_ templates: [OutputKey: FileTemplate], series: FileSeries, keeper: RetentionKeeper?) {
        self.templates = templates
        self.series = series
        self.keeper = keeper
    }

    var tellMoments: Bool { templates.values.contains(where: \.hasTimestamp) }

    func next(at moment: WallTime) throws(CameraError) -> NextFiles {
        let all = Array(templates.values)
        let place = try series.place(for: all, at: moment, own: offered.withLock { $0 })
        let names = templates.mapValues { $0.name(of: place) }
        offered.withLock { $0.formUnion(names.values) }
        if let keeper { try prepare(names, keeper) }
        return NextFiles(targets: names.mapValues { .path($0) }) { [self] in
            series.use(place, for: all)
            offered.withLock { $0 = [] }
            keeper?.wake()
        }
    }

    /// Tells who deletes old files of a new one, and makes its folders, which go when they are empty.
    private func prepare(_ names: [OutputKey: String], _ keeper: RetentionKeeper) throws(CameraError) {
        if let name = names[.frame] { keeper.noteBegun(name) }
        for (key, name) in names {
            if let template = templates[key] { try keeper.makeFolders(of: name, template) }
        }
    }
}
