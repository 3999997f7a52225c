// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraEncoders
internal import CameraOutputs
internal import Synchronization

/// Names the files of one recording by templates, all that go together by the same place in a series.
final class RecordingNames: NextFileNames {
    private let templates: [OutputKey: FileTemplate]
    private let series: FileSeries
    /// The names that were given out and are not used yet: their files may be open already.
    private let offered = Mutex<Set<String>>([])

    init(_ templates: [OutputKey: FileTemplate], series: FileSeries) {
        self.templates = templates
        self.series = series
    }

    var tellMoments: Bool { templates.values.contains(where: \.hasTimestamp) }

    func next(at moment: WallTime) throws(CameraError) -> NextFiles {
        let all = Array(templates.values)
        let place = try series.place(for: all, at: moment, own: offered.withLock { $0 })
        let names = templates.mapValues { $0.name(of: place) }
        offered.withLock { $0.formUnion(names.values) }
        return NextFiles(targets: names.mapValues { .path($0) }) { [self] in
            series.use(place, for: all)
            offered.withLock { $0 = [] }
        }
    }
}
